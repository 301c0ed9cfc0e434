#include "daemon/app/watched_backups.h"

#include <chrono>
#include <utility>

#include "daemon/app/log.h"

namespace shouwang::app {
namespace {

prometheus::Gauge& AddGauge(const char* name, const char* help, prometheus::Registry* registry) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(*registry).Add({});
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

WatchedBackups::WatchedBackups(std::unique_ptr<Backups> backups, prometheus::Registry* registry)
    : backups_(std::move(backups)),
      configured_(AddGauge("shouwang_backup_configured",
                           "1 where the configuration names a folder for backups.", registry)),
      taken_at_(AddGauge("shouwang_backup_last_success_timestamp_seconds",
                         "When the latest backup was begun; 0 where there is none.", registry)),
      bytes_(AddGauge("shouwang_backup_bytes",
                      "Bytes of the files of the latest backup, shared ones included.", registry)),
      duration_(AddGauge("shouwang_backup_duration_seconds",
                         "How long taking the last backup of this process took.", registry)),
      outcomes_(prometheus::BuildCounter()
                    .Name("shouwang_backup_operations_total")
                    .Help("Backups taken and verified, by outcome.")
                    .Register(*registry)) {
  for (const char* operation : {"create", "verify"}) {
    for (const char* outcome : {"ok", "failed"}) {
      outcomes_.Add({{"operation", operation}, {"outcome", outcome}});
    }
  }
  if (backups_ == nullptr) return;
  configured_.Set(1);
  const std::vector<Backup> there = backups_->List();
  for (const Backup& backup : there) {
    if (!backup.damaged) Show(backup);
  }
}

void WatchedBackups::Show(const Backup& latest) {
  taken_at_.Set(std::chrono::duration<double>(latest.taken_at.time_since_epoch()).count());
  bytes_.Set(static_cast<double>(latest.bytes));
}

absl::StatusOr<Backup> WatchedBackups::Create(Progress progress) {
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<Backup> backup = backups_->Create(progress);
  if (!backup.ok()) {
    outcomes_.Add({{"operation", "create"}, {"outcome", "failed"}}).Increment();
    spdlog::error("event=backup.failed message={}", Quoted(backup.status()));
    return backup;
  }
  duration_.Set(SecondsSince(start));
  Show(*backup);
  outcomes_.Add({{"operation", "create"}, {"outcome", "ok"}}).Increment();
  spdlog::info("event=backup.created id={} bytes={} files={} batches={} seconds={:.1f}", backup->id,
               backup->bytes, backup->files, backup->batches, SecondsSince(start));
  return backup;
}

absl::StatusOr<Backup> WatchedBackups::Verify(uint32_t id, Progress progress) {
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<Backup> backup = backups_->Verify(id, progress);
  outcomes_.Add({{"operation", "verify"}, {"outcome", backup.ok() ? "ok" : "failed"}}).Increment();
  if (backup.ok()) {
    spdlog::info("event=backup.verified id={} bytes={} seconds={:.1f}", backup->id, backup->bytes,
                 SecondsSince(start));
  } else {
    spdlog::error("event=backup.verify_failed id={} message={}", id, Quoted(backup.status()));
  }
  return backup;
}

}  // namespace shouwang::app
