// A MemoryStore whose commits can be made to wait or to fail, and of which a part can be damaged.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/memory/memory_store.h"

namespace shouwang::ingest {

class GatedStore final : public MemoryStore {
 public:
  // Commits fail with `status` from now on; OK lets them through again.
  void FailCommits(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(status);
  }
  // Reading the state of `subject` gives DataLoss from now on.
  void Damage(const Subject& subject) {
    absl::MutexLock lock(&mutex_);
    damaged_ = subject;
  }
  // Commits wait from now on.
  void Close() {
    absl::MutexLock lock(&mutex_);
    open_ = false;
  }
  void Open() {
    absl::MutexLock lock(&mutex_);
    open_ = true;
  }
  // Until a commit waits at the gate.
  void AwaitCommit() const {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](const int* waiting) { return *waiting > 0; }, &waiting_));
  }
  // Numbers of batches in the commits so far, in order.
  std::vector<size_t> CommitSizes() const {
    absl::MutexLock lock(&mutex_);
    return commit_sizes_;
  }

  absl::Status FillStates(std::span<const Subject> subjects,
                          std::vector<SubjectState>* states) const override {
    {
      absl::MutexLock lock(&mutex_);
      if (damaged_ && std::ranges::find(subjects, *damaged_) != subjects.end()) {
        return absl::DataLossError(damaged_->ToString() + " is damaged");
      }
    }
    return MemoryStore::FillStates(subjects, states);
  }

  absl::Status Commit(const Transaction& transaction) override {
    {
      absl::MutexLock lock(&mutex_);
      ++waiting_;
      mutex_.Await(absl::Condition(&open_));
      --waiting_;
      if (!failure_.ok()) return failure_;
      commit_sizes_.push_back(transaction.batches.size());
    }
    return MemoryStore::Commit(transaction);
  }

 private:
  mutable absl::Mutex mutex_;
  bool open_ ABSL_GUARDED_BY(mutex_) = true;
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<Subject> damaged_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  std::vector<size_t> commit_sizes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang::ingest
