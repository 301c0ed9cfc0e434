#include "daemon/risk/contrast.h"

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/risk/contrast_engine.h"

namespace shouwang::risk {
namespace {

// A subject is read at first as if it had reported at least so many months before `through`.
constexpr int kSlackMonths = 2;

}  // namespace

Contrast::Engine::Engine(const PolicySet& before, const PolicySet& after,
                         const Catalogue& catalogue, Date through)
    : fingerprint_(before.fingerprint()),
      both_{PairedRules(before, after, catalogue, SubjectKind::kHousehold),
            PairedRules(before, after, catalogue, SubjectKind::kSite)},
      changed_{PairedRules(both_[0], after, catalogue, SubjectKind::kHousehold),
               PairedRules(both_[1], after, catalogue, SubjectKind::kSite)},
      through_(through),
      lookback_months_(std::max(before.LongestLookbackMonths(), after.LongestLookbackMonths())) {
  const std::map<IndicatorId, int> all = MonthsRead(both_);
  for (const auto& [indicator, months] : all) all_indicators_.push_back(indicator);
  std::map<IndicatorId, int> changed = MonthsRead(changed_);
  if (all_indicators_.empty()) all_indicators_.push_back(kAnyIndicator);  // which nobody reports
  if (changed.empty()) changed[all_indicators_.front()] = 0;
  const int longest_hold = std::max(changed_[0].longest_hold(), changed_[1].longest_hold());
  const auto first_of = [&](int back) {
    back += longest_hold + kSlackMonths;
    return Date::FirstOf(std::max(Date::Min().month() + back, through.month()) - back);
  };
  for (const auto& [indicator, months] : changed) {
    indicators_.push_back(indicator);
    reaches_.push_back({indicator, first_of(months)});
  }
  recent_from_ = first_of(lookback_months_);
}

absl::Status Contrast::Engine::Judge(const Lot& lot, bool all, Visit visit) {
  for (PairedRules& rules : both_) rules.Narrow(lot.reported);
  for (PairedRules& rules : changed_) rules.Narrow(lot.reported);
  // Of a window all at once: what its lanes leave open is then read once.
  const size_t size = lot.window != nullptr ? lot.subjects.size() : lot.recent.size();
  const size_t together = lot.window != nullptr ? size : Tape::kLanes;
  if (lot.window != nullptr) {
    have_all_.set();
    for (size_t row = 0; row < lot.window->dates().size(); ++row) {
      have_all_ &= lot.window->ReportedOn(row);
    }
  }
  for (size_t first = 0; first < size; first += together) {
    const size_t count = std::min(together, size - first);
    if (cases_.size() < count) cases_.resize(count);
    // The latest plan is likely that of the next subject, too.
    if (plans_used_ > 1) std::swap(plans_[0], plans_[plans_used_ - 1]);
    plans_used_ = std::min<size_t>(plans_used_, 1);
    cohorts_used_ = 0;
    is_whole_read_ = false;
    for (size_t i = 0; i < count; ++i) TakeUp(lot, first + i, all, &cases_[i]);
    for (size_t g = 0; g < cohorts_used_; ++g) {
      Begin(cohorts_[g].get());
      if (cohorts_[g]->plan != nullptr) JudgeByLastDates(lot, cohorts_[g].get());
    }
    for (size_t g = 0; g < cohorts_used_; ++g) {
      absl::Status status = JudgeByAllDates(lot, cohorts_[g].get());
      if (!status.ok()) return status;
    }
    for (size_t i = 0; i < count; ++i) {
      if (cases_[i].judged_by != nullptr) Tell(cases_[i], visit);
    }
  }
  return absl::OkStatus();
}

const SubjectRisk* Contrast::Engine::Trusted(const SubjectRisk* known) const {
  if (known == nullptr || known->policy_fingerprint != fingerprint_) return nullptr;
  const bool judged = known->evaluated_through != Date::Min();
  return judged && known->evaluated_through <= through_ ? known : nullptr;
}

std::span<const Date> Contrast::Engine::DatesOf(const GroupWindow& window, size_t lane) {
  if (have_all_.test(lane)) return window.dates();
  own_dates_.clear();
  for (size_t row = 0; row < window.dates().size(); ++row) {
    if (window.ReportedOn(row).test(lane)) own_dates_.push_back(window.dates()[row]);
  }
  return own_dates_;
}

void Contrast::Engine::TakeUp(const Lot& lot, size_t index, bool all, Case* c) {
  *c = Case{};
  c->index = index;
  std::span<const Date> dates;
  if (lot.window != nullptr) {
    c->subject = lot.subjects[index];
    dates = DatesOf(*lot.window, index);
  } else {
    c->history = &lot.recent[index];
    c->subject = c->history->subject();
    dates = c->history->dates();
  }
  const auto end = std::ranges::upper_bound(dates, through_);
  dates = dates.first(static_cast<size_t>(end - dates.begin()));
  c->known = lot.known.empty() ? nullptr : Trusted(lot.known[index]);
  c->is_whole = all || (lot.recent_is_whole && c->known != nullptr);
  const auto kind = static_cast<size_t>(c->subject.kind);
  PairedRules* rules = &(c->known == nullptr ? both_ : changed_)[kind];
  if (c->known != nullptr) {
    c->judged_on = c->known->evaluated_through;
    c->judged_by = rules->PairOn(c->judged_on).after;
  }
  const LastDates* plan = nullptr;
  const bool is_open_question = c->known == nullptr || rules->AnyMayOpen();
  if (!dates.empty() && (c->is_whole || c->known != nullptr) && is_open_question) {
    plan = PlanOf(dates, rules);
    if (!c->is_whole && plan->reads_from < recent_from_) plan = nullptr;
  }
  if (plan != nullptr) {
    c->judged_on = dates.back();
    c->judged_by = plan->pairs[0]->after;
  }
  Join(rules, plan, c);
}

const LastDates* Contrast::Engine::PlanOf(std::span<const Date> dates, PairedRules* rules) {
  if (plans_used_ > 0 && plans_[plans_used_ - 1]->Fits(dates, rules)) {
    return plans_[plans_used_ - 1].get();
  }
  for (size_t p = 0; p + 1 < plans_used_; ++p) {
    if (plans_[p]->Fits(dates, rules)) return plans_[p].get();
  }
  if (plans_used_ == plans_.size()) plans_.push_back(std::make_unique<LastDates>());
  plans_[plans_used_]->Make(dates, rules, lookback_months_);
  return plans_[plans_used_++].get();
}

void Contrast::Engine::Join(PairedRules* rules, const LastDates* plan, Case* c) {
  const bool is_lane = c->history == nullptr;
  const size_t first_lane = is_lane ? c->index / Tape::kLanes * Tape::kLanes : 0;
  const auto is_of = [&](const Cohort& cohort) {
    return cohort.rules == rules && cohort.plan == plan && cohort.first_lane == first_lane;
  };
  size_t g = 0;
  while (g < cohorts_used_ && !is_of(*cohorts_[g])) ++g;
  if (g == cohorts_used_) {
    if (cohorts_used_ == cohorts_.size()) cohorts_.push_back(std::make_unique<Cohort>());
    ++cohorts_used_;
    cohorts_[g]->rules = rules;
    cohorts_[g]->plan = plan;
    cohorts_[g]->first_lane = first_lane;
    cohorts_[g]->lanes = 0;
    cohorts_[g]->cases.clear();
  }
  c->cohort = cohorts_[g].get();
  c->lane = is_lane ? c->index - first_lane : c->cohort->cases.size();
  c->cohort->lanes |= BitOf(c->lane);
  c->cohort->cases.push_back(c);
}

void Contrast::Engine::Begin(Cohort* cohort) {
  const uint64_t all = cohort->lanes;
  const size_t rules = cohort->rules->rules().size();
  for (const Side side : kSides) {
    cohort->verdicts[side].assign(rules, LaneVerdict{});
    for (size_t r = 0; r < rules; ++r) {
      const bool judged = IsJudged(*cohort, side, r) && cohort->rules->MayOpen(side, r);
      cohort->verdicts[side][r].undecided = judged ? all : 0;
    }
  }
}

void Contrast::Engine::OpenAbreast(Pair* pair, Date first, Date last) {
  if (window_ != nullptr) {
    pair->program->OpenAbreast(*window_, first_lane_, count_, first, last);
  } else {
    pair->program->OpenAbreast(histories_, first, last);
  }
}

void Contrast::Engine::JudgeByLastDates(const Lot& lot, Cohort* cohort) {
  const LastDates& plan = *cohort->plan;
  for (std::vector<LaneTrail>& side : trails_) side.resize(cohort->rules->rules().size());
  if (lot.window != nullptr) {
    UseLanes(*lot.window, cohort->first_lane);
  } else {
    window_ = nullptr;
    histories_.clear();
    for (const Case* c : cohort->cases) histories_.push_back(c->history);
    count_ = histories_.size();
  }
  size_t longest = 0;  // known once the last date is judged
  const auto is_wanted = [&](size_t k) { return k == 0 || plan.first_hold[k] < longest; };
  for (size_t k = 0; k < plan.dates.size() && is_wanted(k);) {
    Pair* pair = plan.pairs[k];
    size_t end = k + 1;
    while (end < plan.dates.size() && plan.pairs[end] == pair) ++end;
    OpenAbreast(pair, plan.dates[end - 1], plan.dates[k]);
    for (; k < end && is_wanted(k); ++k) {
      LookAt(*cohort, k);
      pair->program->TakeAbreast(plan.dates[k], features_);
      pair->program->DecideWanted(count_);
      for (const auto& [side, rule] : looked_at_) {
        const PairedRules::Part& part = pair->parts[side][rule];
        trails_[side][rule].when[k] = pair->program->TrueLanes(part.when);
        trails_[side][rule].clear[k] = pair->program->TrueLanes(part.clear);
      }
      if (k == 0) longest = DecideByLast(cohort);
    }
    if (k < end) break;
  }
  for (const size_t r : needed_) {
    for (const Side side : kSides) {
      LaneVerdict& verdict = cohort->verdicts[side][r];
      if (verdict.undecided != 0) DecideByLastDates(plan, side, r, trails_[side][r], &verdict);
    }
  }
}

// What is of interest on date k of the plan: rules that are undecided, and whose hold lasts as
// long.
void Contrast::Engine::LookAt(const Cohort& cohort, size_t k) {
  const Pair& last_pair = *cohort.plan->pairs[0];
  const size_t first_hold = cohort.plan->first_hold[k];
  looked_at_.clear();
  for (size_t r = 0; r < cohort.rules->rules().size(); ++r) {
    if (last_pair.hold_of[r] < first_hold) continue;
    for (const Side side : kSides) {
      if (cohort.verdicts[side][r].undecided != 0) looked_at_.emplace_back(side, r);
    }
  }
  Want(cohort.plan->pairs[k]);
}

// Of the rules looked at, those that the pair has, with the features that they need.
void Contrast::Engine::Want(Pair* pair) {
  wanted_features_.reset();
  registers_.clear();
  std::erase_if(looked_at_, [&](const auto& of) {
    const PairedRules::Part& part = pair->parts[of.first][of.second];
    if (!part.there) return true;
    registers_.insert(registers_.end(), {part.when, part.clear});
    for (const size_t feature : pair->features[of.second]) wanted_features_.set(feature);
    return false;
  });
  features_.clear();
  for (size_t f = wanted_features_._Find_first(); f < wanted_features_.size();
       f = wanted_features_._Find_next(f)) {
    features_.push_back(f);
  }
  pair->program->Want(registers_);
}

size_t Contrast::Engine::DecideByLast(Cohort* cohort) {
  const Pair& pair = *cohort->plan->pairs[0];
  size_t longest = 0;
  needed_.clear();
  for (size_t r = 0; r < cohort->rules->rules().size(); ++r) {
    bool undecided = false;
    for (const Side side : kSides) {
      LaneVerdict& verdict = cohort->verdicts[side][r];
      if (verdict.undecided == 0) continue;
      DecideByLastDate(pair.parts[side][r], trails_[side][r], &verdict);
      undecided = undecided || verdict.undecided != 0;
    }
    if (!undecided) continue;
    needed_.push_back(r);
    longest = std::max(longest, pair.hold_of[r] + 1);
  }
  return longest;
}

void Contrast::Engine::Tell(const Case& c, Visit visit) {
  const Cohort& cohort = *c.cohort;
  const std::vector<RuleId>& rules = cohort.rules->rules();
  standing_.before.clear();
  standing_.after.clear();
  if (c.known != nullptr) {
    for (const RuleState& state : c.known->states) {
      if (!state.opened_on) continue;
      standing_.before.push_back(state.rule);
      if (!std::ranges::binary_search(rules, state.rule)) standing_.after.push_back(state.rule);
    }
  }
  const auto unchanged = static_cast<std::ptrdiff_t>(standing_.after.size());
  const uint64_t bit = BitOf(c.lane);
  for (size_t r = 0; r < rules.size(); ++r) {
    if ((cohort.verdicts[kBefore][r].open & bit) != 0) standing_.before.push_back(rules[r]);
    if ((cohort.verdicts[kAfter][r].open & bit) != 0) standing_.after.push_back(rules[r]);
  }
  std::ranges::inplace_merge(standing_.after, standing_.after.begin() + unchanged);
  standing_.judged_on = c.judged_on;
  standing_.judged_by = c.judged_by;
  visit(c.subject, standing_);
}

Contrast::Contrast(const PolicySet& before, const PolicySet& after, const Catalogue& catalogue,
                   Date through)
    : engine_(std::make_unique<Engine>(before, after, catalogue, through)) {}
Contrast::~Contrast() = default;

Date Contrast::RecentFrom() const { return engine_->recent_from(); }
const std::vector<Reach>& Contrast::reaches() const { return engine_->reaches(); }
uint64_t Contrast::folded() const { return engine_->folded(); }

absl::Status Contrast::Judge(const Lot& lot, Visit visit) {
  return engine_->Judge(lot, /*all=*/false, visit);
}

void Contrast::Judge(std::span<const History> whole, Visit visit) {
  std::vector<IndicatorId> reported;
  for (const History& history : whole) {
    reported.insert(reported.end(), history.indicators().begin(), history.indicators().end());
  }
  std::ranges::sort(reported);
  const auto nothing = [](size_t, std::span<const IndicatorId>, History*) {
    return absl::OkStatus();
  };
  const auto no_window = [](std::span<const IndicatorId>) -> absl::StatusOr<const GroupWindow*> {
    return nullptr;
  };
  const Lot lot{.recent = whole,
                .recent_is_whole = true,
                .reported = reported,
                .read_whole = nothing,
                .read_window = no_window};
  // Fails only as read_whole does, which is not asked.
  engine_->Judge(lot, /*all=*/true, visit).IgnoreError();
}

}  // namespace shouwang::risk
