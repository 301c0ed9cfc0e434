// What a finding shows of itself: at most 20 examples out of any number, the same ones in whatever
// order they come. Kept are those of the smallest hash of what they are about, which is as good as
// drawing lots. A value; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/subject.h"

namespace shouwang::screening {

inline constexpr size_t kMaxExamples = 20;

struct Example {
  Subject subject;                  // number 0: none; of days and hours
  IndicatorId indicator = 0;        // 0: of none in particular
  Date date;                        // observed; with `hour`, of entry in China
  std::optional<Date> date_before;  // of the same value
  double value = 0;                 // yuan, or a count
  std::optional<int> hour;          // China's clock
  friend auto operator<=>(const Example&, const Example&) = default;
};

class ExampleSample {
 public:
  void Add(const Example& example);
  // By subject, indicator and date.
  std::vector<Example> Sorted() const;
  // Of both together.
  void Merge(const ExampleSample& other);

 private:
  struct Kept {
    uint64_t hash = 0;
    Example example;
  };
  std::vector<Kept> kept_;  // the one of the greatest hash last
};

}  // namespace shouwang::screening
