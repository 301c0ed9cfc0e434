// The calls of AdminService that concern backups: one after the other, on a thread of their own, as
// each may take minutes.
//
// Any thread. Outlives its calls. Stop ends the thread; the backups must have been told to stop
// before it (Backups::Stop), or it waits for them.
#pragma once

#include <shouwang/v1/admin.grpc.pb.h>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/worker_pool.h"
#include "storage/contract/backups.h"

namespace shouwang::query {

class BackupCalls {
 public:
  // `backups` may be nullptr: every call is then refused.
  BackupCalls(Backups* backups, QueryMetrics* metrics) : backups_(backups), metrics_(metrics) {}

  grpc::ServerWriteReactor<v1::CreateBackupResponse>* Create();
  grpc::ServerWriteReactor<v1::VerifyBackupResponse>* Verify(uint32_t id);
  absl::Status List(v1::ListBackupsResponse* response) const;
  void Stop() { pool_.Stop(); }

 private:
  using Work = absl::AnyInvocable<absl::StatusOr<Backup>(Backups::Progress)>;

  template <typename Response>
  grpc::ServerWriteReactor<Response>* Run(Method method, Work work);

  Backups* const backups_;
  QueryMetrics* const metrics_;
  // Backups run one at a time; what waits would find another one running.
  WorkerPool pool_{1, 2};
};

}  // namespace shouwang::query
