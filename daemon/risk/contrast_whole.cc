// What the last dates leave open: by all dates of whole histories, or of a whole window.
#include <algorithm>
#include <array>
#include <bit>
#include <iterator>

#include "daemon/risk/contrast_engine.h"

namespace shouwang::risk {

uint64_t Contrast::Engine::OpenLanes(const Cohort& cohort) const {
  uint64_t lanes = 0;
  for (const Side side : kSides) {
    for (const LaneVerdict& verdict : cohort.verdicts[side]) lanes |= verdict.undecided;
  }
  for (const Case* c : cohort.cases) {
    if (c->judged_by == nullptr) lanes |= BitOf(c->lane);
  }
  return lanes;
}

absl::Status Contrast::Engine::JudgeByAllDates(const Lot& lot, Cohort* cohort) {
  const uint64_t lanes = OpenLanes(*cohort);
  if (lanes != 0) {
    const GroupWindow* whole = nullptr;
    if (lot.window != nullptr) {
      const absl::StatusOr<const GroupWindow*> read = WholeWindow(lot);
      if (!read.ok()) return read.status();
      whole = *read;
    }
    if (whole != nullptr) {
      TakeWhole(*whole, *cohort, lanes);
    } else if (absl::Status status = ReadWhole(lot, *cohort, lanes); !status.ok()) {
      return status;
    }
    FoldDates(cohort);
  }
  for (size_t r = 0; r < cohort->rules->rules().size(); ++r) {
    if (cohort->rules->IsSame(r)) cohort->verdicts[kAfter][r] = cohort->verdicts[kBefore][r];
  }
  return absl::OkStatus();
}

// Of what the rules read that are open questions, whichever cohort's; where there is none, as
// subjects have no date yet, of anything.
absl::StatusOr<const GroupWindow*> Contrast::Engine::WholeWindow(const Lot& lot) {
  if (is_whole_read_) return whole_;
  is_whole_read_ = true;
  bool is_there = true;
  std::vector<IndicatorId> read;
  for (size_t g = 0; g < cohorts_used_; ++g) {
    const Cohort& cohort = *cohorts_[g];
    if (OpenLanes(cohort) == 0) continue;
    is_there = is_there && std::ranges::all_of(cohort.cases, &Case::is_whole);
    for (size_t r = 0; r < cohort.rules->rules().size(); ++r) {
      const bool is_open =
          (cohort.verdicts[kBefore][r].undecided | cohort.verdicts[kAfter][r].undecided) != 0;
      if (!is_open) continue;
      for (const Pair& pair : cohort.rules->pairs()) {
        for (const size_t feature : pair.features[r]) {
          pair.program->AddIndicatorsOf(feature, &read);
        }
      }
    }
  }
  if (is_there) return whole_ = lot.window;
  std::ranges::sort(read);
  read.erase(std::unique(read.begin(), read.end()), read.end());
  if (read.empty()) read = indicators_;
  absl::StatusOr<const GroupWindow*> whole = lot.read_window(read);
  if (whole.ok()) whole_ = *whole;
  return whole;
}

void Contrast::Engine::NoteJudged(const Cohort& cohort, Case* c, Date last) {
  ++folded_;
  c->judged_on = last;
  c->judged_by = cohort.rules->PairOn(last).after;
}

void Contrast::Engine::UseLanes(const GroupWindow& window, size_t first_lane) {
  window_ = &window;
  first_lane_ = first_lane;
  count_ = std::min(Tape::kLanes, window.size() - first_lane);
}

// Those of the lanes that have a date to judge, with all those dates.
void Contrast::Engine::TakeWhole(const GroupWindow& whole, const Cohort& cohort, uint64_t lanes) {
  UseLanes(whole, cohort.first_lane);
  folded_bits_ = 0;
  dates_.clear();
  bits_on_.clear();
  std::array<Date, Tape::kLanes> last;
  for (size_t row = 0; row < whole.dates().size() && whole.dates()[row] <= through_; ++row) {
    const uint64_t bits = whole.ReportedOn(row, cohort.first_lane) & lanes;
    if (bits == 0) continue;
    dates_.push_back(whole.dates()[row]);
    bits_on_.push_back(bits);
    folded_bits_ |= bits;
    for (uint64_t left = bits; left != 0; left &= left - 1) {
      last[static_cast<size_t>(std::countr_zero(left))] = dates_.back();
    }
  }
  for (Case* c : cohort.cases) {
    if ((folded_bits_ & BitOf(c->lane)) == 0) continue;
    folded_cases_[c->lane] = c;
    NoteJudged(cohort, c, last[c->lane]);
  }
}

// The same of their histories.
absl::Status Contrast::Engine::ReadWhole(const Lot& lot, const Cohort& cohort, uint64_t lanes) {
  window_ = nullptr;
  folded_bits_ = 0;
  histories_.clear();
  dates_.clear();
  for (Case* c : cohort.cases) {
    if ((lanes & BitOf(c->lane)) == 0) continue;
    const History* all = c->history;
    if (c->history == nullptr || !c->is_whole) {
      History* read = &wholes_[histories_.size()];
      absl::Status status =
          lot.read_whole(c->index, c->known == nullptr ? all_indicators_ : indicators_, read);
      if (!status.ok()) return status;
      all = read;
    }
    const auto end = std::ranges::upper_bound(all->dates(), through_);
    const std::span<const Date> own =
        all->dates().first(static_cast<size_t>(end - all->dates().begin()));
    if (own.empty()) continue;
    NoteJudged(cohort, c, own.back());
    folded_cases_[histories_.size()] = c;
    folded_bits_ |= BitOf(histories_.size());
    histories_.push_back(all);
    if (std::ranges::equal(own, dates_)) continue;
    merged_.clear();
    std::ranges::set_union(own, dates_, std::back_inserter(merged_));
    dates_.swap(merged_);
  }
  count_ = histories_.size();
  bits_on_.assign(dates_.size(), 0);
  for (size_t i = 0; i < histories_.size(); ++i) {
    size_t at = 0;
    for (const Date date : histories_[i]->dates()) {
      if (date > through_) break;
      while (dates_[at] != date) ++at;
      bits_on_[at] |= BitOf(i);
    }
  }
  return absl::OkStatus();
}

void Contrast::Engine::FoldDates(Cohort* cohort) {
  undecided_.clear();
  for (size_t r = 0; r < cohort->rules->rules().size(); ++r) {
    for (const Side side : kSides) {
      Undecided of{side, r, 0, {}};
      for (uint64_t left = folded_bits_; left != 0; left &= left - 1) {
        const auto bit = static_cast<size_t>(std::countr_zero(left));
        of.lanes |= (cohort->verdicts[side][r].undecided >> folded_cases_[bit]->lane & 1) << bit;
      }
      if (of.lanes != 0) undecided_.push_back(of);
    }
  }
  for (size_t first = 0; first < dates_.size();) {
    Pair& pair = cohort->rules->PairOn(dates_[first]);
    size_t last = first + 1;
    while (last < dates_.size() && &cohort->rules->PairOn(dates_[last]) == &pair) ++last;
    looked_at_.clear();
    for (const Undecided& u : undecided_) looked_at_.emplace_back(u.side, u.rule);
    Want(&pair);
    OpenAbreast(&pair, dates_[first], dates_[last - 1]);
    for (; first < last; ++first) FoldDate(&pair, dates_[first], bits_on_[first]);
  }
  for (const Undecided& u : undecided_) {
    LaneVerdict& verdict = cohort->verdicts[u.side][u.rule];
    for (uint64_t left = folded_bits_; left != 0; left &= left - 1) {
      const uint64_t bit = left & -left;
      const uint64_t lane = BitOf(folded_cases_[static_cast<size_t>(std::countr_zero(bit))]->lane);
      if ((u.lanes & u.fold.open() & bit) != 0) verdict.open |= lane;
      verdict.undecided &= ~lane;
    }
  }
}

// `bits`: those of folded_cases_ that have the date.
void Contrast::Engine::FoldDate(Pair* pair, Date date, uint64_t bits) {
  pair->program->TakeAbreast(date, features_);
  pair->program->DecideWanted(count_);
  for (Undecided& u : undecided_) {
    const PairedRules::Part& part = pair->parts[u.side][u.rule];
    const uint64_t when = part.there ? pair->program->TrueLanes(part.when) : 0;
    const uint64_t clear = part.there ? pair->program->TrueLanes(part.clear) : 0;
    u.fold.Take(part, bits & u.lanes, when, clear, date);
  }
}

}  // namespace shouwang::risk
