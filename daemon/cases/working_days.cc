#include "daemon/cases/working_days.h"

namespace shouwang::cases {

WorkingDays::WorkingDays(const risk::PolicySet& policies) {
  for (const risk::Policy& policy : policies.All()) {
    for (const risk::CalendarDay& day : policy.calendar) exceptions_[day.date] = day.working;
  }
}

bool WorkingDays::Has(Date date) const {
  const auto it = exceptions_.find(date);
  if (it != exceptions_.end()) return it->second;
  // 1970-01-01 was a Thursday: day 4 a Monday, 9 and 10 a weekend.
  const int since_monday = ((date.days() - 4) % 7 + 7) % 7;
  return since_monday < 5;
}

Date WorkingDays::After(Date date, int count) const {
  while (count > 0 && date < Date::Max()) {
    date = date + 1;
    if (Has(date)) --count;
  }
  return date;
}

Date WorkingDays::EndOf(Date date, const risk::Term& term) const {
  return term.working ? After(date, term.days) : date + term.days;
}

}  // namespace shouwang::cases
