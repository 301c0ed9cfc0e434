// When an Alertmanager is called next: every interval while it answers; while it does not, soon,
// and then less and less often, up to the longest pause. A value; it has no clock.
#pragma once

#include <algorithm>
#include <chrono>

namespace shouwang::alerts {

class Pace {
 public:
  using Pause = std::chrono::milliseconds;
  static constexpr Pause kShortestRetry{1'000};
  static constexpr Pause kLongestRetry{60'000};

  explicit Pace(Pause interval) : interval_(interval) {}

  // The pause after a round that went well, or did not.
  Pause After(bool well) {
    if (well) {
      failures_ = 0;
      return interval_;
    }
    const Pause longest = std::max(interval_, kLongestRetry);
    Pause retry = std::min(interval_, kShortestRetry);
    for (int i = 0; i < failures_ && retry < longest; ++i) retry *= 2;
    if (failures_ < kEnough) ++failures_;
    return std::min(retry, longest);
  }

 private:
  static constexpr int kEnough = 40;
  const Pause interval_;
  int failures_ = 0;
};

}  // namespace shouwang::alerts
