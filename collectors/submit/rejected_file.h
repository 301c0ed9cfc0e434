// The CSV file in which a sheet's refused cells are told: file,row,column,value,reason. It is made
// with the first refusal; one left by an earlier run is removed first, so that what stands there is
// always of the last run.
//
// Single-threaded. What can't be written is told by status(), once for all.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace shouwang {

class RejectedFile {
 public:
  explicit RejectedFile(std::string path);

  // `row` counts lines from 1; 0 where no row can be named.
  void Add(std::string_view file, int64_t row, std::string_view column, std::string_view value,
           std::string_view reason);
  // Flushes. Unavailable, naming the file, if anything could not be written.
  absl::Status Close();
  const std::string& path() const { return path_; }
  uint64_t count() const { return count_; }

 private:
  const std::string path_;
  std::ofstream stream_;
  uint64_t count_ = 0;
};

}  // namespace shouwang
