// One rule of many subjects at once, one bit for each: open or not, from date to date, by the
// states of a rule (README.md), and what their last dates tell of it. Pure values.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "daemon/risk/last_dates.h"
#include "daemon/risk/paired_rules.h"
#include "daemon/risk/tape.h"
#include "storage/vocabulary/date.h"

namespace shouwang::risk {

// The lanes in which a rule is open, and those in which that is not known yet.
struct LaneVerdict {
  uint64_t open = 0;
  uint64_t undecided = 0;
};

// The lanes in which a rule's conditions are true, at each of the last dates, the last first.
struct LaneTrail {
  std::array<uint64_t, kMostLastDates> when{};
  std::array<uint64_t, kMostLastDates> clear{};
};

// The rule folded from date to date.
class LaneFold {
 public:
  LaneFold() = default;
  // Open in these lanes, nothing cleared so far.
  explicit LaneFold(uint64_t open) : open_(open) {}

  uint64_t open() const { return open_; }
  // One date further, in the lanes that have it.
  void Take(const PairedRules::Part& part, uint64_t lanes, uint64_t when, uint64_t clear,
            Date date);

 private:
  uint64_t open_ = 0;
  uint64_t clearing_ = 0;
  std::array<Date, Tape::kLanes> clearing_since_{};  // of lanes in clearing_
};

// What the last date alone tells: true and not clearing is open, clearing and not true is not where
// no hold is to pass.
void DecideByLastDate(const PairedRules::Part& part, const LaneTrail& trail, LaneVerdict* verdict);
// What the dates of the plan tell of a rule (by its position).
void DecideByLastDates(const LastDates& plan, Side side, size_t rule, const LaneTrail& trail,
                       LaneVerdict* verdict);

}  // namespace shouwang::risk
