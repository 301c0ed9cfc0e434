// WhatIfService: what another policy would change. See proto/shouwang/v1/whatif.proto.
//
// One what-if runs at a time, on a thread of its own that `threads` more work for; its caller's
// leaving ends it. Reads only; any thread; outlives its calls. Stop ends what runs and what waits.
#pragma once

#include <shouwang/v1/whatif.grpc.pb.h>

#include <atomic>
#include <functional>

#include "daemon/query/call_runner.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/worker_pool.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

class WhatIfService final : public v1::WhatIfService::CallbackService {
 public:
  WhatIfService(const Store* store, const CurrentRulebook* rulebook, std::function<Instant()> now,
                int threads, CallRunner* runner, QueryMetrics* metrics)
      : store_(store),
        rulebook_(rulebook),
        now_(std::move(now)),
        threads_(threads),
        runner_(runner),
        metrics_(metrics) {}

  grpc::ServerWriteReactor<v1::WhatIfResponse>* WhatIf(grpc::CallbackServerContext* context,
                                                       const v1::WhatIfRequest* request) override;
  void Stop();

 private:
  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  const int threads_;
  CallRunner* const runner_;
  QueryMetrics* const metrics_;
  std::atomic<bool> stopping_ = false;
  WorkerPool pool_{1, 2};
};

}  // namespace shouwang::query
