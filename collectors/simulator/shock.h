// A shock: what strikes many simulated households of one place in one month, so that it can be seen
// whether it is found. Written KIND:PLACE:MONTH[:SHARE], for example
//
//   flood:520502001:2026-07        a village, township or larger division; losses and lost crops
//   layoff:520502001/S1:2026-05    or a site; nobody of the household has work for six months
//   price_fall:520502:2026-03:0.9  what the household produces fetches a third for a year
//
// SHARE is that of the place's households which are struck; without it a flood strikes 0.7, a
// layoff 0.6 and a price fall all. Who is struck follows from the seed alone. A value;
// single-threaded.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/subject.h"

namespace shouwang::simulator {

enum class ShockKind : uint8_t { kFlood, kLayoff, kPriceFall };

struct Shock {
  ShockKind kind = ShockKind::kFlood;
  Division division;  // of a site: its township
  bool site = false;  // only households at the township's site
  Month month;
  double share = 1;

  // InvalidArgument for anything else, naming the part at fault.
  static absl::StatusOr<Shock> Parse(std::string_view text);

  // Whether the household is struck; `relocated` ones live at their township's site.
  bool Strikes(uint64_t seed, uint64_t village, uint32_t number, bool relocated) const;
};

}  // namespace shouwang::simulator
