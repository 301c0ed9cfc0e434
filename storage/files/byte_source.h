// The bytes of a file, decompressed where it is gzip (told by its first two bytes, not by its
// name). Several gzip members after each other read as one, as gzip itself does.
//
// Single-threaded. Memory: two buffers of 64 KiB and zlib's window, whatever the file's size.
// Errors name the file: NotFound or PermissionDenied for one that can't be opened, DataLoss for a
// gzip stream that ends early or fails its checksum, Unavailable where the disk fails.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"

namespace shouwang {

class ByteSource {
 public:
  static absl::StatusOr<ByteSource> Open(const std::string& path);
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  // Fills as much of `buffer` as there is; 0 at the end. A damaged stream gives what came before
  // the damage first, then the error on every later call.
  absl::StatusOr<size_t> Read(std::span<char> buffer);
  // Bytes taken from the file so far, and its size when it was opened.
  int64_t bytes_read() const;
  int64_t bytes_total() const;

 private:
  struct State;
  explicit ByteSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace shouwang
