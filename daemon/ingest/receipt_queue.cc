#include "daemon/ingest/receipt_queue.h"

#include <utility>

namespace shouwang::ingest {

uint64_t ReceiptQueue::Add() {
  turns_.emplace_back();
  return next_++;
}

void ReceiptQueue::Set(uint64_t number, v1::Receipt receipt) {
  v1::SubmitResponse response;
  *response.add_receipts() = std::move(receipt);
  turns_.at(number - (next_ - turns_.size())) = response.SerializeAsString();
}

std::optional<std::string> ReceiptQueue::Take() {
  if (turns_.empty() || turns_.front().empty()) return std::nullopt;
  std::string message = std::move(turns_.front());
  turns_.pop_front();
  while (!turns_.empty() && !turns_.front().empty() &&
         message.size() + turns_.front().size() <= kMostSharedBytes) {
    message += turns_.front();
    turns_.pop_front();
  }
  return message;
}

}  // namespace shouwang::ingest
