#include "daemon/query/backup_calls.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "daemon/journal/acts.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

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
  if (backups_ == nullptr) return calls_.Refuse<Response>(method, NotConfigured());
  return calls_.Run<Response>(
      method,
      [work = std::move(work)](
          const LongCall<Response>& call) mutable -> absl::StatusOr<std::vector<Response>> {
        Response response;
        const absl::StatusOr<Backup> backup = work([&](const BackupProgress& progress) {
          response.set_bytes_done(progress.bytes);
          response.set_bytes_total(progress.of_bytes);
          call.Tell(response);
        });
        if (!backup.ok()) return backup.status();
        response.set_bytes_total(response.bytes_done());
        Fill(*backup, response.mutable_backup());
        return std::vector<Response>{std::move(response)};
      });
}

// The backup itself is there, or failed, whether that can be recorded or not; who asked is told.
absl::StatusOr<Backup> BackupCalls::Record(const Caller& caller, std::string_view operation,
                                           absl::StatusOr<Backup> backup) const {
  if (acts_ == nullptr) return backup;
  AuditRecord record = BackupAct(operation, backup, now_());
  record.actor = caller.actor;
  record.facts.push_back({"peer", caller.peer});
  const absl::Status recorded = acts_->Append(std::move(record));
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
