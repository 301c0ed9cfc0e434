#pragma once

#include <gtest/gtest.h>
#include <shouwang/v1/report.grpc.pb.h>

namespace shouwang::ingest {

// The receipts of a stream, however many of them a response has.
class ReceiptReader {
 public:
  using Stream = grpc::ClientReaderWriter<v1::SubmitRequest, v1::SubmitResponse>;

  // `stream` outlives the reader.
  explicit ReceiptReader(Stream* stream) : stream_(stream) {}

  // The test fails, and the receipt is empty, where the stream ends before it.
  v1::Receipt Next() {
    if (next_ == response_.receipts_size()) {
      next_ = 0;
      response_.Clear();
      EXPECT_TRUE(stream_->Read(&response_)) << "the stream has ended";
      EXPECT_GT(response_.receipts_size(), 0);
      if (response_.receipts().empty()) return {};
    }
    return response_.receipts(next_++);
  }

 private:
  Stream* const stream_;
  v1::SubmitResponse response_;
  int next_ = 0;
};

}  // namespace shouwang::ingest
