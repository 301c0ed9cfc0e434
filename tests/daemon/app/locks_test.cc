// abseil as Debian builds it looks for circles of its locks. shouwangd turns that off where it is
// optimised (main.cc); every test has it.
#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"

namespace shouwang {
namespace {

void LockInACircle() {
  absl::Mutex first;
  absl::Mutex second;
  {
    const absl::MutexLock one(&first);
    const absl::MutexLock other(&second);
  }
  const absl::MutexLock other(&second);
  const absl::MutexLock one(&first);
}

TEST(LocksDeathTest, ACircleOfLocksEndsATest) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(LockInACircle(), "Potential Mutex deadlock");
}

}  // namespace
}  // namespace shouwang
