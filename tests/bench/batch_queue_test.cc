#include "tests/bench/batch_queue.h"

#include <gtest/gtest.h>

#include <future>

namespace shouwang::bench {
namespace {

BatchQueue::Item ItemOf(int64_t values) { return {.request = {}, .values = values}; }

TEST(BatchQueueTest, GivesWhatCameFirstAndThenSaysThatItIsClosed) {
  BatchQueue queue(2);
  EXPECT_TRUE(queue.Push(ItemOf(1)));
  EXPECT_TRUE(queue.Push(ItemOf(2)));
  queue.Close();
  EXPECT_EQ(queue.Pop()->values, 1);
  EXPECT_EQ(queue.Pop()->values, 2);
  EXPECT_FALSE(queue.Pop().has_value());
}

TEST(BatchQueueTest, TakesNothingOnceItIsClosed) {
  BatchQueue queue(2);
  queue.Close();
  EXPECT_FALSE(queue.Push(ItemOf(1)));
  EXPECT_FALSE(queue.Pop().has_value());
}

TEST(BatchQueueTest, HoldsTheMakerBackWhileItIsFull) {
  BatchQueue queue(1);
  ASSERT_TRUE(queue.Push(ItemOf(1)));
  auto second = std::async(std::launch::async, [&queue] { return queue.Push(ItemOf(2)); });
  EXPECT_NE(second.wait_for(std::chrono::milliseconds(20)), std::future_status::ready);
  EXPECT_EQ(queue.Pop()->values, 1);
  EXPECT_TRUE(second.get());
  EXPECT_EQ(queue.Pop()->values, 2);
}

TEST(BatchQueueTest, LetsAMakerThatWaitsGoWhenItIsClosed) {
  BatchQueue queue(1);
  ASSERT_TRUE(queue.Push(ItemOf(1)));
  auto second = std::async(std::launch::async, [&queue] { return queue.Push(ItemOf(2)); });
  queue.Close();
  EXPECT_FALSE(second.get());
  EXPECT_EQ(queue.Pop()->values, 1);
}

}  // namespace
}  // namespace shouwang::bench
