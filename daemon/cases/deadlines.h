// When a case has to go on. A clock runs by the policy that was in force when it started, so that a
// new year's policy moves no deadline under people's feet; where that one keeps no cases, by the
// first later one that does. The first day does not count, and a case is overdue from the day after
// the last. A case that is overdue for long enough is the business of a higher level: also by the
// clock alone, so that it shows on the day without anybody's doing, and is undone by a step.
//
// Pure; any thread.
#pragma once

#include <array>
#include <optional>

#include "daemon/cases/standing.h"
#include "daemon/cases/working_days.h"

namespace shouwang::cases {

struct Deadlines {
  // The first day on which it may go on; absent: at once.
  std::optional<Date> not_before;
  // The last day for the next step.
  std::optional<Date> step_by;
  // The last day for the decision: registered or dismissed.
  std::optional<Date> decide_by;
  // Whose the case is in time.
  Role owner = Role::kVillage;
  // The first day on which it is that level's, the township's first; absent: never.
  std::array<std::optional<Date>, 3> up_on;

  // The earlier of both.
  std::optional<Date> due() const;
  // Days of the calendar past due() on `today`; 0 where it is not.
  int DaysOver(Date today) const;
  // Whose the case is on `today`: the owner's, or the highest level that it has gone up to.
  Role LevelOn(Date today) const;
  bool EscalatedOn(Date today) const { return LevelOn(today) > owner; }
  // The next day on which it goes up if nobody does anything.
  std::optional<Date> NextUpOn(Date today) const;
};

Deadlines DeadlinesOf(const CaseStanding& standing, const risk::PolicySet& policies,
                      const WorkingDays& working_days);

}  // namespace shouwang::cases
