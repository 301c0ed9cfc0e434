// A batch on its way to the daemon, with the rows that it came from, so that a refusal can be told
// by row and column. A value; whoever holds it owns it.
#pragma once

#include <shouwang/v1/report.pb.h>

#include <cstdint>
#include <vector>

namespace shouwang {

// Where a report stands in the sheets being sent.
struct RowRef {
  uint32_t file = 0;  // position in the list of files
  int64_t line = 0;   // from 1, as CsvReader::line
  friend bool operator==(const RowRef&, const RowRef&) = default;
};

struct OutgoingBatch {
  v1::SubmitRequest request;
  // Per section, per report in it.
  std::vector<std::vector<RowRef>> rows;
  // Per residence.
  std::vector<RowRef> residence_rows;
  uint64_t reports = 0;
  uint64_t values = 0;
};

}  // namespace shouwang
