#include "daemon/query/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/notification.h"

namespace shouwang::query {
namespace {

TEST(WorkerPoolTest, RefusesWhatWouldWaitBeyondItsLimit) {
  absl::Notification started;
  absl::Notification release;
  WorkerPool pool(1, 2);  // last: its end waits for the task that looks at `release`
  ASSERT_TRUE(pool.TrySubmit([&] {
    started.Notify();
    release.WaitForNotification();
  }));
  started.WaitForNotification();
  EXPECT_TRUE(pool.TrySubmit([] {}));
  EXPECT_TRUE(pool.TrySubmit([] {}));
  EXPECT_FALSE(pool.TrySubmit([] {}));
  release.Notify();
}

TEST(WorkerPoolTest, StopRunsWhatIsQueuedAndTakesNoMore) {
  std::atomic<int> ran = 0;
  WorkerPool pool(2, 100);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.TrySubmit([&ran] { ++ran; }));
  pool.Stop();
  EXPECT_EQ(ran, 100);
  EXPECT_FALSE(pool.TrySubmit([] {}));
}

TEST(WorkerPoolTest, TasksRunBesideEachOther) {
  WorkerPool pool(2, 4);
  absl::Notification first;
  absl::Notification second;
  ASSERT_TRUE(pool.TrySubmit([&] {
    first.Notify();
    second.WaitForNotification();
  }));
  ASSERT_TRUE(pool.TrySubmit([&] {
    first.WaitForNotification();
    second.Notify();
  }));
  pool.Stop();
}

}  // namespace
}  // namespace shouwang::query
