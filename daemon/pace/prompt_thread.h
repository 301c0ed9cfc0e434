// Threads that have short work done at once, however busy the processors are with work that can
// wait: answering one question takes half a millisecond, and a thread that has just been woken for
// it may otherwise wait two ticks of the kernel (8 ms at 250 Hz) behind threads that take in
// reports. Such a thread runs before all ordinary ones (SCHED_RR at the lowest real-time priority)
// for as long as it does little. One that does much is an ordinary thread until it does little
// again: then whatever it would push aside matters as much.
//
//   PromptThread thread(0.5);  // of a processor
//   thread.Turn();             // before each piece of work
//   thread.StandBack();        // before one that takes long
//
// Real-time priority takes RLIMIT_RTPRIO of 1 or CAP_SYS_NICE, and a second processor, so that a
// prompt thread that waits for an ordinary one does not keep it from running; as everywhere, the
// kernel's limit on real-time threads (sched_rt_runtime_us) should stand. Otherwise threads stay as
// they are; MayBePrompt says so. Threads that a prompt one starts are ordinary.
#pragma once

#include <chrono>

#include "absl/functional/function_ref.h"

namespace shouwang {

// Whether a thread does little, told by its turns. A value, of one thread.
class PromptShare {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kWindow{50};
  // Of a window. 10,000 turns a second on a thread: where so many come, having each done at once
  // costs more than it gains, as none are then done together.
  static constexpr int kMostTurns = 500;

  // `most`: of a processor, in a window.
  explicit PromptShare(double most) : most_(most) {}

  // One turn. `used` gives the processor time that the thread has ever used, and is asked once a
  // window. Whether the thread does little: in this window up to now, and in the last whole one.
  bool Turn(Clock::time_point now, absl::FunctionRef<std::chrono::nanoseconds()> used);

 private:
  double most_;
  bool is_little_ = true;
  int turns_ = 0;
  Clock::time_point since_{};
  std::chrono::nanoseconds used_before_{};
};

// Of one thread, which alone uses it.
class PromptThread {
 public:
  // Half a processor: threads that gRPC calls us on, two on a small machine, take an eighth each
  // beside ingest at full rate.
  static constexpr double kMostShare = 0.5;

  explicit PromptThread(double most_share) : share_(most_share) {}
  PromptThread(const PromptThread&) = delete;
  PromptThread& operator=(const PromptThread&) = delete;

  // The calling thread, which somebody else started. With kMostShare.
  static PromptThread& Here();

  // The thread is about to do something: it is prompt from now on if it does little, ordinary if
  // not.
  void Turn();
  // Ordinary until its next turn.
  void StandBack();

 private:
  void Be(bool prompt);

  PromptShare share_;
  bool is_prompt_ = false;
  bool is_refused_ = false;  // by the system
};

// Whether the system lets threads of this process be prompt.
bool MayBePrompt();

}  // namespace shouwang
