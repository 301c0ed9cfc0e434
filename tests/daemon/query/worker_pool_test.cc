#include "daemon/query/worker_pool.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>

#include "absl/synchronization/notification.h"
#include "daemon/pace/prompt_thread.h"

namespace shouwang::query {
namespace {

using enum WorkerPool::Length;

TEST(WorkerPoolTest, RefusesWhatWouldWaitBeyondItsLimit) {
  absl::Notification started;
  absl::Notification release;
  WorkerPool pool(1, 2);  // last: its end waits for the task that looks at `release`
  ASSERT_TRUE(pool.TrySubmit(
      [&] {
        started.Notify();
        release.WaitForNotification();
      },
      kLong));
  started.WaitForNotification();
  EXPECT_TRUE(pool.TrySubmit([] {}, kLong));
  EXPECT_TRUE(pool.TrySubmit([] {}, kLong));
  EXPECT_FALSE(pool.TrySubmit([] {}, kLong));
  release.Notify();
}

TEST(WorkerPoolTest, StopRunsWhatIsQueuedAndTakesNoMore) {
  std::atomic<int> ran = 0;
  WorkerPool pool(2, 100);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.TrySubmit([&ran] { ++ran; }, kLong));
  pool.Stop();
  EXPECT_EQ(ran, 100);
  EXPECT_FALSE(pool.TrySubmit([] {}, kLong));
}

TEST(WorkerPoolTest, TasksRunBesideEachOther) {
  WorkerPool pool(2, 4);
  absl::Notification first;
  absl::Notification second;
  ASSERT_TRUE(pool.TrySubmit(
      [&] {
        first.Notify();
        second.WaitForNotification();
      },
      kLong));
  ASSERT_TRUE(pool.TrySubmit(
      [&] {
        first.WaitForNotification();
        second.Notify();
      },
      kLong));
  pool.Stop();
}

TEST(WorkerPoolTest, BriefTasksArePromptAndLongOnesOrdinary) {
  const auto policy = [] { return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK; };
  int of_long = -1;
  int of_brief = -1;
  int of_next = -1;
  WorkerPool pool(1, 4);
  ASSERT_TRUE(pool.TrySubmit([&] { of_long = policy(); }, kLong));
  ASSERT_TRUE(pool.TrySubmit([&] { of_brief = policy(); }, kBrief));
  ASSERT_TRUE(pool.TrySubmit([&] { of_next = policy(); }, kLong));
  pool.Stop();
  EXPECT_EQ(of_long, SCHED_OTHER);
  EXPECT_EQ(of_next, SCHED_OTHER);
  if (!MayBePrompt()) GTEST_SKIP() << "no thread of this process may be prompt";
  EXPECT_EQ(of_brief, SCHED_RR);
}

}  // namespace
}  // namespace shouwang::query
