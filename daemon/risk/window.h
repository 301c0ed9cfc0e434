// Where windows begin: for each number of months that a policy looks back, the date so many months
// before the one judged.
//
// One owner, one thread. Subjects report on the same few days of a month, so the dates are kept in
// a small table instead of walking the calendar for each subject.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "storage/vocabulary/date.h"

namespace shouwang::risk {

// The date that `months` before `date`; from the last day of a month it is the last day of that
// month. (PlusMonths alone would make the three months to 30 June begin after 30 March, and a
// household that reports on the last of each month would have four reports in them.)
inline Date MonthsBefore(Date date, int months) {
  const Month month = date.month();
  return date == Date::LastOf(month) ? Date::LastOf(month - months) : date.PlusMonths(-months);
}

class WindowBounds {
 public:
  // The slot of `months`; all are named before the first MoveTo.
  size_t SlotOf(int months) {
    const auto it = std::ranges::find(months_, months);
    if (it != months_.end()) return static_cast<size_t>(it - months_.begin());
    months_.push_back(months);
    return months_.size() - 1;
  }
  void MoveTo(Date date) {
    current_ = &table_[static_cast<size_t>(date.days() - Date::Min().days()) % table_.size()];
    if (current_->date == date && current_->bounds.size() == months_.size()) return;
    current_->date = date;
    current_->bounds.clear();
    for (int months : months_) current_->bounds.push_back(MonthsBefore(date, months));
  }
  // The date that many months before the date last moved to; windows begin after it.
  Date At(size_t slot) const { return current_->bounds[slot]; }

 private:
  struct Entry {
    Date date;
    std::vector<Date> bounds;
  };
  std::vector<int> months_;
  std::array<Entry, 128> table_;
  Entry* current_ = nullptr;
};

}  // namespace shouwang::risk
