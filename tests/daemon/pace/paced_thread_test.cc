#include "daemon/pace/paced_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "absl/synchronization/notification.h"

namespace shouwang {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

void NoFault(const absl::Status& status) { ADD_FAILURE() << status; }

TEST(PacedThreadTest, TheFirstTurnIsAtOnceAndTheOthersFollow) {
  PacedThread thread;
  std::atomic<int> turns = 0;
  absl::Notification third;
  thread.Start(
      {.every = milliseconds(1)},
      [&](const std::stop_token&) {
        if (++turns == 3) third.Notify();
        return absl::OkStatus();
      },
      NoFault);
  third.WaitForNotification();
  thread.Stop();
  EXPECT_GE(turns, 3);
}

TEST(PacedThreadTest, OneThatRestsFirstIsStoppedBeforeItsFirstTurn) {
  PacedThread thread;
  std::atomic<int> turns = 0;
  thread.Start(
      {.every = hours(24), .at_once = false},
      [&](const std::stop_token&) {
        ++turns;
        return absl::OkStatus();
      },
      NoFault);
  thread.Stop();
  EXPECT_EQ(turns, 0);
}

TEST(PacedThreadTest, AfterALongTurnComesALongRest) {
  const Pace pace{.every = milliseconds(100), .rest_factor = 20};
  EXPECT_EQ(RestAfter(pace, milliseconds(0)), milliseconds(100));
  EXPECT_EQ(RestAfter(pace, milliseconds(5)), milliseconds(100));
  EXPECT_EQ(RestAfter(pace, milliseconds(6)), milliseconds(120));
  EXPECT_EQ(RestAfter(pace, hours(1)), hours(20));
  EXPECT_EQ(RestAfter({.every = milliseconds(100)}, hours(1)), milliseconds(100));
}

TEST(PacedThreadTest, ATurnThatFailsIsToldAndTheNextOneComes) {
  PacedThread thread;
  std::atomic<int> turns = 0;
  std::atomic<int> faults = 0;
  absl::Notification second;
  thread.Start(
      {.every = milliseconds(1)},
      [&](const std::stop_token&) {
        if (++turns == 2) second.Notify();
        return turns == 1 ? absl::DataLossError("a block is damaged") : absl::OkStatus();
      },
      [&](const absl::Status& status) {
        EXPECT_EQ(status, absl::DataLossError("a block is damaged"));
        ++faults;
      });
  second.WaitForNotification();
  thread.Stop();
  EXPECT_EQ(faults, 1);
}

TEST(PacedThreadTest, StopEndsATurnThatListensAndItsEndIsNoFault) {
  PacedThread thread;
  absl::Notification begun;
  thread.Start(
      {.every = milliseconds(1)},
      [&](const std::stop_token& stop) {
        begun.Notify();
        absl::Notification stopped;
        const std::stop_callback listen(stop, [&] { stopped.Notify(); });
        stopped.WaitForNotification();
        return absl::CancelledError("the daemon stops");
      },
      NoFault);
  begun.WaitForNotification();
  thread.Stop();
  thread.Stop();
}

}  // namespace
}  // namespace shouwang
