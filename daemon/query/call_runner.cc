#include "daemon/query/call_runner.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 250;

}  // namespace

grpc::ServerUnaryReactor* CallRunner::Run(grpc::CallbackServerContext* context, Method method,
                                          absl::AnyInvocable<absl::Status()> work) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto arrived = std::chrono::steady_clock::now();
  const bool queued = pool_->TrySubmit([this, context, reactor, method, arrived,
                                        work = std::move(work)]() mutable {
    const absl::Status status =
        context->IsCancelled() ? absl::CancelledError("the caller has left") : work();
    const grpc::Status answer = wire::ToGrpc(status);
    metrics_->CountTimed(method, answer.error_code(), std::chrono::steady_clock::now() - arrived);
    reactor->Finish(answer);
  });
  if (!queued) {
    const grpc::Status answer = wire::ToGrpc(
        wire::TryAgain(fmt::format("{} queries are waiting, which is the limit (query.queue)",
                                   pool_->queue_limit()),
                       kRetryMs));
    metrics_->CountTimed(method, answer.error_code(), std::chrono::steady_clock::now() - arrived);
    reactor->Finish(answer);
  }
  return reactor;
}

}  // namespace shouwang::query
