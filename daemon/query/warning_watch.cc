#include "daemon/query/warning_watch.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/query/answers.h"
#include "daemon/wire/convert.h"
#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 1000;

}  // namespace

WarningWatch::WarningWatch(WarningSelection selection, WarningFeed* feed,
                           const CurrentRulebook* rulebook, QueryMetrics* metrics)
    : selection_(std::move(selection)), feed_(feed), rulebook_(rulebook), metrics_(metrics) {}

WarningWatch* WarningWatch::Start(WarningSelection selection, const absl::Status& refusal,
                                  WarningFeed* feed, const CurrentRulebook* rulebook,
                                  QueryMetrics* metrics) {
  std::shared_ptr<WarningWatch> watch(
      new WarningWatch(std::move(selection), feed, rulebook, metrics));
  WarningWatch* reactor = watch.get();
  reactor->self_ = watch;
  const absl::Status subscribed = refusal.ok() ? feed->Subscribe(watch) : refusal;
  if (!subscribed.ok()) {
    reactor->End(subscribed);
    return reactor;
  }
  // Tells the caller that from here on no change is missed.
  reactor->StartSendInitialMetadata();
  return reactor;
}

void WarningWatch::Offer(std::span<const Warning> changes) {
  {
    absl::MutexLock lock(&mutex_);
    if (end_) return;
    for (const Warning& change : changes) {
      if (!selection_.Matches(change)) continue;
      if (queue_.size() >= kMaxBehind) {
        end_ = wire::TryAgain(
            fmt::format("this reader is {} changes behind, which is the limit; list warnings again",
                        kMaxBehind),
            kRetryMs);
        queue_.clear();
        break;
      }
      queue_.push_back(change);
    }
  }
  Step();
}

void WarningWatch::End(const absl::Status& why) {
  {
    absl::MutexLock lock(&mutex_);
    if (!end_) end_ = why;
  }
  Step();
}

void WarningWatch::Step() {
  std::optional<Warning> next;
  grpc::Status answer;
  {
    absl::MutexLock lock(&mutex_);
    if (writing_ || finished_) return;
    if (end_) {
      finished_ = true;
      answer = wire::ToGrpc(*end_);
    } else if (!queue_.empty()) {
      writing_ = true;
      next = queue_.front();
      queue_.pop_front();
    } else {
      return;
    }
  }
  // No lock from here on: gRPC may call OnWriteDone and OnDone before these return.
  if (!next) {
    metrics_->Count(Method::kWatchWarnings, answer.error_code());
    Finish(answer);
    return;
  }
  response_.Clear();
  FillWarning(*next, *rulebook_->Get(), response_.mutable_warning());
  StartWrite(&response_);
}

void WarningWatch::OnWriteDone(bool ok) {
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok && !end_) end_ = absl::CancelledError("the caller has left");
  }
  Step();
}

void WarningWatch::OnCancel() { End(absl::CancelledError("the caller has left")); }

void WarningWatch::OnDone() {
  feed_->Unsubscribe(this);
  const std::shared_ptr<WarningWatch> last = std::move(self_);
}

}  // namespace shouwang::query
