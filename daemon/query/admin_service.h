// AdminService: how the daemon is. See proto/shouwang/v1/admin.proto.
// Reads only; any thread; outlives its calls.
#pragma once

#include <shouwang/v1/admin.grpc.pb.h>

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "daemon/query/call_runner.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

// What only the daemon's other rooms know; app asks them.
struct DaemonState {
  std::string version;
  Instant started_at;
  bool reevaluating = false;
  double reevaluation_progress = 1;
  std::string reload_error;
};

class AdminService final : public v1::AdminService::CallbackService {
 public:
  // `state` may be called from any thread.
  AdminService(const Store* store, const CurrentRulebook* rulebook,
               std::function<DaemonState()> state, std::function<Instant()> now, CallRunner* runner)
      : store_(store),
        rulebook_(rulebook),
        state_(std::move(state)),
        now_(std::move(now)),
        runner_(runner) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusResponse* response) override;

 private:
  absl::Status FillStatus(v1::GetStatusResponse* response) const;

  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<DaemonState()> state_;
  const std::function<Instant()> now_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
