#include "daemon/query/call_runner.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

#include "daemon/pace/prompt_thread.h"
#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 250;
constexpr int kJournalRetryMs = 5'000;

// Brief are those that read one household or one case. What is written waits for the disk anyway.
WorkerPool::Length LengthOf(Method method) {
  switch (method) {
    case Method::kExplainSubject:
    case Method::kGetHistory:
    case Method::kGetCase:
      return WorkerPool::Length::kBrief;
    default:
      return WorkerPool::Length::kLong;
  }
}

}  // namespace

grpc::ServerUnaryReactor* CallRunner::Run(grpc::CallbackServerContext* context, Method method,
                                          absl::AnyInvocable<absl::Status()> work) {
  PromptThread::Here().Turn();
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto arrived = std::chrono::steady_clock::now();
  WorkerPool::Task task = [this, context, reactor, method, arrived,
                           work = std::move(work)]() mutable {
    const absl::Status status =
        context->IsCancelled() ? absl::CancelledError("the caller has left") : work();
    const grpc::Status answer = wire::ToGrpc(status);
    metrics_->CountTimed(method, answer.error_code(), std::chrono::steady_clock::now() - arrived);
    reactor->Finish(answer);
  };
  if (!pool_->TrySubmit(std::move(task), LengthOf(method))) {
    const grpc::Status answer = wire::ToGrpc(
        wire::TryAgain(fmt::format("{} queries are waiting, which is the limit (query.queue)",
                                   pool_->queue_limit()),
                       kRetryMs));
    metrics_->CountTimed(method, answer.error_code(), std::chrono::steady_clock::now() - arrived);
    reactor->Finish(answer);
  }
  return reactor;
}

grpc::ServerUnaryReactor* CallRunner::RunRead(
    grpc::CallbackServerContext* context, Method method, absl::AnyInvocable<absl::Status()> work,
    absl::AnyInvocable<AuditRecord(const Caller&)> reading) {
  return Run(context, method,
             [this, context, work = std::move(work), reading = std::move(reading)]() mutable {
               absl::Status status = work();
               if (!status.ok() || journal_ == nullptr) return status;
               return Note(reading(CallerOf(*context)));
             });
}

absl::Status CallRunner::Note(AuditRecord reading) const {
  if (journal_ == nullptr) return absl::OkStatus();
  absl::Status status = journal_->Note(std::move(reading));
  if (!absl::IsResourceExhausted(status)) return status;
  return wire::TryAgain(std::string(status.message()), kJournalRetryMs);
}

}  // namespace shouwang::query
