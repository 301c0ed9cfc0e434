// Shows on stderr how far a run is: a bar that is redrawn where it is a terminal, else a line every
// few seconds. Single-threaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace shouwang {

struct ProgressPoint {
  uint64_t rows = 0;
  // Values with a receipt.
  uint64_t values = 0;
  int64_t bytes_read = 0;
  int64_t bytes_total = 0;
};

// "[=====>    ]  52.0 %  12,345 rows  8,230 rows/s  1.2 M values stored  0:04 left".
std::string ProgressLine(const ProgressPoint& point, std::chrono::milliseconds elapsed, bool bar);

class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  // Quiet: shows nothing.
  Progress(bool quiet, bool terminal);
  // Cheap; draws at most every 200 ms on a terminal, every 5 s elsewhere.
  void Show(const ProgressPoint& point);
  // Ends the bar's line.
  void Close();

 private:
  const bool quiet_;
  const bool terminal_;
  const Clock::time_point started_;
  Clock::time_point shown_;
  bool open_ = false;
};

}  // namespace shouwang
