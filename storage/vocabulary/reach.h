// How far back a reader wants an indicator. A value; any thread.
#pragma once

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang {

// The indicator's points from that day on.
struct Reach {
  IndicatorId indicator = 0;
  Date from;
};

}  // namespace shouwang
