// Simulated sheets that are made up in one of four ways, for trying out what finds them. The
// households behind stay what they are; only what is written of them differs. A sheet says of
// itself that it is simulated either way.
//
//   copied      of SHARE of the households every month's amounts are those of the first month
//   round       of SHARE of the households amounts are rounded: to 1,000 from 10,000 yuan on, to
//               500 from 1,000 on, to 100 from 100 on
//   above_line  of SHARE of the households the income a year and person is 0 to 4 % above the line
//   rushed      in SHARE of the months all visits of the township are of one day, the 20th
//
// Pure but for what was written last, which `copied` keeps; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "collectors/simulator/columns.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"

namespace shouwang::simulator {

enum class FabricationKind : uint8_t { kCopied, kRound, kAboveLine, kRushed };

struct Fabrication {
  FabricationKind kind = FabricationKind::kCopied;
  Division township;
  double share = 1;  // above 0, to 1
};

// "copied:520502001", "rushed:520502001:0.3". InvalidArgument for anything else.
absl::StatusOr<Fabrication> ParseFabrication(std::string_view text);

// Makes up the sheets of one township.
class Fabricator {
 public:
  // Those of `fabrications` that are of the township. `line`: yuan a year and person.
  Fabricator(std::span<const Fabrication> fabrications, const Division& township, uint64_t seed,
             double line, Month last_month);

  // The day of all visits of a month, where it is made up.
  std::optional<Date> VisitDay(Month month) const;
  // Changes what is reported of a household; months in order.
  void MakeUp(uint64_t village, uint32_t number, HouseholdReading* reported);

 private:
  bool IsChosen(const Fabrication& fabrication, uint64_t village, uint32_t number) const;
  void Copy(uint64_t village, uint32_t number, HouseholdReading* reported);
  void LiftAboveLine(uint64_t village, uint32_t number, HouseholdReading* reported) const;

  std::vector<Fabrication> fabrications_;
  const uint64_t seed_;
  const double line_;
  const Month last_month_;
  absl::flat_hash_map<std::pair<uint64_t, uint32_t>, HouseholdReading> first_;
};

}  // namespace shouwang::simulator
