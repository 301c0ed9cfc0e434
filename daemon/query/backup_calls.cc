#include "daemon/query/backup_calls.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>

#include "daemon/journal/acts.h"
#include "daemon/query/progress_call.h"
#include "daemon/wire/convert.h"
#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 10'000;

absl::Status NotConfigured() {
  return absl::FailedPreconditionError(
      "this daemon has no folder for backups; set backup.dir in its configuration");
}

void Fill(const Backup& backup, v1::Backup* out) {
  out->set_id(backup.id);
  out->set_taken_at_ms(wire::ToMs(backup.taken_at));
  out->set_bytes(backup.bytes);
  out->set_files(backup.files);
  out->set_batches(backup.batches);
  out->set_damaged(backup.damaged);
}

}  // namespace

template <typename Response>
grpc::ServerWriteReactor<Response>* BackupCalls::Run(Method method, Work work) {
  auto call = ProgressCall<Response>::Start();
  const auto end = [this, call, method](const absl::Status& status, std::optional<Response> last) {
    const grpc::Status answer = wire::ToGrpc(status);
    metrics_->Count(method, answer.error_code());
    call->End(answer, std::move(last));
  };
  if (backups_ == nullptr) {
    end(NotConfigured(), std::nullopt);
    return call.get();
  }
  const bool queued = pool_.TrySubmit([call, end, work = std::move(work)]() mutable {
    Response response;
    const absl::StatusOr<Backup> backup = work([&](const BackupProgress& progress) {
      response.set_bytes_done(progress.bytes);
      response.set_bytes_total(progress.of_bytes);
      call->Tell(response);
    });
    if (!backup.ok()) {
      end(backup.status(), std::nullopt);
      return;
    }
    response.set_bytes_total(response.bytes_done());
    Fill(*backup, response.mutable_backup());
    end(absl::OkStatus(), std::move(response));
  });
  if (!queued) {
    end(wire::TryAgain("other backups are waiting to be taken or verified", kRetryMs),
        std::nullopt);
  }
  return call.get();
}

// The backup itself is there, or failed, whether that can be recorded or not; who asked is told.
absl::StatusOr<Backup> BackupCalls::Record(const Caller& caller, std::string_view operation,
                                           absl::StatusOr<Backup> backup) const {
  if (log_ == nullptr) return backup;
  AuditRecord record = BackupAct(operation, backup, now_());
  record.actor = caller.actor;
  record.facts.push_back({"peer", caller.peer});
  const absl::Status recorded = AppendAct(log_, record);
  if (recorded.ok() || !backup.ok()) return backup;
  return absl::Status(recorded.code(),
                      fmt::format("backup {} is there, but could not be recorded: {}", backup->id,
                                  std::string(recorded.message())));
}

grpc::ServerWriteReactor<v1::CreateBackupResponse>* BackupCalls::Create(const Caller& caller) {
  return Run<v1::CreateBackupResponse>(
      Method::kCreateBackup, [this, caller](Backups::Progress progress) {
        return Record(caller, "create", backups_->Create(progress));
      });
}

grpc::ServerWriteReactor<v1::VerifyBackupResponse>* BackupCalls::Verify(const Caller& caller,
                                                                        uint32_t id) {
  return Run<v1::VerifyBackupResponse>(
      Method::kVerifyBackup, [this, caller, id](Backups::Progress progress) {
        return Record(caller, "verify", backups_->Verify(id, progress));
      });
}

absl::Status BackupCalls::List(v1::ListBackupsResponse* response) const {
  if (backups_ == nullptr) return NotConfigured();
  for (const Backup& backup : backups_->List()) Fill(backup, response->add_backups());
  return absl::OkStatus();
}

}  // namespace shouwang::query
