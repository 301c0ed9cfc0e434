// The calls of AdminService that concern backups: one after the other, on a thread of their own, as
// each may take minutes. One that has begun goes on when its caller leaves.
//
// Any thread. Outlives its calls. Stop ends the thread; the backups must have been told to stop
// before it (Backups::Stop), or it waits for them.
#pragma once

#include <shouwang/v1/admin.grpc.pb.h>

#include <functional>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "daemon/journal/act_journal.h"
#include "daemon/query/caller.h"
#include "daemon/query/long_calls.h"
#include "storage/contract/backups.h"

namespace shouwang::query {

class BackupCalls {
 public:
  // `backups` may be nullptr: every call is then refused. `acts` may be nullptr; else each backup
  // that was taken or verified, and each that failed, is recorded with who asked, behind the acts
  // that wait.
  BackupCalls(Backups* backups, ActJournal* acts, std::function<Instant()> now,
              QueryMetrics* metrics)
      : backups_(backups),
        acts_(acts),
        now_(std::move(now)),
        calls_(metrics, {"other backups are waiting to be taken or verified", 10'000}) {}

  grpc::ServerWriteReactor<v1::CreateBackupResponse>* Create(const Caller& caller);
  grpc::ServerWriteReactor<v1::VerifyBackupResponse>* Verify(const Caller& caller, uint32_t id);
  absl::Status List(v1::ListBackupsResponse* response) const;
  void Stop() { calls_.Stop(); }

 private:
  using Work = absl::AnyInvocable<absl::StatusOr<Backup>(Backups::Progress)>;

  template <typename Response>
  grpc::ServerWriteReactor<Response>* Run(Method method, Work work);

  absl::StatusOr<Backup> Record(const Caller& caller, std::string_view operation,
                                absl::StatusOr<Backup> backup) const;

  Backups* const backups_;
  ActJournal* const acts_;
  const std::function<Instant()> now_;
  LongCalls calls_;
};

}  // namespace shouwang::query
