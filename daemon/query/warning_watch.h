// One WatchWarnings call: a bounded queue between the feed and a reader that may be slow.
//
// A reader that is kMaxBehind changes behind is ended with ResourceExhausted: it has lost nothing
// that a new listing would not show. It keeps itself alive until gRPC is done with it.
//
// Any thread: Offer and End come from writers, the On... functions from gRPC. At most one write is
// under way, and Finish follows only when none is.
#pragma once

#include <grpcpp/support/server_callback.h>
#include <shouwang/v1/risk.pb.h>

#include <deque>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/warning_feed.h"
#include "daemon/query/warning_selection.h"
#include "daemon/rulebook/rulebook.h"

namespace shouwang::query {

class WarningWatch final : public grpc::ServerWriteReactor<v1::WatchWarningsResponse>,
                           public WarningFeed::Reader {
 public:
  static constexpr size_t kMaxBehind = 10'000;

  // Subscribes, or ends the call at once with `refusal`. The reactor belongs to gRPC from here on.
  static WarningWatch* Start(WarningSelection selection, const absl::Status& refusal,
                             WarningFeed* feed, const CurrentRulebook* rulebook,
                             QueryMetrics* metrics);

  void Offer(std::span<const Warning> changes) override;
  void End(const absl::Status& why) override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  WarningWatch(WarningSelection selection, WarningFeed* feed, const CurrentRulebook* rulebook,
               QueryMetrics* metrics);
  // Starts the next write, or finishes, where nothing is under way.
  void Step();

  const WarningSelection selection_;
  WarningFeed* const feed_;
  const CurrentRulebook* const rulebook_;
  QueryMetrics* const metrics_;

  std::shared_ptr<WarningWatch> self_;  // set by Start, dropped by OnDone
  v1::WatchWarningsResponse response_;  // owned by the write under way

  absl::Mutex mutex_;
  std::deque<Warning> queue_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang::query
