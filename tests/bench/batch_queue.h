// Batches that were made and not yet sent: a bounded queue between the maker and a stream. Any
// thread.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "shouwang/v1/report.pb.h"

namespace shouwang::bench {

class BatchQueue {
 public:
  struct Item {
    v1::SubmitRequest request;
    int64_t values = 0;
  };

  explicit BatchQueue(size_t limit) : limit_(limit) {}

  // Waits while the queue is full. False once it is closed.
  bool Push(Item item) {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &BatchQueue::HasRoom));
    if (closed_) return false;
    items_.push_back(std::move(item));
    return true;
  }

  // Waits for an item. nullopt once the queue is closed and empty.
  std::optional<Item> Pop() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(this, &BatchQueue::HasItem));
    if (items_.empty()) return std::nullopt;
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

  void Close() {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
  }

 private:
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return closed_ || items_.size() < limit_;
  }
  bool HasItem() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return closed_ || !items_.empty(); }

  const size_t limit_;
  absl::Mutex mutex_;
  std::deque<Item> items_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace shouwang::bench
