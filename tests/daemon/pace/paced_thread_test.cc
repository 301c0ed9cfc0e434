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
  PacedThread thread;
  std::atomic<int> turns = 0;
  absl::Notification first;
  thread.Start(
      {.every = milliseconds(1), .rest_factor = 1'000'000},
      [&](const std::stop_token&) {
        absl::SleepFor(absl::Milliseconds(5));
        if (++turns == 1) first.Notify();
        return absl::OkStatus();
      },
      NoFault);
  first.WaitForNotification();
  // The rest is of more than an hour, whatever the machine does meanwhile.
  absl::SleepFor(absl::Milliseconds(20));
  thread.Stop();
  EXPECT_EQ(turns, 1);
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
        while (!stop.stop_requested()) absl::SleepFor(absl::Milliseconds(1));
        return absl::CancelledError("the daemon stops");
      },
      NoFault);
  begun.WaitForNotification();
  thread.Stop();
  thread.Stop();
}

}  // namespace
}  // namespace shouwang
