// AdminService: how the daemon is, and its backups. See proto/shouwang/v1/admin.proto.
// Any thread; outlives its calls.
#pragma once

#include <shouwang/v1/admin.grpc.pb.h>

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "daemon/query/backup_calls.h"
#include "daemon/query/call_runner.h"
#include "daemon/query/daemon_state.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

class AdminService final : public v1::AdminService::CallbackService {
 public:
  // `state` may be called from any thread.
  AdminService(const Store* store, const CurrentRulebook* rulebook,
               std::function<DaemonState()> state, std::function<Instant()> now,
               BackupCalls* backups, CallRunner* runner)
      : store_(store),
        rulebook_(rulebook),
        state_(std::move(state)),
        now_(std::move(now)),
        backups_(backups),
        runner_(runner) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;
  grpc::ServerWriteReactor<v1::CreateBackupResponse>* CreateBackup(
      grpc::CallbackServerContext* context, const v1::CreateBackupRequest* request) override;
  grpc::ServerUnaryReactor* ListBackups(grpc::CallbackServerContext* context,
                                        const v1::ListBackupsRequest* request,
                                        v1::ListBackupsResponse* response) override;
  grpc::ServerWriteReactor<v1::VerifyBackupResponse>* VerifyBackup(
      grpc::CallbackServerContext* context, const v1::VerifyBackupRequest* request) override;

 private:
  absl::Status FillStatus(v1::GetStatusResponse* response) const;

  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<DaemonState()> state_;
  const std::function<Instant()> now_;
  BackupCalls* const backups_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
