#include "daemon/incidents/chronicle.h"

#include <algorithm>
#include <tuple>

namespace shouwang::incidents {

bool Chronicle::Holds(size_t above, size_t place) const {
  for (auto p = static_cast<int32_t>(place); p >= 0;
       p = table_->places()[static_cast<size_t>(p)].parent) {
    if (p == static_cast<int32_t>(above)) return true;
  }
  return false;
}

// The widest one that the place is in.
Chronicle::Course* Chronicle::Running(const MonthOfKind& what, size_t place) {
  Course* widest = nullptr;
  for (Course& course : courses_) {
    if (course.kind != what.kind || course.part_of >= 0) continue;
    if (what.month - course.last > hold_months_ || !Holds(course.place, place)) continue;
    if (widest == nullptr || course.place < widest->place) widest = &course;
  }
  return widest;
}

void Chronicle::Extend(const MonthOfKind& what, const Excess& excess, Course* course) const {
  if (course->last != what.month || course->excesses.empty()) {
    course->expected += course->since_last + what.expected[course->place].mean;
    course->since_last = 0;
    course->last = what.month;
    course->excesses.push_back({.month = table_->first() + what.month,
                                .expected = what.expected[course->place].mean,
                                .p_value = excess.p_value,
                                .q_value = excess.q_value,
                                .excess = true});
  }
  IncidentMonth& month = course->excesses.back();
  month.p_value = std::min(month.p_value, excess.p_value);
  month.q_value = std::min(month.q_value, excess.q_value);
  course->p_value = std::min(course->p_value, excess.p_value);
  course->q_value = std::min(course->q_value, excess.q_value);
}

void Chronicle::Begin(const MonthOfKind& what, const Excess& excess) {
  const auto index = static_cast<int>(courses_.size());
  for (Course& course : courses_) {
    if (course.kind == what.kind && course.part_of < 0 &&
        what.month - course.last <= hold_months_ && Holds(excess.place, course.place)) {
      course.part_of = index;
    }
  }
  Course& course = courses_.emplace_back();
  course.place = excess.place;
  course.kind = what.kind;
  course.first = what.month;
  course.last = what.month;
  Extend(what, excess, &course);
}

void Chronicle::Add(const MonthOfKind& what, std::span<const Excess> told) {
  for (const Excess& excess : told) {
    if (Course* course = Running(what, excess.place)) {
      Extend(what, excess, course);
    } else {
      Begin(what, excess);
    }
  }
  for (Course& course : courses_) {
    if (course.kind == what.kind && course.last < what.month) {
      course.since_last += what.expected[course.place].mean;
    }
  }
}

// The last month has but begun: it can still have an excess that goes on from hold_months_ before.
bool Chronicle::IsOpen(const Course& course) const {
  return course.part_of < 0 && table_->months() - 1 - course.last <= hold_months_;
}

// The one that it has become part of, or itself.
const Chronicle::Course& Chronicle::Whole(const Course& course) const {
  const Course* whole = &course;
  while (whole->part_of >= 0) whole = &courses_[static_cast<size_t>(whole->part_of)];
  return *whole;
}

// Those to keep first; what another one is part of before that one.
void Chronicle::Rank(std::vector<const Course*>* courses) const {
  const auto rank = [this](const Course* course) {
    const Course& whole = Whole(*course);
    // A whole begins after its parts do.
    return std::tuple(!IsOpen(whole), whole.q_value, &whole - courses_.data(),
                      courses_.data() - course);
  };
  std::ranges::sort(*courses, {}, rank);
}

IncidentId Chronicle::IdOf(const Course& course) const {
  return {.first = table_->first() + course.first,
          .place = table_->places()[course.place].place,
          .kind = table_->kinds()[course.kind]};
}

Incident Chronicle::Tell(const Course& course) const {
  Incident incident;
  incident.id = IdOf(course);
  incident.last = table_->first() + course.last;
  incident.expected = course.expected;
  incident.p_value = course.p_value;
  incident.q_value = course.q_value;
  if (course.part_of >= 0) {
    incident.part_of = IdOf(courses_[static_cast<size_t>(course.part_of)]).ToString();
  }
  incident.open = IsOpen(course);
  const int32_t above = table_->places()[course.place].parent;
  std::vector<int64_t> counts;
  for (int m = std::max(0, course.first - kPastMonthsTold); m < table_->months(); ++m) {
    table_->FillCounts(course.kind, m, &counts);
    const auto excess =
        std::ranges::find(course.excesses, table_->first() + m, &IncidentMonth::month);
    IncidentMonth month;
    if (excess != course.excesses.end()) month = *excess;
    month.month = table_->first() + m;
    month.observed = counts[course.place];
    month.exposure = table_->exposure(course.place, m);
    if (above >= 0) {
      const auto q = static_cast<size_t>(above);
      month.neighbours_observed = counts[q] - month.observed;
      month.neighbours_exposure =
          std::max(0.0F, table_->exposure(q, m) - table_->exposure(course.place, m));
    }
    if (m >= course.first && m <= course.last) incident.observed += month.observed;
    incident.months.push_back(month);
  }
  return incident;
}

std::vector<Incident> Chronicle::Close(int from, size_t* left_out) && {
  std::vector<const Course*> kept;
  for (const Course& course : courses_) {
    if (course.last >= from) kept.push_back(&course);
  }
  *left_out = kept.size() - std::min(kept.size(), most_);
  if (*left_out > 0) {
    Rank(&kept);
    kept.resize(most_);
  }
  std::vector<Incident> incidents;
  incidents.reserve(kept.size());
  for (const Course* course : kept) incidents.push_back(Tell(*course));
  std::ranges::sort(incidents, {}, &Incident::id);
  return incidents;
}

}  // namespace shouwang::incidents
