// Reads what streams send, one message after the other, in memory that is used again for the next:
// nothing is allocated or freed for a household's report, nor one by one for a village's.
//
// Not thread-safe; one for each thread.
#pragma once

#include <google/protobuf/arena.h>
#include <shouwang/v1/report.pb.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace shouwang::ingest {

class RequestReader {
 public:
  RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // nullptr: the bytes are not a SubmitRequest. Else valid until the next call.
  const v1::SubmitRequest* Read(std::string_view message);

 private:
  // What a village's month of 20 values takes, read; more is taken from the heap and given back.
  using Kept = std::array<char, size_t{128} << 10>;

  std::unique_ptr<Kept> kept_;
  google::protobuf::Arena arena_;
};

}  // namespace shouwang::ingest
