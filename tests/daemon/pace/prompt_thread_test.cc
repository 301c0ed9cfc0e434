#include "daemon/pace/prompt_thread.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace shouwang {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A thread whose clocks are moved by hand.
class Share {
 public:
  bool TurnAfter(milliseconds elapsed, milliseconds used) {
    now_ += elapsed;
    used_ += used;
    return share_.Turn(now_, [this] {
      ++asked_;
      return used_;
    });
  }
  bool Turn() { return TurnAfter(milliseconds(0), milliseconds(0)); }
  int asked() const { return asked_; }

 private:
  PromptShare share_{0.5};
  PromptShare::Clock::time_point now_{std::chrono::hours(1)};
  nanoseconds used_{};
  int asked_ = 0;
};

TEST(PromptShareTest, WhoDoesLittleIsPrompt) {
  Share share;
  EXPECT_TRUE(share.Turn());
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(share.TurnAfter(milliseconds(2), milliseconds(1)));
}

TEST(PromptShareTest, WhoUsesMoreThanItsShareIsNotUntilItUsesLess) {
  Share share;
  EXPECT_TRUE(share.Turn());
  EXPECT_TRUE(share.TurnAfter(milliseconds(40), milliseconds(30)));
  EXPECT_FALSE(share.TurnAfter(milliseconds(10), milliseconds(0)));  // 30 of 50 ms
  EXPECT_FALSE(share.TurnAfter(milliseconds(49), milliseconds(10)));
  EXPECT_TRUE(share.TurnAfter(milliseconds(1), milliseconds(0)));  // 10 of 50 ms
}

TEST(PromptShareTest, ALongRestMakesUpForMuchWork) {
  Share share;
  EXPECT_TRUE(share.Turn());
  EXPECT_FALSE(share.TurnAfter(milliseconds(60), milliseconds(60)));
  EXPECT_TRUE(share.TurnAfter(milliseconds(1'000), milliseconds(1)));
}

TEST(PromptShareTest, WhoHasTooManyTurnsIsNotUntilAWindowWithFewer) {
  Share share;
  EXPECT_TRUE(share.Turn());
  for (int i = 0; i < PromptShare::kMostTurns; ++i) EXPECT_TRUE(share.Turn()) << i;
  EXPECT_FALSE(share.Turn());
  EXPECT_FALSE(share.TurnAfter(PromptShare::kWindow, milliseconds(1)));
  EXPECT_FALSE(share.Turn());
  EXPECT_TRUE(share.TurnAfter(PromptShare::kWindow, milliseconds(1)));
}

TEST(PromptShareTest, TheSystemIsAskedForTheTimeOnceAWindow) {
  Share share;
  for (int i = 0; i < 200; ++i) share.TurnAfter(milliseconds(1), milliseconds(0));
  EXPECT_EQ(share.asked(), 4);  // of 200 ms
}

int PolicyOfThread() { return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK; }

TEST(PromptThreadTest, RunsBeforeOrdinaryThreadsWhereTheSystemAllowsIt) {
  if (!MayBePrompt()) GTEST_SKIP() << "no thread of this process may be prompt";
  EXPECT_EQ(PolicyOfThread(), SCHED_OTHER);
  std::jthread([] {
    PromptThread thread(PromptThread::kMostShare);
    EXPECT_EQ(PolicyOfThread(), SCHED_OTHER);
    thread.Turn();
    EXPECT_EQ(PolicyOfThread(), SCHED_RR);
    std::jthread([] { EXPECT_EQ(PolicyOfThread(), SCHED_OTHER); }).join();
    thread.StandBack();
    EXPECT_EQ(PolicyOfThread(), SCHED_OTHER);
    thread.Turn();
    EXPECT_EQ(PolicyOfThread(), SCHED_RR);
    // At once, unless a window ends on the way.
    for (int i = 0; i < 100 * PromptShare::kMostTurns && PolicyOfThread() == SCHED_RR; ++i) {
      thread.Turn();
    }
    EXPECT_EQ(PolicyOfThread(), SCHED_OTHER);
  }).join();
}

TEST(PromptThreadTest, AThreadThatSomebodyElseStartedIsOneAndTheSame) {
  PromptThread* here = &PromptThread::Here();
  EXPECT_EQ(&PromptThread::Here(), here);
  std::jthread([here] { EXPECT_NE(&PromptThread::Here(), here); }).join();
}

}  // namespace
}  // namespace shouwang
