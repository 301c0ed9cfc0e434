// Who reported: a collector of a township, for one source. What reports are held against, never a
// person: a collector is a program's name (proto Batch.collector). A value.
#pragma once

#include <compare>
#include <string>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang::screening {

struct Reporter {
  Division township;
  std::string collector;
  Source source = Source::kCadreVisit;
  friend auto operator<=>(const Reporter&, const Reporter&) = default;
};

// What the store knows of a batch, as far as screening asks.
struct BatchOrigin {
  std::string collector;
  Source source = Source::kCadreVisit;
  Instant reported_at;
};

}  // namespace shouwang::screening
