// ScreeningService: whose reports look unlike their peers'. See proto/shouwang/v1/screening.proto.
//
// One screening runs at a time, on a thread of its own that `threads` more work for; its caller's
// leaving ends it. Reads only; any thread; outlives its calls. Stop ends what runs and what waits.
#pragma once

#include <shouwang/v1/screening.grpc.pb.h>

#include <atomic>
#include <functional>

#include "daemon/query/call_runner.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/worker_pool.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

class ScreeningService final : public v1::ScreeningService::CallbackService {
 public:
  ScreeningService(const Store* store, const CurrentRulebook* rulebook,
                   std::function<Instant()> now, int threads, const CallRunner* runner,
                   QueryMetrics* metrics)
      : store_(store),
        rulebook_(rulebook),
        now_(std::move(now)),
        threads_(threads),
        runner_(runner),
        metrics_(metrics) {}

  grpc::ServerWriteReactor<v1::ScreenResponse>* Screen(grpc::CallbackServerContext* context,
                                                       const v1::ScreenRequest* request) override;
  void Stop();

 private:
  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  const int threads_;
  const CallRunner* const runner_;
  QueryMetrics* const metrics_;
  std::atomic<bool> stopping_ = false;
  WorkerPool pool_{1, 2};
};

}  // namespace shouwang::query
