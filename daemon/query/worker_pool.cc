#include "daemon/query/worker_pool.h"

#include <algorithm>
#include <utility>

#include "daemon/pace/prompt_thread.h"

namespace shouwang::query {
namespace {

// Of each thread's time, and of all processors, so that questions without end are answered by
// ordinary threads.
constexpr double kMostPrompt = 0.5;

}  // namespace

WorkerPool::WorkerPool(int threads, int queue_limit)
    : queue_limit_(static_cast<size_t>(std::max(queue_limit, 1))),
      most_prompt_(std::min(
          kMostPrompt,
          kMostPrompt * std::max(std::thread::hardware_concurrency(), 1U) / std::max(threads, 1))) {
  for (int i = 0; i < std::max(threads, 1); ++i) threads_.emplace_back([this] { Work(); });
}

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::TrySubmit(Task&& task, Length length) {
  absl::MutexLock lock(&mutex_);
  if (stopping_ || queue_.size() >= queue_limit_) return false;
  queue_.push_back({std::move(task), length});
  return true;
}

void WorkerPool::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  threads_.clear();
}

void WorkerPool::Work() {
  PromptThread thread(most_prompt_);
  while (true) {
    thread.Turn();
    Queued next;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](WorkerPool* pool) ABSL_EXCLUSIVE_LOCKS_REQUIRED(pool->mutex_) {
            return pool->stopping_ || !pool->queue_.empty();
          },
          this));
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
    }
    if (next.length == Length::kBrief) {
      thread.Turn();  // what it did before it waited may have been much
    } else {
      thread.StandBack();
    }
    next.task();
  }
}

}  // namespace shouwang::query
