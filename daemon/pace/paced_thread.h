// A thread that does the same again and again, and between two turns rests at least so long, and at
// least so many times as long as the turn took: so work that grows with the store takes a bounded
// share of a processor.
//
//   PacedThread thread;
//   thread.Start({.every = refresh, .rest_factor = 20}, look, fault);
//   thread.Stop();     // before anything that `look` uses goes
//
// Start and Stop by the owner's thread; a thread that was stopped starts no more.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace shouwang {

struct Pace {
  std::chrono::milliseconds every{};
  // A turn that took t is followed by a rest of rest_factor * t, where that is longer than `every`.
  int rest_factor = 0;
  // Otherwise the first turn comes after a rest.
  bool at_once = true;
};

// How long the rest is after a turn that took so long.
std::chrono::nanoseconds RestAfter(const Pace& pace, std::chrono::nanoseconds took);

class PacedThread {
 public:
  // One turn; one that takes long ends early where `stop` says so.
  using Turn = std::function<absl::Status(const std::stop_token& stop)>;

  PacedThread() = default;
  ~PacedThread() { Stop(); }
  PacedThread(const PacedThread&) = delete;
  PacedThread& operator=(const PacedThread&) = delete;

  // A turn that fails is told to `fault`, unless it was stopped, and the next one comes as ever.
  void Start(const Pace& pace, Turn turn, std::function<void(const absl::Status&)> fault);
  // Returns once the turn under way has ended. May be called again.
  void Stop();

 private:
  // False where the thread was stopped meanwhile.
  bool Rest(std::chrono::nanoseconds rest) ABSL_LOCKS_EXCLUDED(mutex_);

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

}  // namespace shouwang
