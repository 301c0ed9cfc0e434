#include "daemon/cases/desk.h"

#include <latch>
#include <thread>

#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kHousehold[] = "520502001001/1";

class CaseDeskTest : public testing::Test {
 protected:
  CaseDeskTest() { At("2026-11-02"); }

  void At(std::string_view day) { now_ = MorningOf(day); }
  // Known on that day, in state open since.
  void Warn(std::string_view subject, std::string_view known_on, RuleId rule = 101,
            Severity severity = Severity::kRed, RiskKind kind = RiskKind::kIncome) {
    county_.Open(subject, rule, severity, kind, "2026-09-30",
                 MorningOf(known_on).time_since_epoch().count());
  }
  CaseLook Look(std::string_view subject = kHousehold) {
    const absl::StatusOr<CaseLook> look = desk_.Look(*rulebook_, Of(subject), now_);
    EXPECT_TRUE(look.ok()) << std::string(look.status().message());
    return look.ok() ? *look : CaseLook();
  }
  static Step To(CaseState to, Role role) {
    Step step;
    step.to = to;
    step.role = role;
    step.actor = "somebody";
    if (to == CaseState::kRegistered) step.category = HouseholdCategory::kMarginal;
    if (to == CaseState::kDismissed) step.reason = "自身可应对";
    return step;
  }
  // Takes the step at the revision that is there.
  absl::Status Advance(CaseState to, Role role) {
    return desk_.Advance(*rulebook_, Of(kHousehold), Look().standing.revision, To(to, role), now_)
        .status();
  }
  absl::Status Measure(const char* measure) {
    MeasureNote note;
    note.measure = measure;
    note.on = DateOf(now_);
    note.actor = "v1";
    return desk_.AddMeasure(*rulebook_, Of(kHousehold), Look().standing.revision, note, now_)
        .status();
  }
  // From a clue of 2026-03-02 to supported.
  void Support() {
    Warn(kHousehold, "2026-03-02");
    At("2026-03-03");
    ASSERT_TRUE(Advance(CaseState::kVerifying, Role::kVillage).ok());
    ASSERT_TRUE(Advance(CaseState::kReviewed, Role::kVillage).ok());
    ASSERT_TRUE(Advance(CaseState::kNoticed, Role::kVillage).ok());
    At("2026-03-08");
    ASSERT_TRUE(Advance(CaseState::kRegistered, Role::kCounty).ok());
    ASSERT_TRUE(Advance(CaseState::kSupported, Role::kTownship).ok());
  }
  std::vector<std::string> Scan(std::string_view region, std::string_view from = "") {
    std::vector<std::string> seen;
    const absl::Status status =
        desk_.Scan(*rulebook_, county::At(region), from.empty() ? Subject() : Of(from), now_,
                   [&](const CaseStanding& standing, const Deadlines& deadlines) {
                     seen.push_back(standing.subject.ToString() + " " +
                                    std::string(CaseStateName(standing.state)) + " " +
                                    std::to_string(deadlines.DaysOver(DateOf(now_))));
                     return true;
                   });
    EXPECT_TRUE(status.ok()) << std::string(status.message());
    return seen;
  }

  WatchedCounty county_;
  MemoryCaseBook book_;
  std::shared_ptr<const Rulebook> rulebook_ = RulebookWithCases();
  CaseDesk desk_{&county_.store(), &book_};
  Instant now_;
};

TEST_F(CaseDeskTest, AClueIsThereWithItsWarningAndWrittenWithTheFirstStep) {
  Warn(kHousehold, "2026-11-01");
  EXPECT_EQ(Look().standing.state, CaseState::kClue);
  EXPECT_THAT(Look().record.events, IsEmpty());
  ASSERT_TRUE(Advance(CaseState::kVerifying, Role::kVillage).ok());
  const CaseLook look = Look();
  EXPECT_EQ(look.standing.state, CaseState::kVerifying);
  ASSERT_EQ(look.record.revision(), 2u);
  EXPECT_EQ(look.record.events[0].kind, CaseEventKind::kOpened);
  EXPECT_EQ(look.record.events[0].at, MorningOf("2026-11-01")) << "the clock of the warning";
  EXPECT_EQ(look.record.events[0].role, std::nullopt);
  EXPECT_EQ(look.record.events[1].at, MorningOf("2026-11-02"));
  EXPECT_EQ(look.record.events[1].actor, "somebody");
  ASSERT_EQ(look.record.events[1].warnings.size(), 1u);
  EXPECT_EQ(look.record.events[1].warnings[0].rule, 101);
}

TEST_F(CaseDeskTest, TheOpeningHasTheWarningsThatWereKnownAtTheClue) {
  Warn(kHousehold, "2026-10-31", 101, Severity::kRed, RiskKind::kIncome);
  Warn(kHousehold, "2026-11-01", 102, Severity::kYellow, RiskKind::kIllness);
  ASSERT_TRUE(Advance(CaseState::kVerifying, Role::kVillage).ok());
  const Case record = Look().record;
  ASSERT_EQ(record.revision(), 2u);
  ASSERT_EQ(record.events[0].warnings.size(), 1u);
  EXPECT_EQ(record.events[0].warnings[0].rule, 101) << "the other one came after the clue";
  EXPECT_EQ(record.events[1].warnings.size(), 2u);
}

TEST_F(CaseDeskTest, AnOldWarningIsAClueFromTheDayOfThePolicyThatMakesItOne) {
  rulebook_ = RulebookOfTwoYears(kCaseSections,
                                 SectionsWith("from_severity: orange", "from_severity: yellow"));
  Warn(kHousehold, "2026-03-02", 102, Severity::kYellow, RiskKind::kIllness);
  At("2026-12-31");
  EXPECT_EQ(Look().standing.state, CaseState::kNone);
  At("2027-01-02");
  EXPECT_EQ(Look().standing.state, CaseState::kClue);
  EXPECT_EQ(Look().standing.opened_on(), Day("2027-01-01"));
  EXPECT_EQ(Look().deadlines.step_by, Day("2027-01-04"));
  EXPECT_THAT(Scan("52"), ElementsAre("520502001001/1 clue 0"));
  Warn("520502001001/2", "2026-12-02");
  EXPECT_EQ(Look("520502001001/2").standing.opened_on(), Day("2026-12-02"))
      << "a red one was a clue all along";
}

TEST_F(CaseDeskTest, TheFirstPolicyThatKeepsCasesMakesNobodyLate) {
  rulebook_ = RulebookOfTwoYears("", kCaseSections);
  Warn(kHousehold, "2026-03-02");
  At("2027-01-04");
  EXPECT_EQ(Look().standing.opened_on(), Day("2027-01-01"));
  EXPECT_EQ(Look().deadlines.DaysOver(DateOf(now_)), 0);
}

TEST_F(CaseDeskTest, OneOfTwoWhoLookedAtTheSameCaseIsToldHowItStands) {
  Warn(kHousehold, "2026-11-01");
  const uint32_t seen = Look().standing.revision;
  ASSERT_TRUE(Advance(CaseState::kVerifying, Role::kVillage).ok());
  const absl::Status late = desk_
                                .Advance(*rulebook_, Of(kHousehold), seen,
                                         To(CaseState::kDismissed, Role::kTownship), now_)
                                .status();
  EXPECT_EQ(late.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(std::string(late.message()),
            "somebody else was faster: the case of 520502001001/1 is in state verifying since "
            "2026-11-02 (revision 2), no longer at revision 0; look at it again");
  EXPECT_EQ(Look().standing.state, CaseState::kVerifying);
}

TEST_F(CaseDeskTest, OfManyAtTheSameInstantOneWins) {
  Warn(kHousehold, "2026-11-01");
  constexpr int kOfficials = 6;
  std::latch ready(kOfficials);
  std::array<absl::Status, kOfficials> statuses;
  {
    std::vector<std::jthread> officials;
    officials.reserve(kOfficials);
    for (absl::Status& status : statuses) {
      officials.emplace_back([&] {
        ready.arrive_and_wait();
        status = desk_
                     .Advance(*rulebook_, Of(kHousehold), 0,
                              To(CaseState::kVerifying, Role::kVillage), now_)
                     .status();
      });
    }
  }
  int won = 0;
  for (const absl::Status& status : statuses) {
    won += status.ok() ? 1 : 0;
    if (!status.ok()) {
      EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
      EXPECT_THAT(std::string(status.message()), HasSubstr("is in state verifying"));
    }
  }
  EXPECT_EQ(won, 1);
}

TEST_F(CaseDeskTest, ACaseIsOpenedAgainByANewWarningOrByHandAndKeepsItsPast) {
  Warn(kHousehold, "2026-11-01");
  ASSERT_TRUE(Advance(CaseState::kDismissed, Role::kTownship).ok());
  EXPECT_EQ(Look().standing.state, CaseState::kDismissed) << "the same warning is still open";
  At("2026-11-05");
  Warn(kHousehold, "2026-11-05", 102, Severity::kOrange, RiskKind::kIllness);
  EXPECT_EQ(Look().standing.state, CaseState::kClue);
  EXPECT_EQ(Look().standing.round, 2u);
  ASSERT_TRUE(Advance(CaseState::kDismissed, Role::kTownship).ok());
  At("2026-11-08");
  ASSERT_TRUE(Advance(CaseState::kClue, Role::kCounty).ok());
  const CaseLook look = Look();
  EXPECT_EQ(look.standing.state, CaseState::kClue);
  EXPECT_EQ(look.standing.round, 3u);
  EXPECT_FALSE(look.standing.implied);
  EXPECT_EQ(look.standing.opened_on(), Day("2026-11-08"));
  EXPECT_EQ(look.record.revision(), 5u);
  EXPECT_EQ(look.record.events[1].reason, "自身可应对");
}

TEST_F(CaseDeskTest, AHouseholdMayDeclareItselfIfItIsKnown) {
  EXPECT_EQ(desk_.Look(*rulebook_, Of(kHousehold), now_).status().code(),
            absl::StatusCode::kNotFound);
  county_.Observe(kHousehold, kWage, "2026-10-31", 700'00);
  EXPECT_EQ(Look().standing.state, CaseState::kNone);
  ASSERT_TRUE(Advance(CaseState::kClue, Role::kVillage).ok());
  EXPECT_EQ(Look().standing.state, CaseState::kClue);
  EXPECT_EQ(desk_.Look(*rulebook_, Of("520502001/S3"), now_).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(CaseDeskTest, APolicyWithoutCasesTakesNoStepsAndShowsWhatThereIs) {
  Warn(kHousehold, "2026-11-01");
  ASSERT_TRUE(Advance(CaseState::kVerifying, Role::kVillage).ok());
  rulebook_ = SmallRulebook();
  EXPECT_EQ(Look().standing.state, CaseState::kVerifying);
  EXPECT_EQ(Look().deadlines.due(), std::nullopt);
  const absl::Status refused = Advance(CaseState::kReviewed, Role::kVillage);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(refused.message()),
            "policy 202601, in force on 2026-11-02, keeps no cases: it has no section 'cases'");
  Warn("520502001001/2", "2026-11-01");
  EXPECT_THAT(Scan(""), ElementsAre("520502001001/1 verifying 0"));
}

TEST_F(CaseDeskTest, TheExitGuardNamesEveryConditionThatDoesNotHold) {
  Support();
  At("2026-11-02");
  for (int month = 3; month <= 10; ++month) {
    const Date date = Date::LastOf(Month::Parse("2026-01").value() + (month - 1));
    county_.Observe(kHousehold, kWage, date.ToString(), month == 9 ? 599'00 : 700'00);
  }
  const absl::Status refused = Advance(CaseState::kCleared, Role::kCounty);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("is in state supported since 2026-03-08 (revision 6)"),
                    HasSubstr("3 of 3 conditions do not hold: wage_above_line (not met), "
                              "medical_resolved (unknown), measure_taken (not met)"),
                    HasSubstr("on 2026-09-30: wage >= line: 599 >= 600"),
                    HasSubstr("medical <= 1000: unknown <= 1000"),
                    HasSubstr("case_targeted_measures >= 1: 0 >= 1")));
  EXPECT_EQ(Look().standing.state, CaseState::kSupported);
}

TEST_F(CaseDeskTest, WithoutAConditionNobodyIsOutOfRisk) {
  Support();
  const absl::Status refused = ExitStatus(Look().standing, {});
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("no condition was judged"));
}

TEST_F(CaseDeskTest, AHouseholdIsClearedOnceEverythingHolds) {
  Support();
  ASSERT_TRUE(Measure("relief").ok());
  At("2026-11-02");
  for (int month = 3; month <= 10; ++month) {
    const Date date = Date::LastOf(Month::Parse("2026-01").value() + (month - 1));
    county_.Observe(kHousehold, kWage, date.ToString(), 700'00);
    county_.Observe(kHousehold, kMedical, date.ToString(), 50);
  }
  const CaseLook look = Look();
  ASSERT_EQ(look.exit.size(), 3u);
  for (const risk::ExitFinding& finding : look.exit) {
    EXPECT_EQ(finding.truth, risk::Truth::kTrue) << finding.condition->name;
  }
  EXPECT_EQ(Advance(CaseState::kCleared, Role::kTownship).code(),
            absl::StatusCode::kPermissionDenied);
  ASSERT_TRUE(Advance(CaseState::kCleared, Role::kCounty).ok());
  EXPECT_EQ(Look().standing.state, CaseState::kCleared);
  EXPECT_EQ(Look().standing.measures.size(), 1u);
}

TEST_F(CaseDeskTest, ScansCluesAndCasesOfARegionInOrder) {
  Warn("520502001001/2", "2026-10-20");
  Warn("520502001001/300", "2026-11-01");
  Warn("520502001002/5", "2026-11-01", 102, Severity::kYellow, RiskKind::kIllness);
  Warn("520502002001/1", "2026-11-02");
  Warn("520302001001/9", "2026-11-02");
  county_.Open("520502001/S3", 201, Severity::kOrange, RiskKind::kServices, "2026-09-30");
  const std::vector<CaseEvent> verifying = {OpenedOn("2026-10-01"),
                                            MovedOn("2026-10-02", CaseState::kVerifying)};
  for (const char* subject : {"520502001001/1", "520502001001/300", "520502001002/7"}) {
    ASSERT_TRUE(book_.AddToCase(Of(subject), 0, verifying).ok());
  }
  EXPECT_THAT(Scan("520502"), ElementsAre("520502001001/1 verifying 20", "520502001001/2 clue 10",
                                          "520502001001/300 verifying 20",
                                          "520502001002/7 verifying 20", "520502002001/1 clue 0"));
  EXPECT_THAT(Scan("520502001001", "520502001001/2"),
              ElementsAre("520502001001/2 clue 10", "520502001001/300 verifying 20"));
  EXPECT_THAT(Scan("", "520502001002/1"),
              ElementsAre("520502001002/7 verifying 20", "520502002001/1 clue 0"));
  EXPECT_THAT(Scan("5203"), ElementsAre("520302001001/9 clue 0"));
  EXPECT_THAT(Scan("520302001001"), Not(IsEmpty()));
}

}  // namespace
}  // namespace shouwang::cases
