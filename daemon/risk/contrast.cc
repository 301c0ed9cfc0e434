#include "daemon/risk/contrast.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <iterator>
#include <utility>

#include "daemon/risk/lane_fold.h"
#include "daemon/risk/last_dates.h"
#include "daemon/risk/paired_rules.h"
#include "daemon/risk/policy_file.h"
#include "daemon/risk/program.h"

namespace shouwang::risk {
namespace {

using Pair = PairedRules::Pair;

// A subject is read at first as if it had reported at least so many months before `through`.
constexpr int kSlackMonths = 2;

uint64_t BitOf(size_t lane) { return uint64_t{1} << lane; }
uint64_t LowBits(size_t count) { return count >= 64 ? ~uint64_t{0} : BitOf(count) - 1; }

}  // namespace

// Up to Tape::kLanes subjects are judged at a time. Those that are judged by the same rules over
// the same last dates, nearly all of them, are a group, side by side.
class Contrast::Engine {
 public:
  Engine(const PolicySet& before, const PolicySet& after, const Catalogue& catalogue, Date through);

  Date recent_from() const { return recent_from_; }
  const std::vector<IndicatorId>& indicators() const { return indicators_; }
  uint64_t folded() const { return folded_; }

  // `all`: the recent histories are all there is, of all indicators.
  absl::Status Judge(const Lot& lot, bool all, Visit visit);

 private:
  struct Group;
  // A subject while it is judged.
  struct Case {
    size_t index = 0;  // in the lot
    const History* history = nullptr;
    // Says what is open under `before`; nullptr: that is to be judged, too.
    const SubjectRisk* known = nullptr;
    // Whether `history` has all that the rules to be judged may read.
    bool is_whole = false;
    Group* group = nullptr;
    size_t lane = 0;
    Date judged_on;
    const Policy* judged_by = nullptr;  // nullptr: there was no date to judge
  };
  struct Group {
    PairedRules* rules = nullptr;
    const LastDates* plan = nullptr;  // nullptr: the last dates are of no use, or not all there
    std::vector<Case*> cases;         // by lane
    std::array<std::vector<LaneVerdict>, 2> verdicts;  // by side and rule
  };

  // `known` where it says what is open under `before` at the last date to be judged.
  const SubjectRisk* Trusted(const SubjectRisk* known) const;
  void TakeUp(Case* c);
  const LastDates* PlanOf(std::span<const Date> dates, PairedRules* rules);
  void Join(PairedRules* rules, const LastDates* plan, Case* c);
  // Which rules are to be judged: not those that can never open, nor on both sides those that are
  // the same.
  void Begin(Group* group);
  // Decides what the dates of the plan tell.
  void JudgeByLastDates(Group* group);
  void LookAt(const Group& group, size_t k);
  void Want(Pair* pair);
  // Of the last date; the rules that it leaves undecided into needed_. How many of pair.holds are
  // still of interest.
  size_t DecideByLast(Group* group);
  // Decides the rest by all dates.
  absl::Status JudgeByAllDates(const Lot& lot, Group* group);
  absl::Status ReadWhole(const Lot& lot, const Group& group, uint64_t lanes);
  void FoldDates(Group* group);
  void FoldDate(Pair* pair, Date date);
  void Tell(const Case& c, Visit visit);
  bool IsJudged(const Group& group, Side side, size_t rule) const {
    return side == kBefore || !group.rules->IsSame(rule);
  }

  const uint64_t fingerprint_;  // of `before`
  // By SubjectKind: for subjects of which nothing is known, and for the others.
  std::array<PairedRules, 2> both_;
  std::array<PairedRules, 2> changed_;
  const Date through_;
  const int lookback_months_;
  Date recent_from_;
  std::vector<IndicatorId> indicators_;      // that changed_ reads
  std::vector<IndicatorId> all_indicators_;  // that both_ reads
  uint64_t folded_ = 0;

  std::array<Case, Tape::kLanes> cases_;
  // The first ones used are of the subjects at hand; the latest plan is the last of them.
  std::vector<std::unique_ptr<LastDates>> plans_;
  size_t plans_used_ = 0;
  std::vector<std::unique_ptr<Group>> groups_;
  size_t groups_used_ = 0;
  // Of the group at hand: the histories by lane, what its rules did at the last dates, and the
  // rules and features of interest.
  std::vector<const History*> histories_;
  std::array<std::vector<LaneTrail>, 2> trails_;
  std::vector<size_t> needed_;
  std::vector<std::pair<Side, size_t>> looked_at_;
  std::vector<Register> registers_;
  std::bitset<2 * kMaxFeatures> wanted_features_;
  std::vector<size_t> features_;
  // Of those of its subjects that are folded.
  std::vector<Case*> folded_cases_;
  std::array<History, Tape::kLanes> wholes_;
  std::vector<size_t> next_rows_;
  std::vector<Date> dates_;
  std::vector<Date> merged_;
  struct Undecided {
    Side side = kBefore;
    size_t rule = 0;
    uint64_t lanes = 0;  // of folded_cases_
    LaneFold fold;
  };
  std::vector<Undecided> undecided_;
  Standing standing_;
};

Contrast::Engine::Engine(const PolicySet& before, const PolicySet& after,
                         const Catalogue& catalogue, Date through)
    : fingerprint_(before.fingerprint()),
      both_{PairedRules(before, after, catalogue, SubjectKind::kHousehold),
            PairedRules(before, after, catalogue, SubjectKind::kSite)},
      changed_{PairedRules(both_[0], after, catalogue, SubjectKind::kHousehold),
               PairedRules(both_[1], after, catalogue, SubjectKind::kSite)},
      through_(through),
      lookback_months_(std::max(before.LongestLookbackMonths(), after.LongestLookbackMonths())) {
  all_indicators_ = IndicatorsRead(both_);
  indicators_ = IndicatorsRead(changed_);
  if (indicators_.empty()) indicators_.push_back(all_indicators_.front());
  const int longest_hold = std::max(changed_[0].longest_hold(), changed_[1].longest_hold());
  const int back = lookback_months_ + longest_hold + kSlackMonths;
  const Month first = std::max(Date::Min().month() + back, through.month()) - back;
  recent_from_ = std::max(Date::Min(), Date::FirstOf(first));
}

absl::Status Contrast::Engine::Judge(const Lot& lot, bool all, Visit visit) {
  for (PairedRules& rules : both_) rules.Narrow(lot.reported);
  for (PairedRules& rules : changed_) rules.Narrow(lot.reported);
  for (size_t first = 0; first < lot.recent.size(); first += cases_.size()) {
    const size_t count = std::min(cases_.size(), lot.recent.size() - first);
    // The latest plan is likely that of the next subject, too.
    if (plans_used_ > 1) std::swap(plans_[0], plans_[plans_used_ - 1]);
    plans_used_ = std::min<size_t>(plans_used_, 1);
    groups_used_ = 0;
    for (size_t i = 0; i < count; ++i) {
      const SubjectRisk* known = lot.known.empty() ? nullptr : Trusted(lot.known[first + i]);
      const bool is_whole = all || (lot.recent_is_whole && known != nullptr);
      cases_[i] = Case{first + i, &lot.recent[first + i], known, is_whole, nullptr, 0, {}, nullptr};
      TakeUp(&cases_[i]);
    }
    for (size_t g = 0; g < groups_used_; ++g) {
      Group* group = groups_[g].get();
      Begin(group);
      if (group->plan != nullptr) JudgeByLastDates(group);
      if (absl::Status status = JudgeByAllDates(lot, group); !status.ok()) return status;
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

void Contrast::Engine::TakeUp(Case* c) {
  const auto kind = static_cast<size_t>(c->history->subject().kind);
  PairedRules* rules = &(c->known == nullptr ? both_ : changed_)[kind];
  const std::span<const Date> all = c->history->dates();
  const auto end = std::ranges::upper_bound(all, through_);
  const std::span<const Date> dates = all.first(static_cast<size_t>(end - all.begin()));
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
  size_t g = 0;
  while (g < groups_used_ && (groups_[g]->rules != rules || groups_[g]->plan != plan)) ++g;
  if (g == groups_used_) {
    if (groups_used_ == groups_.size()) groups_.push_back(std::make_unique<Group>());
    ++groups_used_;
    groups_[g]->rules = rules;
    groups_[g]->plan = plan;
    groups_[g]->cases.clear();
  }
  c->group = groups_[g].get();
  c->lane = c->group->cases.size();
  c->group->cases.push_back(c);
}

void Contrast::Engine::Begin(Group* group) {
  const uint64_t all = LowBits(group->cases.size());
  const size_t rules = group->rules->rules().size();
  for (const Side side : kSides) {
    group->verdicts[side].assign(rules, LaneVerdict{});
    for (size_t r = 0; r < rules; ++r) {
      const bool judged = IsJudged(*group, side, r) && group->rules->MayOpen(side, r);
      group->verdicts[side][r].undecided = judged ? all : 0;
    }
  }
}

void Contrast::Engine::JudgeByLastDates(Group* group) {
  const LastDates& plan = *group->plan;
  for (std::vector<LaneTrail>& side : trails_) side.resize(group->rules->rules().size());
  histories_.clear();
  for (const Case* c : group->cases) histories_.push_back(c->history);
  size_t longest = 0;  // known once the last date is judged
  const auto is_wanted = [&](size_t k) { return k == 0 || plan.first_hold[k] < longest; };
  for (size_t k = 0; k < plan.dates.size() && is_wanted(k);) {
    Pair* pair = plan.pairs[k];
    size_t end = k + 1;
    while (end < plan.dates.size() && plan.pairs[end] == pair) ++end;
    pair->program->OpenAbreast(histories_, plan.dates[end - 1], plan.dates[k]);
    for (; k < end && is_wanted(k); ++k) {
      LookAt(*group, k);
      pair->program->TakeAbreast(plan.dates[k], features_);
      pair->program->DecideWanted(histories_.size());
      for (const auto& [side, rule] : looked_at_) {
        const PairedRules::Part& part = pair->parts[side][rule];
        trails_[side][rule].when[k] = pair->program->TrueLanes(part.when);
        trails_[side][rule].clear[k] = pair->program->TrueLanes(part.clear);
      }
      if (k == 0) longest = DecideByLast(group);
    }
    if (k < end) break;
  }
  for (const size_t r : needed_) {
    for (const Side side : kSides) {
      LaneVerdict& verdict = group->verdicts[side][r];
      if (verdict.undecided != 0) DecideByLastDates(plan, side, r, trails_[side][r], &verdict);
    }
  }
}

// What is of interest on date k of the plan: rules that are undecided, and whose hold lasts as
// long.
void Contrast::Engine::LookAt(const Group& group, size_t k) {
  const Pair& last_pair = *group.plan->pairs[0];
  const size_t first_hold = group.plan->first_hold[k];
  looked_at_.clear();
  for (size_t r = 0; r < group.rules->rules().size(); ++r) {
    if (last_pair.hold_of[r] < first_hold) continue;
    for (const Side side : kSides) {
      if (group.verdicts[side][r].undecided != 0) looked_at_.emplace_back(side, r);
    }
  }
  Want(group.plan->pairs[k]);
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

size_t Contrast::Engine::DecideByLast(Group* group) {
  const Pair& pair = *group->plan->pairs[0];
  size_t longest = 0;
  needed_.clear();
  for (size_t r = 0; r < group->rules->rules().size(); ++r) {
    bool undecided = false;
    for (const Side side : kSides) {
      LaneVerdict& verdict = group->verdicts[side][r];
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

absl::Status Contrast::Engine::JudgeByAllDates(const Lot& lot, Group* group) {
  uint64_t lanes = 0;
  for (const Side side : kSides) {
    for (const LaneVerdict& verdict : group->verdicts[side]) lanes |= verdict.undecided;
  }
  for (const Case* c : group->cases) {
    if (c->judged_by == nullptr) lanes |= BitOf(c->lane);
  }
  if (lanes != 0) {
    if (absl::Status status = ReadWhole(lot, *group, lanes); !status.ok()) return status;
    FoldDates(group);
  }
  for (size_t r = 0; r < group->rules->rules().size(); ++r) {
    if (group->rules->IsSame(r)) group->verdicts[kAfter][r] = group->verdicts[kBefore][r];
  }
  return absl::OkStatus();
}

// The histories of these lanes that have a date to judge, with all those dates.
absl::Status Contrast::Engine::ReadWhole(const Lot& lot, const Group& group, uint64_t lanes) {
  folded_cases_.clear();
  histories_.clear();
  dates_.clear();
  for (Case* c : group.cases) {
    if ((lanes & BitOf(c->lane)) == 0) continue;
    const History* all = c->history;
    if (!c->is_whole) {
      History* read = &wholes_[folded_cases_.size()];
      absl::Status status =
          lot.read_whole(c->index, c->known == nullptr ? all_indicators_ : indicators_, read);
      if (!status.ok()) return status;
      all = read;
    }
    const auto end = std::ranges::upper_bound(all->dates(), through_);
    const std::span<const Date> own =
        all->dates().first(static_cast<size_t>(end - all->dates().begin()));
    if (own.empty()) continue;
    ++folded_;
    c->judged_on = own.back();
    c->judged_by = group.rules->PairOn(c->judged_on).after;
    folded_cases_.push_back(c);
    histories_.push_back(all);
    if (std::ranges::equal(own, dates_)) continue;
    merged_.clear();
    std::ranges::set_union(own, dates_, std::back_inserter(merged_));
    dates_.swap(merged_);
  }
  return absl::OkStatus();
}

void Contrast::Engine::FoldDates(Group* group) {
  undecided_.clear();
  for (size_t r = 0; r < group->rules->rules().size(); ++r) {
    for (const Side side : kSides) {
      Undecided of{side, r, 0, {}};
      for (size_t i = 0; i < folded_cases_.size(); ++i) {
        const uint64_t bit = group->verdicts[side][r].undecided >> folded_cases_[i]->lane & 1;
        of.lanes |= bit << i;
      }
      if (of.lanes != 0) undecided_.push_back(of);
    }
  }
  next_rows_.assign(histories_.size(), 0);
  for (size_t first = 0; first < dates_.size();) {
    Pair& pair = group->rules->PairOn(dates_[first]);
    size_t last = first + 1;
    while (last < dates_.size() && &group->rules->PairOn(dates_[last]) == &pair) ++last;
    looked_at_.clear();
    for (const Undecided& u : undecided_) looked_at_.emplace_back(u.side, u.rule);
    Want(&pair);
    pair.program->OpenAbreast(histories_, dates_[first], dates_[last - 1]);
    for (; first < last; ++first) FoldDate(&pair, dates_[first]);
  }
  for (const Undecided& u : undecided_) {
    LaneVerdict& verdict = group->verdicts[u.side][u.rule];
    for (size_t i = 0; i < folded_cases_.size(); ++i) {
      const uint64_t bit = BitOf(folded_cases_[i]->lane);
      if ((u.lanes & u.fold.open() & BitOf(i)) != 0) verdict.open |= bit;
      verdict.undecided &= ~bit;
    }
  }
}

void Contrast::Engine::FoldDate(Pair* pair, Date date) {
  uint64_t lanes = 0;  // that have it
  for (size_t i = 0; i < histories_.size(); ++i) {
    const std::span<const Date> own = histories_[i]->dates();
    if (next_rows_[i] == own.size() || own[next_rows_[i]] != date) continue;
    ++next_rows_[i];
    lanes |= BitOf(i);
  }
  pair->program->TakeAbreast(date, features_);
  pair->program->DecideWanted(histories_.size());
  for (Undecided& u : undecided_) {
    const PairedRules::Part& part = pair->parts[u.side][u.rule];
    const uint64_t when = part.there ? pair->program->TrueLanes(part.when) : 0;
    const uint64_t clear = part.there ? pair->program->TrueLanes(part.clear) : 0;
    u.fold.Take(part, lanes & u.lanes, when, clear, date);
  }
}

void Contrast::Engine::Tell(const Case& c, Visit visit) {
  const Group& group = *c.group;
  const std::vector<RuleId>& rules = group.rules->rules();
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
    if ((group.verdicts[kBefore][r].open & bit) != 0) standing_.before.push_back(rules[r]);
    if ((group.verdicts[kAfter][r].open & bit) != 0) standing_.after.push_back(rules[r]);
  }
  std::ranges::inplace_merge(standing_.after, standing_.after.begin() + unchanged);
  standing_.judged_on = c.judged_on;
  standing_.judged_by = c.judged_by;
  visit(c.history->subject(), standing_);
}

Contrast::Contrast(const PolicySet& before, const PolicySet& after, const Catalogue& catalogue,
                   Date through)
    : engine_(std::make_unique<Engine>(before, after, catalogue, through)) {}
Contrast::~Contrast() = default;

Date Contrast::RecentFrom() const { return engine_->recent_from(); }
const std::vector<IndicatorId>& Contrast::indicators() const { return engine_->indicators(); }
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
  const Lot lot{whole, true, {}, reported, nothing};
  // Fails only as read_whole does, which is not asked.
  engine_->Judge(lot, /*all=*/true, visit).IgnoreError();
}

}  // namespace shouwang::risk
