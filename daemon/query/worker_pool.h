// A fixed number of threads that take tasks from one bounded queue. Queries read the disk, so they
// must not run on gRPC's own threads. The threads are prompt (daemon/pace) in brief tasks
// while they do little, and ordinary in long ones.
//
// Any thread may call TrySubmit. Tasks run in the order submitted, on any of the threads. Stop (and
// the destructor) runs what is queued and then ends the threads; submit nothing after it.
#pragma once

#include <cstddef>
#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"

namespace shouwang::query {

class WorkerPool {
 public:
  using Task = absl::AnyInvocable<void()>;
  enum class Length {
    kBrief,  // a millisecond or two
    kLong,   // anything else
  };

  // `queue_limit` tasks may wait beside those that run. Both at least 1.
  WorkerPool(int threads, int queue_limit);
  ~WorkerPool();

  // False, and `task` is not taken, where the queue is full or the pool has been stopped.
  bool TrySubmit(Task&& task, Length length);
  void Stop();
  size_t queue_limit() const { return queue_limit_; }

 private:
  struct Queued {
    Task task;
    Length length = Length::kLong;
  };

  void Work();

  const size_t queue_limit_;
  const double most_prompt_;
  absl::Mutex mutex_;
  std::deque<Queued> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> threads_;  // last: its threads use all of the above
};

}  // namespace shouwang::query
