// How long values are kept, as an operator says it: months by the cadence of their indicator. Pure;
// any thread.
#pragma once

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/retention.h"

namespace shouwang {

// 0: everything is kept.
struct RetentionMonths {
  int monthly = 0;
  int quarterly = 0;
  int yearly = 0;
  int on_change = 0;

  int Of(Cadence cadence) const;
};

// What these months close on `today`: whole calendar years, so that at least the months asked for
// are kept, and never less than `lookback_months`, which the policies need.
Retention RetentionOn(Date today, const RetentionMonths& months, const Catalogue& catalogue,
                      int lookback_months);

}  // namespace shouwang
