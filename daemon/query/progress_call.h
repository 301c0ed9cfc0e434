// A streaming call whose work takes minutes: tells how far it is, then how it ended.
//
// A caller reads at its own pace: of several reports that wait for the wire only the latest is
// sent, those that End is given always. A caller who leaves is forgotten; whether the work goes on
// is for who works to say (left).
//
// Tell and End by the thread that works, the On... functions by gRPC. It keeps itself alive until
// gRPC is done with it; who works keeps it too.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace shouwang::query {

template <typename Response>
class ProgressCall final : public grpc::ServerWriteReactor<Response> {
 public:
  static std::shared_ptr<ProgressCall> Start() {
    std::shared_ptr<ProgressCall> call(new ProgressCall());
    call->self_ = call;
    return call;
  }

  void Tell(Response response) {
    {
      absl::MutexLock lock(&mutex_);
      if (finished_ || end_) return;
      pending_ = std::move(response);
    }
    Step();
  }

  // `last` is sent before the status.
  void End(const grpc::Status& status, std::vector<Response> last) {
    {
      absl::MutexLock lock(&mutex_);
      if (finished_ || end_) return;
      pending_.reset();
      std::ranges::move(last, std::back_inserter(last_));
      end_ = status;
    }
    Step();
  }

  // Whether nobody waits for the answer any more. Any thread.
  bool left() const {
    absl::MutexLock lock(&mutex_);
    return left_;
  }

  void OnWriteDone(bool ok) override {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      if (!ok) LeaveLocked();
    }
    Step();
  }
  void OnCancel() override {
    {
      absl::MutexLock lock(&mutex_);
      LeaveLocked();
    }
    Step();
  }
  void OnDone() override { const std::shared_ptr<ProgressCall> last = std::move(self_); }

 private:
  ProgressCall() = default;

  void LeaveLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    left_ = true;
    pending_.reset();
    last_.clear();
    end_ = grpc::Status(grpc::StatusCode::CANCELLED, "the caller has left");
  }

  // Starts the next write, or finishes, where nothing is under way.
  void Step() {
    std::optional<grpc::Status> answer;
    {
      absl::MutexLock lock(&mutex_);
      if (writing_ || finished_) return;
      if (pending_) {
        writing_ = true;
        sent_ = *std::move(pending_);
        pending_.reset();
      } else if (!last_.empty()) {
        writing_ = true;
        sent_ = std::move(last_.front());
        last_.pop_front();
      } else if (end_) {
        finished_ = true;
        answer = end_;
      } else {
        return;
      }
    }
    // No lock from here on: gRPC may call OnWriteDone and OnDone before these return.
    if (answer) {
      this->Finish(*answer);
    } else {
      this->StartWrite(&sent_);
    }
  }

  std::shared_ptr<ProgressCall> self_;  // set by Start, dropped by OnDone
  Response sent_;                       // owned by the write under way
  mutable absl::Mutex mutex_;
  std::optional<Response> pending_ ABSL_GUARDED_BY(mutex_);
  std::deque<Response> last_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  bool left_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace shouwang::query
