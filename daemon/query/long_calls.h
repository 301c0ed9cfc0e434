// Calls that take seconds to minutes and tell how far they are: what-ifs, screenings, backups,
// verifications. Those of one LongCalls run one at a time, on a thread of its own; kMaxWaiting more
// may wait, and the next is told to try again.
//
//   LongCalls calls_(metrics, {"other what-ifs are waiting", 5'000});
//   return calls_.Run<v1::WhatIfResponse>(Method::kWhatIf, [=, this](const auto& call) { ... });
//
// Any thread; outlives its calls. Stop ends what runs, as soon as that asks, and what waits.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "daemon/query/progress_call.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/worker_pool.h"
#include "daemon/wire/status.h"

namespace shouwang::query {

// One of them, as whoever works on it sees it. Any thread.
template <typename Response>
class LongCall {
 public:
  LongCall(std::shared_ptr<ProgressCall<Response>> call, const std::atomic<bool>* stopping)
      : call_(std::move(call)), stopping_(stopping) {}

  // Whether its caller has left or the daemon stops: the answer is of no more use.
  bool cancelled() const { return call_->left() || *stopping_; }
  // How far it is.
  void Tell(Response response) const { call_->Tell(std::move(response)); }

 private:
  std::shared_ptr<ProgressCall<Response>> call_;
  const std::atomic<bool>* stopping_;
};

class LongCalls {
 public:
  static constexpr int kMaxWaiting = 2;

  // What a caller is told for whom there is no room.
  struct NoRoom {
    std::string_view why;
    int retry_ms = 0;
  };
  // `metrics` outlives it.
  LongCalls(QueryMetrics* metrics, const NoRoom& no_room) : metrics_(metrics), no_room_(no_room) {}

  // The messages that the call ends with; those sent by Tell come before them.
  template <typename Response>
  using Work = absl::AnyInvocable<absl::StatusOr<std::vector<Response>>(const LongCall<Response>&)>;

  // Calls `work` unless the caller has left by then, or the daemon stops.
  template <typename Response>
  grpc::ServerWriteReactor<Response>* Run(Method method, Work<Response> work) {
    auto call = ProgressCall<Response>::Start();
    WorkerPool::Task task = [this, call, method, work = std::move(work)]() mutable {
      const LongCall<Response> under_way(call, &stopping_);
      End(method, call.get(),
          under_way.cancelled() ? absl::CancelledError("the caller has left") : work(under_way));
    };
    const bool queued = pool_.TrySubmit(std::move(task), WorkerPool::Length::kLong);
    if (!queued) End(method, call.get(), wire::TryAgain(no_room_.why, no_room_.retry_ms));
    return call.get();
  }
  // A call that is not worth running: `status` says why.
  template <typename Response>
  grpc::ServerWriteReactor<Response>* Refuse(Method method, const absl::Status& status) {
    auto call = ProgressCall<Response>::Start();
    End(method, call.get(), status);
    return call.get();
  }

  void Stop() {
    stopping_ = true;
    pool_.Stop();
  }

 private:
  template <typename Response>
  void End(Method method, ProgressCall<Response>* call,
           std::type_identity_t<absl::StatusOr<std::vector<Response>>> answer) {
    const grpc::Status told = wire::ToGrpc(answer.status());
    metrics_->Count(method, told.error_code());
    call->End(told, answer.ok() ? *std::move(answer) : std::vector<Response>());
  }

  QueryMetrics* const metrics_;
  const NoRoom no_room_;
  std::atomic<bool> stopping_ = false;
  WorkerPool pool_{1, kMaxWaiting};
};

}  // namespace shouwang::query
