// Random histories of warnings and steps, by a clock that now and then jumps back a day: whose each
// case is, who may step, and what verification found are what a naive model says, which counts days
// one by one and remembers what happened.
#include <fmt/format.h>

#include <random>
#include <set>

#include "daemon/cases/missed.h"
#include "daemon/cases/verification.h"
#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

using enum CaseState;

// The policy of kept_cases.h, written out once more.
struct NaiveMove {
  CaseState from;
  CaseState to;
  std::set<Role> roles;
};
const std::vector<NaiveMove> kMoves = {{kNone, kClue, {Role::kVillage}},
                                       {kClue, kVerifying, {Role::kVillage, Role::kTownship}},
                                       {kClue, kDismissed, {Role::kTownship}},
                                       {kVerifying, kReviewed, {Role::kVillage}},
                                       {kVerifying, kDismissed, {Role::kTownship, Role::kCounty}},
                                       {kReviewed, kNoticed, {Role::kVillage}},
                                       {kNoticed, kRegistered, {Role::kCounty}},
                                       {kNoticed, kVerifying, {Role::kTownship}},
                                       {kRegistered, kSupported, {Role::kTownship}},
                                       {kDismissed, kClue, {Role::kCounty}}};

bool IsWorked(Date day) {
  if (Day("2026-10-01") <= day && day <= Day("2026-10-07")) return false;
  if (day == Day("2026-10-10")) return true;
  const std::chrono::weekday weekday{std::chrono::sys_days(std::chrono::days(day.days()))};
  return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday;
}

struct NaiveRound {
  Date clue_on;
  std::set<RuleId> rules;
  std::string outcome = "pending";
  int days = 0;
};

struct NaiveCase {
  CaseState state = kNone;
  Instant entered;
  Instant opened;
  std::map<RuleId, Instant> open;  // warnings, and when they became known
  std::vector<NaiveRound> rounds;
  bool written = false;  // a round was ever written down

  // The clue that open warnings imply; 101 is red and makes one, 102 is yellow and does not.
  bool Implied() const {
    const auto red = open.find(101);
    return (state == kNone || state == kDismissed) && red != open.end() &&
           (!written || red->second > entered);
  }
  CaseState StateNow() const { return Implied() ? kClue : state; }
  Date EnteredOn() const { return DateOf(Implied() ? open.at(101) : entered); }
  Date OpenedOn() const { return DateOf(Implied() ? open.at(101) : opened); }

  // Days overdue, all and worked ones, by looking at each.
  std::pair<int, int> Overdue(Date today) const {
    std::optional<Date> due;
    const auto within = [&](std::optional<Date> last) {
      if (last && (!due || *last < *due)) due = last;
    };
    const Date from = EnteredOn();
    if (StateNow() == kClue) within(from + 3);
    if (StateNow() == kNoticed) within(from + 7);
    if (StateNow() == kRegistered) within(from + 10);
    if (StateNow() == kVerifying) {
      Date last = from;
      for (int left = 5; left > 0; left -= IsWorked(last) ? 1 : 0) last = last + 1;
      within(last);
    }
    if (IsUndecided(StateNow())) within(OpenedOn() + 15);
    int days = 0;
    int worked = 0;
    for (Date day = due ? *due + 1 : today + 1; day <= today; day = day + 1) {
      ++days;
      worked += IsWorked(day) ? 1 : 0;
    }
    return {days, worked};
  }
  Role Owner() const {
    if (StateNow() == kNoticed || StateNow() == kSupported) return Role::kCounty;
    return StateNow() == kRegistered ? Role::kTownship : Role::kVillage;
  }
  Role Level(Date today) const {
    const auto [days, worked] = Overdue(today);
    if (StateNow() == kClue && days >= 6) return Role::kCounty;
    if (StateNow() == kClue && days >= 2) return Role::kTownship;
    // Worked days come in front of the rest days behind them.
    if (StateNow() == kVerifying && worked >= 2) return Role::kCounty;
    if (StateNow() == kNoticed && days >= 5) return Role::kPrefecture;
    return Owner();
  }
  bool MayStep(CaseState to, Role role, Date today) const {
    const CaseState from = StateNow();
    if (from == kNoticed && to != kVerifying && today < EnteredOn() + 5) return false;
    for (const NaiveMove& move : kMoves) {
      if (move.from != from || move.to != to) continue;
      const bool up = Level(today) > Owner() && role > *move.roles.begin() && role <= Level(today);
      return move.roles.contains(role) || up;
    }
    return false;
  }
  void Step(CaseState to, Instant now, std::string_view cause) {
    if (Implied() || to == kClue) {
      opened = to == kClue ? now : open.at(101);
      NaiveRound& round = rounds.emplace_back();
      round.clue_on = DateOf(opened);
      for (const auto& [rule, known] : open) {
        // By hand, what is open; else what was known at the clue.
        if (to == kClue || known <= opened) round.rules.insert(rule);
      }
    }
    state = to;
    entered = now;
    written = true;
    if (to != kRegistered && to != kDismissed) return;
    rounds.back().outcome = to == kRegistered ? "confirmed" : cause;
    rounds.back().days = std::max(DateOf(now).days() - rounds.back().clue_on.days(), 0);
  }
};

class RandomHistory {
 public:
  explicit RandomHistory(uint32_t seed) : random_(seed) {
    for (uint32_t i = 1; i <= 6; ++i) {
      const std::string village = i <= 4 ? "520502001001" : "520502002001";
      subjects_.push_back(village + "/" + std::to_string(i));
      county_.Observe(subjects_.back(), kWage, "2026-09-01", 700'00);
    }
  }
  // Whatever fails is fatal.
  void Live();
  void CompareFindings();

 private:
  template <typename T>
  T OneOf(const std::vector<T>& all) {
    return all[std::uniform_int_distribution<size_t>(0, all.size() - 1)(random_)];
  }
  bool Once(int in) { return std::uniform_int_distribution<int>(1, in)(random_) == 1; }

  void Warn(const std::string& subject) {
    const RuleId rule = Once(3) ? 102 : 101;
    const bool red = rule == 101;
    county_.Open(subject, rule, red ? Severity::kRed : Severity::kYellow,
                 red ? RiskKind::kIncome : RiskKind::kIllness, "2026-08-31",
                 now_.time_since_epoch().count());
    model_[subject].open[rule] = now_;
  }
  void TryStep(const std::string& subject) {
    NaiveCase& naive = model_[subject];
    const CaseLook look = *desk_.Look(*rulebook_, Of(subject), now_);
    Step step;
    const auto after = StatesAfter(naive.StateNow());
    step.to = OneOf(std::vector<CaseState>(after.begin(), after.end()));
    if (step.to == kCleared) return;  // what lets a household go is the exit guard's
    step.role = OneOf(std::vector<Role>(AllRoles().begin(), AllRoles().end()));
    step.actor = "somebody";
    if (step.to == kRegistered) step.category = HouseholdCategory::kMarginal;
    std::string cause = "other";
    if (step.to == kDismissed) {
      step.reason = "reason";
      if (!Once(4)) {
        step.cause = OneOf(
            std::vector<DismissalCause>(AllDismissalCauses().begin(), AllDismissalCauses().end()));
        cause = CauseName(*step.cause);
      }
    }
    const bool may = naive.MayStep(step.to, step.role, DateOf(now_));
    const absl::Status stepped =
        desk_.Advance(*rulebook_, Of(subject), look.standing.revision, step, now_).status();
    ASSERT_EQ(stepped.ok(), may) << std::string(stepped.message());
    if (may) naive.Step(step.to, now_, cause);
  }
  // By two roads: one case looked at, and all of them scanned.
  void Compare() {
    const Date today = DateOf(now_);
    std::map<std::string, std::string> scanned;
    ASSERT_TRUE(desk_
                    .Scan(*rulebook_, At("52"), Subject(), now_,
                          [&](const CaseStanding& standing, const Deadlines& deadlines) {
                            scanned[standing.subject.ToString()] =
                                InWordsOf(standing.state, deadlines.LevelOn(today),
                                          deadlines.EscalatedOn(today));
                            return true;
                          })
                    .ok());
    for (const std::string& subject : subjects_) {
      const NaiveCase& naive = model_[subject];
      const CaseLook look = *desk_.Look(*rulebook_, Of(subject), now_);
      const Role level = IsUnderWay(naive.StateNow()) ? naive.Level(today) : Role::kVillage;
      const bool up = IsUnderWay(naive.StateNow()) && level > naive.Owner();
      const std::string expected = InWordsOf(naive.StateNow(), level, up);
      ASSERT_EQ(InWordsOf(look.standing.state, look.deadlines.LevelOn(today),
                          look.deadlines.EscalatedOn(today)),
                expected)
          << subject << " on " << today.ToString();
      ASSERT_EQ(naive.StateNow() == kNone ? expected : scanned[subject], expected);
    }
  }
  static std::string InWordsOf(CaseState state, Role level, bool escalated) {
    return fmt::format("{} {} {}", CaseStateName(state), RoleName(level), escalated);
  }

  std::mt19937 random_;
  WatchedCounty county_;
  MemoryCaseBook book_;
  std::shared_ptr<const Rulebook> rulebook_ = RulebookWithCases();
  CaseDesk desk_{&county_.store(), &book_};
  std::vector<std::string> subjects_;
  std::map<std::string, NaiveCase> model_;
  Instant now_ = MorningOf("2026-09-20");
};

std::string Counted(const VerificationCount& count) {
  return fmt::format("confirmed {} data_error {} coping {} other {} pending {}", count.confirmed,
                     count.refuted_for(DismissalCause::kDataError),
                     count.refuted_for(DismissalCause::kCoping),
                     count.refuted_for(DismissalCause::kOther), count.pending);
}

// The same of naive rounds, by looking through all of them for each word; rule 0: any.
std::string Recounted(const std::vector<NaiveRound>& rounds, RuleId rule) {
  const auto of = [&](std::string_view outcome) {
    return std::ranges::count_if(rounds, [&](const NaiveRound& round) {
      return round.outcome == outcome &&
             (rule == 0 ? !round.rules.empty() : round.rules.contains(rule));
    });
  };
  return fmt::format("confirmed {} data_error {} coping {} other {} pending {}", of("confirmed"),
                     of("data_error"), of("coping"), of("other"), of("pending"));
}

std::optional<double> MedianOf(const std::vector<NaiveRound>& rounds, RuleId rule) {
  std::vector<int> days;
  for (const NaiveRound& round : rounds) {
    if (round.rules.contains(rule) && round.outcome != "pending") days.push_back(round.days);
  }
  if (days.empty()) return std::nullopt;
  std::ranges::sort(days);
  return (days[(days.size() - 1) / 2] + days[days.size() / 2]) / 2.0;
}

void RandomHistory::Live() {
  for (int i = 0; i < 300; ++i) {
    const int hours = std::uniform_int_distribution<int>(0, 30)(random_);
    now_ += Once(12) ? -std::chrono::hours(24) : std::chrono::hours(hours);
    const std::string subject = OneOf(subjects_);
    if (Once(4)) {
      Warn(subject);
    } else {
      TryStep(subject);
    }
    Compare();
    if (testing::Test::HasFatalFailure()) return;
  }
}

void RandomHistory::CompareFindings() {
  std::vector<NaiveRound> rounds;
  for (auto& [subject, naive] : model_) {
    rounds.insert(rounds.end(), naive.rounds.begin(), naive.rounds.end());
    if (!naive.Implied()) continue;
    NaiveRound& pending = rounds.emplace_back();
    pending.clue_on = naive.OpenedOn();
    for (const auto& [rule, known] : naive.open) {
      if (known <= naive.open.at(101)) pending.rules.insert(rule);
    }
  }
  Verification verification;
  ASSERT_TRUE(desk_
                  .ScanRecords(*rulebook_, At("52"), Subject(), now_,
                               [&](const Case& record, const CaseStanding& standing,
                                   const Deadlines& /*deadlines*/) {
                                 for (const RoundFinding& round : FindingsOf(record, standing)) {
                                   verification.Add(round);
                                 }
                                 return true;
                               })
                  .ok());
  for (const RuleId rule : {RuleId{101}, RuleId{102}}) {
    EXPECT_EQ(Counted(verification.rules[rule]), Recounted(rounds, rule)) << rule;
    EXPECT_EQ(verification.rules[rule].MedianDays(), MedianOf(rounds, rule)) << rule;
  }
  EXPECT_EQ(Counted(verification.any_rule), Recounted(rounds, 0));
  EXPECT_EQ(verification.confirmed_without_rule,
            std::ranges::count_if(rounds, [](const NaiveRound& round) {
              return round.rules.empty() && round.outcome == "confirmed";
            }));
}

TEST(FollowUpPropertyTest, LevelsStepsAndFindingsAreThoseOfTheNaiveModel) {
  for (uint32_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    RandomHistory history(seed);
    history.Live();
    if (HasFatalFailure()) return;
    history.CompareFindings();
  }
}

}  // namespace
}  // namespace shouwang::cases
