// One call after another, each about a random household from a fixed seed. Any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/bench/panel.h"

namespace shouwang::bench {

// `call(household)` is timed; then `check(household)`, outside the clock, says whether its answer
// was right. Microseconds, ascending; the first status that is not OK instead.
template <typename Call, typename Check>
absl::StatusOr<std::vector<double>> TimeHouseholds(const Panel& panel, int samples, Call call,
                                                   Check check) {
  using Clock = std::chrono::steady_clock;
  std::mt19937_64 random(1);
  std::uniform_int_distribution<int64_t> any(0, panel.size().households - 1);
  std::vector<double> microseconds;
  for (int i = 0; i < samples; ++i) {
    const int64_t household = any(random);
    const auto start = Clock::now();
    absl::Status status = call(household);
    microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    if (status.ok()) status = check(household);
    if (!status.ok()) return status;
  }
  std::sort(microseconds.begin(), microseconds.end());
  return microseconds;
}

// 0 of nothing.
inline double Quantile(const std::vector<double>& ascending, double q) {
  if (ascending.empty()) return 0;
  return ascending[static_cast<size_t>(q * static_cast<double>(ascending.size() - 1))];
}

}  // namespace shouwang::bench
