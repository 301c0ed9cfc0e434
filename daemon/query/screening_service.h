// ScreeningService: whose reports look unlike their peers'. See proto/shouwang/v1/screening.proto.
//
// One screening runs at a time, on a thread of its own that `threads` more work for; its caller's
// leaving ends it. Reads only; any thread; outlives its calls. Stop ends what runs and what waits.
#pragma once

#include <shouwang/v1/screening.grpc.pb.h>

#include <functional>
#include <utility>
#include <vector>

#include "daemon/query/call_runner.h"
#include "daemon/query/long_calls.h"
#include "daemon/query/screening_question.h"
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
        calls_(metrics, {"other screenings are waiting", 5'000}) {}

  grpc::ServerWriteReactor<v1::ScreenResponse>* Screen(grpc::CallbackServerContext* context,
                                                       const v1::ScreenRequest* request) override;
  void Stop() { calls_.Stop(); }

 private:
  using Call = LongCall<v1::ScreenResponse>;
  absl::StatusOr<std::vector<v1::ScreenResponse>> Answer(const ScreeningQuestion& question,
                                                         const Call& call) const;

  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  const int threads_;
  const CallRunner* const runner_;
  LongCalls calls_;
};

}  // namespace shouwang::query
