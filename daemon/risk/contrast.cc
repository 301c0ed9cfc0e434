#include "daemon/risk/contrast.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "daemon/risk/last_dates.h"
#include "daemon/risk/paired_rules.h"
#include "daemon/risk/policy_file.h"
#include "daemon/risk/program.h"

namespace shouwang::risk {
namespace {

using Pair = PairedRules::Pair;
using Part = PairedRules::Part;

// Subjects that are judged at once.
constexpr size_t kSubjectsAtOnce = 64;
// A subject is read at first as if it had reported at least so many months before `through`.
constexpr int kSlackMonths = 2;

enum class Verdict : uint8_t { kUndecided, kClosed, kOpen };

// What a rule did at the last dates of one subject, the last in bit 0.
struct Track {
  uint32_t there = 0;
  uint32_t when = 0;
  uint32_t clear = 0;
};

// A rule from date to date, as Evaluator folds it.
struct Fold {
  bool open = false;
  std::optional<Date> clearing_since;

  void Take(const Part& part, bool when, bool clear, Date date) {
    if (!part.there) {
      *this = {};
    } else if (!open) {
      open = when;
    } else if (!clear) {
      clearing_since.reset();
    } else {
      if (!clearing_since) clearing_since = date;
      if (date >= clearing_since->PlusMonths(part.hold_months)) *this = {};
    }
  }
};

uint32_t LowBits(size_t count) { return count >= 32 ? ~uint32_t{0} : (uint32_t{1} << count) - 1; }

}  // namespace

class Contrast::Engine {
 public:
  Engine(const PolicySet& before, const PolicySet& after, const Catalogue& catalogue, Date through);

  Date recent_from() const { return recent_from_; }
  const std::vector<IndicatorId>& indicators() const { return indicators_; }
  uint64_t folded() const { return folded_; }

  // `whole`: the recent histories are all there is.
  absl::Status Judge(const Lot& lot, bool whole, Visit visit);

 private:
  // A subject while it is judged.
  struct Case {
    const History* history = nullptr;
    // Says what is open under `before`; nullptr: that is to be judged, too.
    const SubjectRisk* known = nullptr;
    PairedRules* rules = nullptr;
    const LastDates* plan = nullptr;
    // Whether its last dates are of use and there with all that they read.
    bool looked_at = false;
    std::array<std::vector<Track>, 2> tracks;  // by side and rule
    std::array<std::vector<Verdict>, 2> verdicts;
    Date judged_on;
    const Policy* judged_by = nullptr;  // nullptr: there was no date to judge
  };
  // Dates [first, first + count) of a case's plan in lanes from `lane` on.
  struct Stretch {
    Case* of = nullptr;
    size_t first = 0;
    size_t count = 0;
    size_t lane = 0;
  };

  // `known` where it says what is open under `before` at the last date to be judged.
  const SubjectRisk* Trusted(const SubjectRisk* known) const;
  void TakeUp(const History& history, const SubjectRisk* known, bool whole, Case* c);
  const LastDates* PlanOf(std::span<const Date> dates, PairedRules* rules);
  // Takes the last date into a lane.
  void TakeLast(Case* c);
  // Decides what the last date tells, and takes the earlier ones of the plan into lanes for the
  // rest.
  void TakeEarlier(Case* c);
  void GatherFeatures(const Pair& pair, const Pair* last_pair, size_t first_hold);
  void Flush();
  bool IsDecided(const Case& c) const;
  // Whether all is decided by the last dates.
  bool Resolve(Case* c) const;
  Verdict ByLastDate(const Case& c, Side side, size_t rule) const;
  Verdict ByLastDates(const Case& c, Side side, size_t rule) const;
  // Decides what is not decided.
  void FoldAll(const History& whole, Case* c);
  void FoldRows(const History& whole, size_t first, size_t last, Pair* pair);
  void Tell(const Case& c, Visit visit);

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

  std::vector<Case> cases_;
  // What was taken and not yet decided, all of it by `pair_`.
  Pair* pair_ = nullptr;
  std::vector<Stretch> stretches_;
  size_t lanes_ = 0;
  // The first plans_used_ are of the subjects at hand, the last of them of the latest.
  std::vector<std::unique_ptr<LastDates>> plans_;
  size_t plans_used_ = 0;
  History whole_;
  struct Undecided {
    Side side = kBefore;
    size_t rule = 0;
    Fold fold;
  };
  std::vector<Undecided> undecided_;
  std::vector<size_t> needed_;  // rules
  std::bitset<2 * kMaxFeatures> wanted_features_;
  std::vector<size_t> features_;
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

absl::Status Contrast::Engine::Judge(const Lot& lot, bool whole, Visit visit) {
  for (PairedRules& rules : both_) rules.Narrow(lot.reported);
  for (PairedRules& rules : changed_) rules.Narrow(lot.reported);
  for (size_t first = 0; first < lot.recent.size(); first += kSubjectsAtOnce) {
    const size_t count = std::min(kSubjectsAtOnce, lot.recent.size() - first);
    // The latest plan is likely that of the next subject, too.
    if (plans_used_ > 1) std::swap(plans_[0], plans_[plans_used_ - 1]);
    plans_used_ = std::min<size_t>(plans_used_, 1);
    if (cases_.size() < count) cases_.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const SubjectRisk* known = lot.known.empty() ? nullptr : lot.known[first + i];
      TakeUp(lot.recent[first + i], Trusted(known), whole, &cases_[i]);
    }
    Flush();
    for (size_t i = 0; i < count; ++i) TakeEarlier(&cases_[i]);
    Flush();
    for (size_t i = 0; i < count; ++i) {
      Case& c = cases_[i];
      if (!Resolve(&c)) {
        const History* all = c.history;
        if (!whole) {
          absl::Status status = lot.read_whole(
              first + i, c.known == nullptr ? all_indicators_ : indicators_, &whole_);
          if (!status.ok()) return status;
          all = &whole_;
        }
        FoldAll(*all, &c);
      }
      if (c.judged_by != nullptr) Tell(c, visit);
    }
  }
  return absl::OkStatus();
}

const SubjectRisk* Contrast::Engine::Trusted(const SubjectRisk* known) const {
  if (known == nullptr || known->policy_fingerprint != fingerprint_) return nullptr;
  const bool judged = known->evaluated_through != Date::Min();
  return judged && known->evaluated_through <= through_ ? known : nullptr;
}

void Contrast::Engine::TakeUp(const History& history, const SubjectRisk* known, bool whole,
                              Case* c) {
  c->history = &history;
  c->known = known;
  c->rules = &(known == nullptr ? both_ : changed_)[static_cast<size_t>(history.subject().kind)];
  c->judged_by = nullptr;
  const size_t rules = c->rules->rules().size();
  for (const Side side : kSides) {
    c->tracks[side].assign(rules, Track{});
    c->verdicts[side].assign(rules, Verdict::kUndecided);
    for (size_t r = 0; r < rules; ++r) {
      if (!c->rules->MayOpen(side, r)) c->verdicts[side][r] = Verdict::kClosed;
    }
  }
  const std::span<const Date> all = history.dates();
  const auto end = std::ranges::upper_bound(all, through_);
  const std::span<const Date> dates = all.first(static_cast<size_t>(end - all.begin()));
  if (known != nullptr) {
    c->judged_on = known->evaluated_through;
    c->judged_by = c->rules->PairOn(c->judged_on).after;
  }
  c->looked_at = !dates.empty() && (whole || known != nullptr) && !IsDecided(*c);
  if (!c->looked_at) return;
  c->plan = PlanOf(dates, c->rules);
  if (!whole && c->plan->reads_from < recent_from_) c->looked_at = false;
  if (!c->looked_at) return;
  c->judged_on = dates.back();
  c->judged_by = c->plan->pairs[0]->after;
  TakeLast(c);
}

const LastDates* Contrast::Engine::PlanOf(std::span<const Date> dates, PairedRules* rules) {
  if (plans_used_ > 0 && plans_[plans_used_ - 1]->Fits(dates, rules)) {
    return plans_[plans_used_ - 1].get();
  }
  if (plans_used_ == plans_.size()) plans_.push_back(std::make_unique<LastDates>());
  plans_[plans_used_]->Make(dates, rules, lookback_months_);
  return plans_[plans_used_++].get();
}

void Contrast::Engine::TakeLast(Case* c) {
  Pair* pair = c->plan->pairs[0];
  if (pair_ != pair || lanes_ == Tape::kLanes) Flush();
  pair_ = pair;
  stretches_.push_back({c, 0, 1, lanes_});
  pair->program->Open(*c->history, c->judged_on, c->judged_on);
  pair->program->Take(c->judged_on, lanes_++, pair->live_features);
}

void Contrast::Engine::TakeEarlier(Case* c) {
  if (!c->looked_at) return;
  const LastDates& plan = *c->plan;
  size_t longest = 0;  // how many holds are still of interest
  needed_.clear();
  for (size_t r = 0; r < c->rules->rules().size(); ++r) {
    bool undecided = false;
    for (const Side side : kSides) {
      Verdict& verdict = c->verdicts[side][r];
      if (verdict != Verdict::kUndecided || (side == kAfter && c->rules->IsSame(r))) continue;
      verdict = ByLastDate(*c, side, r);
      undecided = undecided || verdict == Verdict::kUndecided;
    }
    if (!undecided) continue;
    needed_.push_back(r);
    longest = std::max(longest, plan.pairs[0]->hold_of[r] + 1);
  }
  for (size_t first = 1; first < plan.dates.size();) {
    Pair* pair = plan.pairs[first];
    const size_t hold = plan.first_hold[first];
    if (hold >= longest) break;
    if (pair_ != pair || lanes_ == Tape::kLanes) Flush();
    pair_ = pair;
    size_t end = first + 1;
    while (end < plan.dates.size() && end - first < Tape::kLanes - lanes_ &&
           plan.pairs[end] == pair && plan.first_hold[end] < longest) {
      ++end;
    }
    stretches_.push_back({c, first, end - first, lanes_});
    pair->program->Open(*c->history, plan.dates[end - 1], plan.dates[first]);
    for (size_t k = first; k < end; ++k) {
      if (k == first || plan.first_hold[k] != plan.first_hold[k - 1]) {
        GatherFeatures(*pair, plan.pairs[0], plan.first_hold[k]);
      }
      pair->program->Take(plan.dates[k], lanes_++, features_);
    }
    first = end;
  }
}

// Of the rules needed, those whose hold is that long.
void Contrast::Engine::GatherFeatures(const Pair& pair, const Pair* last_pair, size_t first_hold) {
  wanted_features_.reset();
  for (const size_t r : needed_) {
    if (last_pair->hold_of[r] < first_hold) continue;
    for (const size_t feature : pair.features[r]) wanted_features_.set(feature);
  }
  features_.clear();
  for (size_t f = wanted_features_._Find_first(); f < wanted_features_.size();
       f = wanted_features_._Find_next(f)) {
    features_.push_back(f);
  }
}

void Contrast::Engine::Flush() {
  if (lanes_ == 0) return;
  pair_->program->Decide(lanes_);
  for (const Side side : kSides) {
    for (size_t r = 0; r < pair_->parts[side].size(); ++r) {
      const Part& part = pair_->parts[side][r];
      const PairedRules& rules = *stretches_[0].of->rules;
      if (!part.there || !rules.MayOpen(side, r) || (side == kAfter && rules.IsSame(r))) continue;
      const uint64_t when = pair_->program->TrueLanes(part.when);
      const uint64_t clear = pair_->program->TrueLanes(part.clear);
      for (const Stretch& stretch : stretches_) {
        const uint32_t mask = LowBits(stretch.count);
        Track& track = stretch.of->tracks[side][r];
        track.there |= mask << stretch.first;
        track.when |= (static_cast<uint32_t>(when >> stretch.lane) & mask) << stretch.first;
        track.clear |= (static_cast<uint32_t>(clear >> stretch.lane) & mask) << stretch.first;
      }
    }
  }
  stretches_.clear();
  lanes_ = 0;
}

bool Contrast::Engine::IsDecided(const Case& c) const {
  if (c.judged_by == nullptr) return false;
  const auto undecided = [](Verdict verdict) { return verdict == Verdict::kUndecided; };
  return std::ranges::none_of(c.verdicts[kBefore], undecided) &&
         std::ranges::none_of(c.verdicts[kAfter], undecided);
}

bool Contrast::Engine::Resolve(Case* c) const {
  if (!c->looked_at) return IsDecided(*c);
  bool decided = true;
  for (size_t r = 0; r < c->rules->rules().size(); ++r) {
    for (const Side side : kSides) {
      Verdict& verdict = c->verdicts[side][r];
      if (side == kAfter && c->rules->IsSame(r)) {
        verdict = c->verdicts[kBefore][r];
      } else if (verdict == Verdict::kUndecided) {
        verdict = ByLastDates(*c, side, r);
      }
      decided = decided && verdict != Verdict::kUndecided;
    }
  }
  return decided;
}

Verdict Contrast::Engine::ByLastDate(const Case& c, Side side, size_t rule) const {
  const Track& track = c.tracks[side][rule];
  if ((track.there & 1) == 0) return Verdict::kClosed;
  if ((track.when & ~track.clear & 1) != 0) return Verdict::kOpen;
  const bool at_once = c.plan->pairs[0]->parts[side][rule].hold_months == 0;
  if (at_once && (~track.when & track.clear & 1) != 0) return Verdict::kClosed;
  return Verdict::kUndecided;
}

// Of one that the last date leaves undecided.
Verdict Contrast::Engine::ByLastDates(const Case& c, Side side, size_t rule) const {
  const LastDates& plan = *c.plan;
  const Track& track = c.tracks[side][rule];
  const size_t hold = plan.pairs[0]->hold_of[rule];
  const uint32_t looked_at = plan.looked_at[hold];
  // Had it been open before this run, it would have cleared by now.
  if ((~track.when & track.clear & track.there & looked_at) == looked_at &&
      plan.long_enough[hold]) {
    return Verdict::kClosed;
  }
  // Else from a date on which it stood one way whatever was before.
  for (size_t k = 1; k < plan.dates.size() && (looked_at >> k & 1) != 0; ++k) {
    const uint32_t bit = uint32_t{1} << k;
    const bool opens = (track.when & ~track.clear & bit) != 0;
    if (!opens && (track.there & bit) != 0) continue;
    Fold fold{opens, std::nullopt};
    while (k-- > 0) {
      fold.Take(plan.pairs[k]->parts[side][rule], (track.when >> k & 1) != 0,
                (track.clear >> k & 1) != 0, plan.dates[k]);
    }
    return fold.open ? Verdict::kOpen : Verdict::kClosed;
  }
  return Verdict::kUndecided;
}

void Contrast::Engine::FoldAll(const History& whole, Case* c) {
  const std::span<const Date> all = whole.dates();
  const auto end = static_cast<size_t>(std::ranges::upper_bound(all, through_) - all.begin());
  if (end == 0) return;
  ++folded_;
  c->judged_on = all[end - 1];
  c->judged_by = c->rules->PairOn(c->judged_on).after;
  undecided_.clear();
  for (size_t r = 0; r < c->rules->rules().size(); ++r) {
    for (const Side side : kSides) {
      if (c->verdicts[side][r] != Verdict::kUndecided) continue;
      if (side == kBefore || !c->rules->IsSame(r)) undecided_.push_back({side, r, {}});
    }
  }
  for (size_t first = 0; first < end;) {
    Pair& pair = c->rules->PairOn(all[first]);
    size_t last = first + 1;
    while (last < end && last - first < Tape::kLanes && &c->rules->PairOn(all[last]) == &pair) {
      ++last;
    }
    FoldRows(whole, first, last, &pair);
    first = last;
  }
  for (const Undecided& u : undecided_) {
    const Verdict verdict = u.fold.open ? Verdict::kOpen : Verdict::kClosed;
    c->verdicts[u.side][u.rule] = verdict;
    if (c->rules->IsSame(u.rule)) c->verdicts[kAfter][u.rule] = verdict;
  }
}

// Rows [first, last), all of one pair.
void Contrast::Engine::FoldRows(const History& whole, size_t first, size_t last, Pair* pair) {
  features_.clear();
  for (const Undecided& u : undecided_) {
    features_.insert(features_.end(), pair->features[u.rule].begin(), pair->features[u.rule].end());
  }
  std::ranges::sort(features_);
  features_.erase(std::unique(features_.begin(), features_.end()), features_.end());
  const std::span<const Date> dates = whole.dates();
  Program& program = *pair->program;
  program.Open(whole, dates[first], dates[last - 1]);
  for (size_t row = first; row < last; ++row) program.Take(dates[row], row - first, features_);
  program.Decide(last - first);
  for (Undecided& u : undecided_) {
    const Part& part = pair->parts[u.side][u.rule];
    const uint64_t when = part.there ? program.TrueLanes(part.when) : 0;
    const uint64_t clear = part.there ? program.TrueLanes(part.clear) : 0;
    for (size_t row = first; row < last; ++row) {
      const size_t lane = row - first;
      u.fold.Take(part, (when >> lane & 1) != 0, (clear >> lane & 1) != 0, dates[row]);
    }
  }
}

void Contrast::Engine::Tell(const Case& c, Visit visit) {
  standing_.before.clear();
  standing_.after.clear();
  if (c.known != nullptr) {
    const std::vector<RuleId>& changed = c.rules->rules();
    for (const RuleState& state : c.known->states) {
      if (!state.opened_on) continue;
      standing_.before.push_back(state.rule);
      if (!std::ranges::binary_search(changed, state.rule)) standing_.after.push_back(state.rule);
    }
  }
  const auto unchanged = static_cast<std::ptrdiff_t>(standing_.after.size());
  for (size_t r = 0; r < c.rules->rules().size(); ++r) {
    const RuleId rule = c.rules->rules()[r];
    if (c.verdicts[kBefore][r] == Verdict::kOpen) standing_.before.push_back(rule);
    if (c.verdicts[kAfter][r] == Verdict::kOpen) standing_.after.push_back(rule);
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
  return engine_->Judge(lot, /*whole=*/false, visit);
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
  const Lot lot{whole, {}, reported, nothing};
  // Fails only as read_whole does, which is not asked.
  engine_->Judge(lot, /*whole=*/true, visit).IgnoreError();
}

}  // namespace shouwang::risk
