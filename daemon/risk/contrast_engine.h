// Private to Contrast: what it has inside. By the last dates in contrast.cc, by all dates in
// contrast_whole.cc.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "daemon/risk/contrast.h"
#include "daemon/risk/lane_fold.h"
#include "daemon/risk/last_dates.h"
#include "daemon/risk/paired_rules.h"
#include "daemon/risk/policy_file.h"
#include "daemon/risk/program.h"

namespace shouwang::risk {

// Up to Tape::kLanes subjects are judged at a time, or those of a window. Those that are judged by
// the same rules over the same last dates, nearly all of them, are a cohort, side by side.
class Contrast::Engine {
 public:
  Engine(const PolicySet& before, const PolicySet& after, const Catalogue& catalogue, Date through);

  Date recent_from() const { return recent_from_; }
  const std::vector<Reach>& reaches() const { return reaches_; }
  uint64_t folded() const { return folded_; }

  // `all`: the recent histories, which are no window, are all there is, of all indicators.
  absl::Status Judge(const Lot& lot, bool all, Visit visit);

 private:
  using Pair = PairedRules::Pair;

  struct Cohort;
  // A subject while it is judged.
  struct Case {
    size_t index = 0;  // in the lot
    Subject subject;
    const History* history = nullptr;  // nullptr: it is in the window
    // Says what is open under `before`; nullptr: that is to be judged, too.
    const SubjectRisk* known = nullptr;
    // Whether all is known that the rules to be judged may read.
    bool is_whole = false;
    Cohort* cohort = nullptr;
    size_t lane = 0;
    Date judged_on;
    const Policy* judged_by = nullptr;  // nullptr: there was no date to judge
  };
  struct Cohort {
    PairedRules* rules = nullptr;
    const LastDates* plan = nullptr;  // nullptr: the last dates are of no use, or not all there
    size_t first_lane = 0;            // of the window
    uint64_t lanes = 0;               // of cases
    std::vector<Case*> cases;         // by lane
    std::array<std::vector<LaneVerdict>, 2> verdicts;  // by side and rule
  };

  // `known` where it says what is open under `before` at the last date to be judged.
  const SubjectRisk* Trusted(const SubjectRisk* known) const;
  void TakeUp(const Lot& lot, size_t index, bool all, Case* c);
  // The dates of a lane of the window, good until the next call.
  std::span<const Date> DatesOf(const GroupWindow& window, size_t lane);
  const LastDates* PlanOf(std::span<const Date> dates, PairedRules* rules);
  void Join(PairedRules* rules, const LastDates* plan, Case* c);
  // Which rules are to be judged: not those that can never open, nor on both sides those that are
  // the same.
  void Begin(Cohort* cohort);
  // Decides what the dates of the plan tell.
  void JudgeByLastDates(const Lot& lot, Cohort* cohort);
  void LookAt(const Cohort& cohort, size_t k);
  void Want(Pair* pair);
  // Of the last date; the rules that it leaves undecided into needed_. How many of pair.holds are
  // still of interest.
  size_t DecideByLast(Cohort* cohort);
  // Decides the rest by all dates.
  absl::Status JudgeByAllDates(const Lot& lot, Cohort* cohort);
  // The lanes of which not all is known yet.
  uint64_t OpenLanes(const Cohort& cohort) const;
  // The whole window of a lot, read once for all its cohorts; nullptr: there is none.
  absl::StatusOr<const GroupWindow*> WholeWindow(const Lot& lot);
  // Makes these lanes those to fold: each by itself, or as lanes of a window.
  absl::Status ReadWhole(const Lot& lot, const Cohort& cohort, uint64_t lanes);
  void TakeWhole(const GroupWindow& whole, const Cohort& cohort, uint64_t lanes);
  void NoteJudged(const Cohort& cohort, Case* c, Date last);
  void UseLanes(const GroupWindow& window, size_t first_lane);
  void OpenAbreast(Pair* pair, Date first, Date last);
  void FoldDates(Cohort* cohort);
  void FoldDate(Pair* pair, Date date, uint64_t bits);
  void Tell(const Case& c, Visit visit);
  static uint64_t BitOf(size_t lane) { return uint64_t{1} << lane; }
  bool IsJudged(const Cohort& cohort, Side side, size_t rule) const {
    return side == kBefore || !cohort.rules->IsSame(rule);
  }

  const uint64_t fingerprint_;  // of `before`
  // By SubjectKind: for subjects of which nothing is known, and for the others.
  std::array<PairedRules, 2> both_;
  std::array<PairedRules, 2> changed_;
  const Date through_;
  const int lookback_months_;
  Date recent_from_;
  std::vector<Reach> reaches_;               // of changed_
  std::vector<IndicatorId> indicators_;      // that changed_ reads
  std::vector<IndicatorId> all_indicators_;  // that both_ reads
  uint64_t folded_ = 0;

  std::vector<Case> cases_;
  std::vector<Date> own_dates_;    // of one in the window that lacks some of its dates
  GroupWindow::LaneSet have_all_;  // the lanes of the window that do not
  // Of the lot at hand, once it is read.
  bool is_whole_read_ = false;
  const GroupWindow* whole_ = nullptr;
  // The first ones used are of the subjects at hand; the latest plan is the last of them.
  std::vector<std::unique_ptr<LastDates>> plans_;
  size_t plans_used_ = 0;
  std::vector<std::unique_ptr<Cohort>> cohorts_;
  size_t cohorts_used_ = 0;
  // Of the cohort at hand: its histories by lane or the window and its lanes there, what its rules
  // did at the last dates, and the rules and features of interest.
  std::vector<const History*> histories_;
  const GroupWindow* window_ = nullptr;
  size_t first_lane_ = 0;
  size_t count_ = 0;
  std::array<std::vector<LaneTrail>, 2> trails_;
  std::vector<size_t> needed_;
  std::vector<std::pair<Side, size_t>> looked_at_;
  std::vector<Register> registers_;
  std::bitset<2 * kMaxFeatures> wanted_features_;
  std::vector<size_t> features_;
  // Of those of its subjects that are folded: by bit, and which of them have each of the dates.
  std::array<Case*, Tape::kLanes> folded_cases_{};
  uint64_t folded_bits_ = 0;
  std::array<History, Tape::kLanes> wholes_;
  std::vector<Date> dates_;
  std::vector<uint64_t> bits_on_;
  std::vector<Date> merged_;
  struct Undecided {
    Side side = kBefore;
    size_t rule = 0;
    uint64_t lanes = 0;  // as bits of folded_cases_
    LaneFold fold;
  };
  std::vector<Undecided> undecided_;
  Standing standing_;
};

}  // namespace shouwang::risk
