#include "daemon/ingest/receipt_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace shouwang::ingest {
namespace {

using testing::ElementsAre;
using testing::Optional;

v1::Receipt ReceiptOf(const std::string& request_id) {
  v1::Receipt receipt;
  receipt.set_request_id(request_id);
  return receipt;
}

// The ids in the next message; nullopt where there is none.
std::optional<std::vector<std::string>> TakeIds(ReceiptQueue* queue) {
  const std::optional<std::string> message = queue->Take();
  if (!message) return std::nullopt;
  v1::SubmitResponse response;
  EXPECT_TRUE(response.ParseFromString(*message));
  std::vector<std::string> ids;
  for (const v1::Receipt& receipt : response.receipts()) ids.push_back(receipt.request_id());
  return ids;
}

TEST(ReceiptQueueTest, WhatIsReadyLeavesTogetherInTheOrderOfTheBatches) {
  ReceiptQueue queue;
  for (uint64_t number = 0; number < 4; ++number) EXPECT_EQ(queue.Add(), number);
  EXPECT_EQ(TakeIds(&queue), std::nullopt);
  queue.Set(1, ReceiptOf("b"));
  queue.Set(3, ReceiptOf("d"));
  EXPECT_EQ(TakeIds(&queue), std::nullopt);  // the first is not ready
  EXPECT_EQ(queue.size(), 4u);
  queue.Set(0, ReceiptOf("a"));
  EXPECT_THAT(TakeIds(&queue), Optional(ElementsAre("a", "b")));
  EXPECT_EQ(TakeIds(&queue), std::nullopt);
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.Add(), 4u);
  queue.Set(4, ReceiptOf("e"));
  queue.Set(2, ReceiptOf("c"));
  EXPECT_THAT(TakeIds(&queue), Optional(ElementsAre("c", "d", "e")));
  EXPECT_EQ(queue.size(), 0u);
  EXPECT_EQ(TakeIds(&queue), std::nullopt);
}

TEST(ReceiptQueueTest, AReceiptWithNothingInItIsReady) {
  ReceiptQueue queue;
  queue.Add();
  queue.Set(0, v1::Receipt());
  EXPECT_THAT(TakeIds(&queue), Optional(ElementsAre("")));
}

TEST(ReceiptQueueTest, AMessageEndsAtItsBoundAndALargerReceiptIsAlone) {
  // A receipt takes its id and 8 bytes: a tag and a length of 3 bytes, of the response and of it.
  const std::string half(ReceiptQueue::kMostSharedBytes / 2 - 8, 'h');
  const std::string large(ReceiptQueue::kMostSharedBytes, 'l');
  ReceiptQueue queue;
  for (const std::string& id : {half, half, half, std::string("s"), large, std::string("t")}) {
    queue.Set(queue.Add(), ReceiptOf(id));
  }
  EXPECT_THAT(TakeIds(&queue), Optional(ElementsAre(half, half)));
  EXPECT_THAT(TakeIds(&queue), Optional(ElementsAre(half, "s")));
  EXPECT_THAT(TakeIds(&queue), Optional(ElementsAre(large)));
  EXPECT_THAT(TakeIds(&queue), Optional(ElementsAre("t")));
}

}  // namespace
}  // namespace shouwang::ingest
