// From excesses, month by month, to incidents that begin, go on and are over. An incident goes on
// where its place, or a part of it, has an excess before `hold_months` have passed without one.
// Where a wider place takes over, the incidents of its parts go on as part of that one.
//
// By one thread; months in order.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "daemon/incidents/attribution.h"

namespace shouwang::incidents {

// Incidents past this number are left out: those that are over before the open ones, and of either
// those most likely to be chance first. One that went on as part of another ranks with that one and
// stays no longer.
inline constexpr size_t kMaxIncidents = 5'000;
// Months of an incident's past that are told with it.
inline constexpr int kPastMonthsTold = 24;

struct Excess {
  size_t place = 0;
  double p_value = 1;
  double q_value = 1;
};

class Chronicle {
 public:
  // `table` outlives it.
  Chronicle(const OnsetTable* table, int hold_months, size_t most = kMaxIncidents)
      : table_(table), hold_months_(hold_months), most_(most) {}

  // What is told of one kind in one month, by place.
  void Add(const MonthOfKind& what, std::span<const Excess> told);
  // Those that had an excess in the month `from` or later, by id; `left_out` gets how many were too
  // many.
  std::vector<Incident> Close(int from, size_t* left_out) &&;

 private:
  struct Course {
    size_t place = 0;
    size_t kind = 0;
    int first = 0;
    int last = 0;
    double expected = 0;
    double since_last = 0;  // expected since then
    double p_value = 1;
    double q_value = 1;
    int part_of = -1;  // index of a course
    std::vector<IncidentMonth> excesses;
  };
  bool Holds(size_t above, size_t place) const;
  Course* Running(const MonthOfKind& what, size_t place);
  void Begin(const MonthOfKind& what, const Excess& excess);
  void Extend(const MonthOfKind& what, const Excess& excess, Course* course) const;
  bool IsOpen(const Course& course) const;
  const Course& Whole(const Course& course) const;
  void Rank(std::vector<const Course*>* courses) const;
  IncidentId IdOf(const Course& course) const;
  Incident Tell(const Course& course) const;

  const OnsetTable* const table_;
  const int hold_months_;
  const size_t most_;
  std::vector<Course> courses_;
};

}  // namespace shouwang::incidents
