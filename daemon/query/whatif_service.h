// WhatIfService: what another policy would change. See proto/shouwang/v1/whatif.proto.
//
// One what-if runs at a time, on a thread of its own that `threads` more work for; its caller's
// leaving ends it. Reads only; any thread; outlives its calls. Stop ends what runs and what waits.
#pragma once

#include <shouwang/v1/whatif.grpc.pb.h>

#include <functional>
#include <utility>
#include <vector>

#include "daemon/query/call_runner.h"
#include "daemon/query/long_calls.h"
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
        calls_(metrics, {"other what-ifs are waiting", 5'000}) {}

  grpc::ServerWriteReactor<v1::WhatIfResponse>* WhatIf(grpc::CallbackServerContext* context,
                                                       const v1::WhatIfRequest* request) override;
  void Stop() { calls_.Stop(); }

 private:
  using Call = LongCall<v1::WhatIfResponse>;
  absl::StatusOr<std::vector<v1::WhatIfResponse>> Answer(const v1::WhatIfRequest& request,
                                                         const Call& call) const;

  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  const int threads_;
  CallRunner* const runner_;
  LongCalls calls_;
};

}  // namespace shouwang::query
