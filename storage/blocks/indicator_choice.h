// Which columns a reader takes: those of some indicators, or all. A value; one thread.
#pragma once

#include <span>

#include "storage/vocabulary/indicator.h"

namespace shouwang {

class IndicatorChoice {
 public:
  // `wanted` is ascending; empty: all.
  explicit IndicatorChoice(std::span<const IndicatorId> wanted)
      : all_(wanted.empty()), rest_(wanted) {}

  // To be asked in ascending order.
  bool Takes(IndicatorId indicator) {
    if (all_) return true;
    while (!rest_.empty() && rest_.front() < indicator) rest_ = rest_.subspan(1);
    return !rest_.empty() && rest_.front() == indicator;
  }

 private:
  bool all_;
  std::span<const IndicatorId> rest_;
};

}  // namespace shouwang
