// Reads CSV (RFC 4180, with quoting; "\n" or "\r\n") row by row from a plain or gzip file, with its
// heading row apart. A UTF-8 byte-order mark is stripped. Memory is bounded: a row over 1 MiB or a
// heading of over 1,000 columns is an error.
//
// Single-threaded. Errors name the file and the line: InvalidArgument for malformed text, DataLoss
// for a truncated or damaged gzip, NotFound and PermissionDenied for the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace shouwang {

class CsvReader {
 public:
  static absl::StatusOr<CsvReader> Open(const std::string& path);
  CsvReader(CsvReader&&) noexcept;
  CsvReader& operator=(CsvReader&&) noexcept;
  ~CsvReader();

  const std::vector<std::string>& heading() const;
  // Fills `row` and returns true; false at the end. A row may have another number of cells than the
  // heading: that is the caller's to judge.
  absl::StatusOr<bool> Next(std::vector<std::string>* row);
  // Of the last row: the line of its first cell, from 1.
  int64_t line() const;
  // Compressed bytes read so far, and in all, for progress.
  int64_t bytes_read() const;
  int64_t bytes_total() const;

 private:
  struct State;
  explicit CsvReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace shouwang
