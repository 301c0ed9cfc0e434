#include "daemon/risk/lane_fold.h"

namespace shouwang::risk {
namespace {

// Calls visit(lane) for each bit.
template <typename Visit>
void ForEachLane(uint64_t lanes, Visit visit) {
  for (; lanes != 0; lanes &= lanes - 1) visit(static_cast<size_t>(std::countr_zero(lanes)));
}

}  // namespace

void LaneFold::Take(const PairedRules::Part& part, uint64_t lanes, uint64_t when, uint64_t clear,
                    Date date) {
  if (!part.there) {
    open_ &= ~lanes;
    clearing_ &= ~lanes;
    return;
  }
  const uint64_t was_open = open_ & lanes;
  const uint64_t clears = was_open & clear;
  clearing_ &= ~(was_open & ~clear);
  ForEachLane(clears & ~clearing_, [&](size_t lane) { clearing_since_[lane] = date; });
  clearing_ |= clears;
  uint64_t cleared = 0;
  if (part.hold_months == 0) {
    cleared = clears;
  } else {
    ForEachLane(clears, [&](size_t lane) {
      const bool passed = date >= clearing_since_[lane].PlusMonths(part.hold_months);
      cleared |= static_cast<uint64_t>(passed ? 1U : 0U) << lane;
    });
  }
  open_ = (open_ & ~cleared) | (lanes & ~was_open & when);
  clearing_ &= ~cleared;
}

void DecideByLastDate(const PairedRules::Part& part, const LaneTrail& trail, LaneVerdict* verdict) {
  if (!part.there) {
    verdict->undecided = 0;
    return;
  }
  const uint64_t opens = verdict->undecided & trail.when[0] & ~trail.clear[0];
  verdict->open |= opens;
  verdict->undecided &= ~opens;
  if (part.hold_months == 0) verdict->undecided &= ~(~trail.when[0] & trail.clear[0]);
}

void DecideByLastDates(const LastDates& plan, Side side, size_t rule, const LaneTrail& trail,
                       LaneVerdict* verdict) {
  const auto part_at = [&](size_t k) -> const PairedRules::Part& {
    return plan.pairs[k]->parts[side][rule];
  };
  const size_t hold = plan.pairs[0]->hold_of[rule];
  const uint32_t looked_at = plan.looked_at[hold];
  const auto is_looked_at = [&](size_t k) {
    return k < plan.dates.size() && (looked_at >> k & 1) != 0;
  };
  // Had it been open before such a run, it would have cleared by now.
  if (plan.long_enough[hold]) {
    uint64_t run = verdict->undecided;
    for (size_t k = 0; is_looked_at(k); ++k) {
      run &= part_at(k).there ? ~trail.when[k] & trail.clear[k] : 0;
    }
    verdict->undecided &= ~run;
  }
  // Else from a date on which it stood one way whatever was before.
  for (size_t k = 1; is_looked_at(k) && verdict->undecided != 0; ++k) {
    const uint64_t opens = trail.when[k] & ~trail.clear[k];
    const uint64_t told = verdict->undecided & (part_at(k).there ? opens : ~uint64_t{0});
    if (told == 0) continue;
    LaneFold fold(part_at(k).there ? told : 0);
    for (size_t next = k; next-- > 0;) {
      fold.Take(part_at(next), told, trail.when[next], trail.clear[next], plan.dates[next]);
    }
    verdict->open |= fold.open() & told;
    verdict->undecided &= ~told;
  }
}

}  // namespace shouwang::risk
