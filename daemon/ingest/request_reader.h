// Reads what streams send, one message after the other, in memory that is used again for the next:
// but for names longer than 15 bytes nothing is allocated and freed by itself.
//
//   RequestReader reader;
//   const bool read = reader.Read(bytes, [&](const v1::Batch& batch) { ... });
//
// Not thread-safe; one for each thread.
#pragma once

#include <google/protobuf/arena.h>
#include <shouwang/v1/report.pb.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace shouwang::ingest {

class RequestReader {
 public:
  RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Shows the batch of a SubmitRequest, an empty one where it has none. False where the bytes are
  // not one. Holds no more than kKeptBytes when it returns.
  bool Read(std::string_view message, absl::FunctionRef<void(const v1::Batch&)> visit);

  // What a village's month of 20 values takes, read. Larger messages take more from the heap.
  static constexpr size_t kKeptBytes = size_t{128} << 10;
  size_t held_bytes() const { return arena_.SpaceAllocated(); }

 private:
  using Kept = std::array<char, kKeptBytes>;

  std::unique_ptr<Kept> kept_;
  google::protobuf::Arena arena_;
};

}  // namespace shouwang::ingest
