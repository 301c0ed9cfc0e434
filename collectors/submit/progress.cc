#include "collectors/submit/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace shouwang {
namespace {

constexpr int kBarWidth = 24;

std::string Grouped(uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

}  // namespace

std::string ProgressLine(const ProgressPoint& point, std::chrono::milliseconds elapsed, bool bar) {
  const double seconds = std::max(0.001, static_cast<double>(elapsed.count()) / 1000.0);
  const double share = point.bytes_total <= 0
                           ? 0.0
                           : std::clamp(static_cast<double>(point.bytes_read) /
                                            static_cast<double>(point.bytes_total),
                                        0.0, 1.0);
  std::string line;
  if (bar) {
    const int filled = static_cast<int>(share * kBarWidth);
    line = fmt::format("[{:=<{}}{: <{}}] ", "", filled, "", kBarWidth - filled);
  }
  line += fmt::format("{:5.1f} %  {} rows  {} rows/s  {} values stored", share * 100,
                      Grouped(point.rows),
                      Grouped(static_cast<uint64_t>(static_cast<double>(point.rows) / seconds)),
                      Grouped(point.values));
  if (share > 0.01 && share < 1) {
    const auto left = std::llround(seconds * (1 - share) / share);
    line += fmt::format("  {}:{:02} left", left / 60, left % 60);
  }
  return line;
}

Progress::Progress(bool quiet, bool terminal)
    : quiet_(quiet), terminal_(terminal), started_(Clock::now()), shown_(started_) {}

void Progress::Show(const ProgressPoint& point) {
  if (quiet_) return;
  const Clock::time_point now = Clock::now();
  if (now - shown_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(5))) return;
  shown_ = now;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - started_);
  const std::string line = ProgressLine(point, elapsed, terminal_);
  fmt::print(stderr, "{}{}{}", terminal_ ? "\r" : "", line, terminal_ ? "\033[K" : "\n");
  std::fflush(stderr);
  open_ = terminal_;
}

void Progress::Close() {
  if (open_) fmt::print(stderr, "\n");
  open_ = false;
}

}  // namespace shouwang
