// Where windows begin: for each number of months that a policy looks back, the last day of the
// month that lies so many months before the date judged.
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

// Windows are whole calendar months up to the one of `date`: the last day of the month that lies
// `months` before it, after which the window begins; `date` itself for 0. (Visits fall on another
// day each month, so the twelve months back from a day would hold thirteen monthly reports as often
// as eleven.)
inline Date MonthsBefore(Date date, int months) {
  return months == 0 ? date : Date::LastOf(date.month() - months);
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
  // How many slots there are.
  size_t size() const { return months_.size(); }
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
