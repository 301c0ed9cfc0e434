// Which of a subject's last dates a contrast looks at before it folds over all of them: as many as
// the rules' holds take. It follows from the dates alone, which neighbours nearly always share, so
// one is made for many subjects. A value, owned by one thread; making it anew keeps its memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "daemon/risk/paired_rules.h"
#include "storage/vocabulary/date.h"

namespace shouwang::risk {

// Bits of a word.
inline constexpr size_t kMostLastDates = 32;

struct LastDates {
  const PairedRules* rules = nullptr;
  size_t all = 0;                         // dates that the subject has
  std::vector<Date> dates;                // those that are looked at, the last first
  std::vector<PairedRules::Pair*> pairs;  // of each
  // Of each: the first of pairs[0]->holds that lasts as far back; rules of that hold and of longer
  // ones are looked at. 0 where the pair is not pairs[0]: all are.
  std::vector<size_t> first_hold;
  // By hold of pairs[0]: the dates that are looked at for rules of that hold, the last in bit 0,
  // and whether a run over them lasts as long.
  std::vector<uint32_t> looked_at;
  std::vector<bool> long_enough;
  // The first day that anything of it may read.
  Date reads_from;

  // Of a subject with these dates, not empty; `rules` outlives it.
  void Make(std::span<const Date> of_dates, PairedRules* of_rules, int lookback_months);
  // Whether Make would give the same.
  bool Fits(std::span<const Date> of_dates, const PairedRules* of_rules) const;
};

}  // namespace shouwang::risk
