// What was counted of one reporter's reports. A value; bounded, about 20 KB, by the number of
// amounts that the policy names and of examples that are kept.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/screening/example_sample.h"
#include "daemon/screening/reporter.h"
#include "daemon/screening/statistics.h"

namespace shouwang::screening {

struct ReporterTally {
  Reporter reporter;
  uint64_t households = 0;
  uint64_t reports = 0;  // subjects and dates

  // Pairs of an amount and that of the month before, both above 0; hits are equal. One for each
  // amount of the policy, in its order: which of them are constant by nature the peers tell.
  struct Pairs {
    Share share;
    ExampleSample examples;
  };
  std::vector<Pairs> pairs;
  Share reports_again;
  ExampleSample report_examples;

  // Amounts that are not those of the month before.
  Share round;
  ExampleSample round_examples;
  Digits digits{};

  // Households with an income in the two windows at the line; hits are above it.
  Share above_line;
  ExampleSample income_examples;

  // Cadre visits; hits are those beyond what is plausible.
  Share visits;
  std::vector<Example> speed_examples;  // the fullest days and hours first, kMaxExamples at most
};

}  // namespace shouwang::screening
