// Passes warnings on, as they open and clear, to those who watch. Fed by app from ingest's commits;
// nothing is kept for a reader that is not there.
//
// Any thread. Publish calls the readers one after the other without holding the feed's lock; a
// reader queues and returns. Close ends every reader, present and future.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::query {

class WarningFeed {
 public:
  class Reader {
   public:
    virtual ~Reader() = default;
    // Warnings that opened, and (cleared_on set) cleared. Must not block.
    virtual void Offer(std::span<const Warning> changes) = 0;
    // No more will come.
    virtual void End(const absl::Status& why) = 0;
  };

  static constexpr size_t kMaxReaders = 256;

  // ResourceExhausted past kMaxReaders; Unavailable once closed. Shared, because a reader may leave
  // while Publish is calling it.
  absl::Status Subscribe(std::shared_ptr<Reader> reader);
  void Unsubscribe(const Reader* reader);
  void Publish(std::span<const Warning> changes);
  void Close();

 private:
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Reader>> readers_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace shouwang::query
