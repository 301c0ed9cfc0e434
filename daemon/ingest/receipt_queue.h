// The receipts of one stream: in the order of its batches, whatever the order in which they become
// ready, and in as few messages as they fit into.
//
// Not thread-safe: its stream's lock guards it.
#pragma once

#include <shouwang/v1/report.pb.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace shouwang::ingest {

class ReceiptQueue {
 public:
  // Receipts share a message as long as it stays within this; a larger one has its own.
  static constexpr size_t kMostSharedBytes = size_t{64} << 10;

  // A batch more that waits for its receipt; its number on this stream, 0 for the first.
  uint64_t Add();
  // `number` was added and has no receipt yet.
  void Set(uint64_t number, v1::Receipt receipt);
  // A SubmitResponse, serialized, of the receipts that are next and ready; they leave the queue.
  // nullopt: the next one is not ready, or there is none.
  std::optional<std::string> Take();

  // Of the batches whose receipts have not been taken.
  size_t size() const { return turns_.size(); }

 private:
  uint64_t next_ = 0;
  // The front one is next to be taken. Each a SubmitResponse of one receipt: such messages, one
  // after the other, are the message of them all. Empty: not ready.
  std::deque<std::string> turns_;
};

}  // namespace shouwang::ingest
