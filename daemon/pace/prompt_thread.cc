#include "daemon/pace/prompt_thread.h"

#include <sched.h>
#include <time.h>

#include <thread>

namespace shouwang {
namespace {

std::chrono::nanoseconds UsedByThread() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

// Of the calling thread. False where the system does not allow it.
bool Schedule(bool prompt) {
  static const bool has_several = std::thread::hardware_concurrency() > 1;
  if (prompt && !has_several) return false;
  // Once set, the flag is not taken off again without a privilege.
  const int policy = (prompt ? SCHED_RR : SCHED_OTHER) | SCHED_RESET_ON_FORK;
  sched_param param{};
  param.sched_priority = prompt ? sched_get_priority_min(SCHED_RR) : 0;
  return sched_setscheduler(0, policy, &param) == 0;
}

}  // namespace

bool PromptShare::Turn(Clock::time_point now, absl::FunctionRef<std::chrono::nanoseconds()> used) {
  ++turns_;
  if (turns_ > kMostTurns) is_little_ = false;
  const std::chrono::nanoseconds elapsed = now - since_;
  if (elapsed < kWindow) return is_little_;
  const std::chrono::nanoseconds used_now = used();
  const auto share =
      static_cast<double>((used_now - used_before_).count()) / static_cast<double>(elapsed.count());
  is_little_ = turns_ <= kMostTurns && share <= most_;
  turns_ = 0;
  since_ = now;
  used_before_ = used_now;
  return is_little_;
}

PromptThread& PromptThread::Here() {
  thread_local PromptThread here(kMostShare);
  return here;
}

void PromptThread::Turn() { Be(share_.Turn(PromptShare::Clock::now(), UsedByThread)); }

void PromptThread::StandBack() { Be(false); }

void PromptThread::Be(bool prompt) {
  if (prompt == is_prompt_ || is_refused_) return;
  if (Schedule(prompt)) {
    is_prompt_ = prompt;
  } else {
    is_refused_ = true;
  }
}

bool MayBePrompt() {
  bool may = false;
  std::thread([&may] { may = Schedule(true); }).join();
  return may;
}

}  // namespace shouwang
