#include "daemon/metrics/case_snapshot.h"

#include <prometheus/text_serializer.h>

#include <sstream>

#include "absl/synchronization/notification.h"
#include "storage/memory/memory_draw_book.h"
#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::metrics {
namespace {

using namespace county;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class CaseSnapshotTest : public testing::Test {
 protected:
  CaseSnapshotTest() : rulebook_(cases::RulebookWithCases()) {
    Households("520502001", 40);
    Households("520302001", 40);
  }
  void Households(std::string_view township, int64_t households) {
    Tally tally;
    tally.place = Settlement(township);
    tally.households = households;
    county_.Tell(tally);
  }
  // Known so many days before today, 2026-11-15.
  void Warn(std::string_view subject, int days_ago) {
    county_.Open(subject, 101, Severity::kRed, RiskKind::kIncome, "2026-09-30",
                 kNowMs - int64_t{days_ago} * 86'400'000);
  }
  std::string Scrape(const FigureSettings& settings = {}) {
    CaseSnapshot snapshot(settings, Parts([] { return At(kNowMs); }));
    const absl::Status read = snapshot.Refresh();
    EXPECT_TRUE(read.ok()) << std::string(read.message());
    return prometheus::TextSerializer().Serialize(snapshot.Collect());
  }
  CaseSnapshotParts Parts(std::function<Instant()> now) {
    return {&county_.store(), &desk_, &draws_, &board_, &rulebook_, std::move(now)};
  }
  // The series of one figure that are not 0.
  static std::vector<std::string> SeriesOf(const std::string& scrape, const std::string& name) {
    std::vector<std::string> series;
    std::istringstream lines(scrape);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind(name + "{", 0) == 0 && !line.ends_with(" 0")) {
        series.push_back(line.substr(name.size()));
      }
    }
    return series;
  }

  WatchedCounty county_;
  MemoryCaseBook book_;
  MemoryDrawBook draws_;
  cases::TakenOnBoard board_;
  CurrentRulebook rulebook_;
  cases::CaseDesk desk_{&county_.store(), &book_};
};

TEST_F(CaseSnapshotTest, CountsCluesAndCasesByDivisionAndStateAndThoseOverdue) {
  Warn("520502001001/1", 1);
  Warn("520502001001/2", 20);
  Warn("520302001001/1", 1);
  const std::vector<CaseEvent> verifying = {cases::OpenedOn("2026-11-12"),
                                            cases::MovedOn("2026-11-13", CaseState::kVerifying)};
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/3"), 0, verifying).ok());
  const std::string scrape = Scrape();
  EXPECT_THAT(
      SeriesOf(scrape, "shouwang_cases"),
      ElementsAre(
          "{division=\"52\",state=\"clue\"} 3", "{division=\"52\",state=\"verifying\"} 1",
          "{division=\"5203\",state=\"clue\"} 1", "{division=\"5205\",state=\"clue\"} 2",
          "{division=\"5205\",state=\"verifying\"} 1", "{division=\"520302\",state=\"clue\"} 1",
          "{division=\"520502\",state=\"clue\"} 2", "{division=\"520502\",state=\"verifying\"} 1"));
  EXPECT_THAT(
      SeriesOf(scrape, "shouwang_cases_overdue"),
      ElementsAre("{division=\"52\",state=\"clue\"} 1", "{division=\"5205\",state=\"clue\"} 1",
                  "{division=\"520502\",state=\"clue\"} 1"));
  EXPECT_THAT(scrape, AllOf(HasSubstr("shouwang_cases{division=\"520502\",state=\"supported\"} 0"),
                            HasSubstr("shouwang_cases_without_measure{division=\"520502\"} 0"),
                            Not(HasSubstr("shouwang_cases_overdue{division=\"520502\",state="
                                          "\"cleared\"}")),
                            HasSubstr("shouwang_cases_refresh_timestamp_seconds 1794715200")));
}

TEST_F(CaseSnapshotTest, LeavesOutSmallPlacesAndGoesNoDeeperThanItMay) {
  Households("520502002", 3);
  Warn("520502001001/1", 1);
  Warn("520502002001/1", 1);
  EXPECT_THAT(Scrape(), Not(HasSubstr("520502001")));
  const std::string scrape = Scrape({.depth = DivisionLevel::kTownship, .min_cell = 5});
  EXPECT_THAT(SeriesOf(scrape, "shouwang_cases"),
              AllOf(Contains("{division=\"520502001\",state=\"clue\"} 1"),
                    Contains("{division=\"520502\",state=\"clue\"} 2")));
  EXPECT_THAT(scrape, Not(HasSubstr("520502002"))) << "three households live there";
}

TEST_F(CaseSnapshotTest, CountsCasesThatLackAMeasure) {
  std::vector<CaseEvent> events = {cases::OpenedOn("2026-11-01")};
  events[0].warnings = {{101, RiskKind::kIncome, Severity::kRed, Day("2026-10-31")}};
  for (const CaseState state :
       {CaseState::kVerifying, CaseState::kReviewed, CaseState::kNoticed, CaseState::kRegistered}) {
    events.push_back(cases::MovedOn("2026-11-10", state));
  }
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/3"), 0, events).ok());
  EXPECT_THAT(
      SeriesOf(Scrape(), "shouwang_cases_without_measure"),
      ElementsAre("{division=\"52\"} 1", "{division=\"5205\"} 1", "{division=\"520502\"} 1"));
}

TEST_F(CaseSnapshotTest, TellsWhichMeasureIsLacking) {
  std::vector<CaseEvent> events = {cases::OpenedOn("2026-11-01")};
  events[0].warnings = {{102, RiskKind::kIllness, Severity::kYellow, Day("2026-10-31")}};
  for (const CaseState state :
       {CaseState::kVerifying, CaseState::kReviewed, CaseState::kNoticed, CaseState::kRegistered}) {
    events.push_back(cases::MovedOn("2026-11-10", state));
  }
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/3"), 0, events).ok());
  EXPECT_THAT(SeriesOf(Scrape(), "shouwang_cases_lacking_measure"),
              Contains("{division=\"520502\",risk_kind=\"illness\"} 1"));
  CaseEvent measure;
  measure.kind = CaseEventKind::kMeasure;
  measure.state = CaseState::kRegistered;
  measure.at = At(kNowMs);
  measure.role = Role::kTownship;
  measure.measure = "relief";
  measure.measured_on = Day("2026-11-12");
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/3"), 5, std::vector{measure}).ok());
  EXPECT_THAT(SeriesOf(Scrape(), "shouwang_cases_lacking_measure"),
              Contains("{division=\"520502\",risk_kind=\"illness\"} 1"))
      << "relief is no medical measure";
  measure.measure = "medical_assistance";
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/3"), 6, std::vector{measure}).ok());
  const std::string scrape = Scrape();
  EXPECT_THAT(SeriesOf(scrape, "shouwang_cases_lacking_measure"), IsEmpty());
  EXPECT_THAT(SeriesOf(scrape, "shouwang_cases_without_measure"), IsEmpty());
}

TEST_F(CaseSnapshotTest, CountsCasesThatWentUpByTheLevelTheyAreAt) {
  Warn("520502001001/1", 4);   // overdue by one day: still the village's
  Warn("520502001001/2", 5);   // by two
  Warn("520502001001/3", 20);  // by seventeen
  Warn("520502001001/4", 20);
  const std::string scrape = Scrape();
  EXPECT_THAT(
      SeriesOf(scrape, "shouwang_cases_escalated"),
      ElementsAre("{division=\"52\",level=\"township\"} 1", "{division=\"52\",level=\"county\"} 2",
                  "{division=\"5205\",level=\"township\"} 1",
                  "{division=\"5205\",level=\"county\"} 2",
                  "{division=\"520502\",level=\"township\"} 1",
                  "{division=\"520502\",level=\"county\"} 2"));
  EXPECT_THAT(scrape,
              HasSubstr("shouwang_cases_escalated{division=\"520302\",level=\"county\"} 0"));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_cases_overdue"),
              Contains("{division=\"520502\",state=\"clue\"} 4"));
}

// A case of a clue with rule 101 that was decided so on 2026-11-10.
std::vector<CaseEvent> Decided(CaseState decision) {
  std::vector<CaseEvent> events = {cases::OpenedOn("2026-11-01")};
  events[0].warnings = {{101, RiskKind::kIncome, Severity::kRed, Day("2026-10-31")}};
  std::vector<CaseState> states = {CaseState::kVerifying, CaseState::kDismissed};
  if (decision == CaseState::kRegistered) {
    states = {CaseState::kVerifying, CaseState::kReviewed, CaseState::kNoticed, decision};
  }
  for (const CaseState state : states) events.push_back(cases::MovedOn("2026-11-10", state));
  return events;
}

TEST_F(CaseSnapshotTest, CountsWhatVerificationFoundOfEachRule) {
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/1"), 0, Decided(CaseState::kRegistered)).ok());
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/2"), 0, Decided(CaseState::kDismissed)).ok());
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/3"), 0, Decided(CaseState::kDismissed)).ok());
  Warn("520502001001/4", 1);
  EXPECT_THAT(
      SeriesOf(Scrape(), "shouwang_rule_verified_cases"),
      testing::IsSupersetOf({"{division=\"520502\",rule=\"wage_low\",outcome=\"confirmed\"} 1",
                             "{division=\"520502\",rule=\"wage_low\",outcome=\"refuted\"} 2",
                             "{division=\"520502\",rule=\"wage_low\",outcome=\"pending\"} 1"}));
}

// Ten drawn in October and November, four of them visited, one at risk.
class DrawnSnapshotTest : public CaseSnapshotTest {
 protected:
  void DrawAndVisit(std::string_view month, int visits, int at_risk) {
    Draw draw;
    draw.township = At("520502001");
    draw.month = MonthOf(month);
    draw.households = 40;
    draw.unflagged = 20;
    for (uint32_t i = 1; i <= 5; ++i) {
      draw.drawn.push_back(Subject::Household(At("520502001001"), i).value());
    }
    ASSERT_TRUE(draws_.AddDraw(draw).ok());
    for (int i = 0; i < visits; ++i) {
      DrawVisit visit;
      visit.subject = draw.drawn[static_cast<size_t>(i)];
      visit.outcome = i < at_risk ? VisitOutcome::kAtRisk : VisitOutcome::kFine;
      visit.actor = "v1";
      ASSERT_TRUE(draws_.AddVisit(draw.township, draw.month, visit).ok());
    }
  }
};

TEST_F(DrawnSnapshotTest, EstimatesWhatTheRulesMissFromTheDrawsOfThePolicysMonths) {
  DrawAndVisit("2026-08", 5, 5);  // the policy looks back on three months
  DrawAndVisit("2026-10", 4, 0);
  DrawAndVisit("2026-11", 4, 2);
  ASSERT_TRUE(book_.AddToCase(Of("520502001001/9"), 0, Decided(CaseState::kRegistered)).ok());
  const std::string scrape = Scrape();
  EXPECT_THAT(SeriesOf(scrape, "shouwang_draw_households"),
              testing::IsSupersetOf({"{division=\"520502\",outcome=\"fine\"} 6",
                                     "{division=\"520502\",outcome=\"at_risk\"} 2",
                                     "{division=\"520502\",outcome=\"not_visited\"} 2"}));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_rules_missed_households"),
              Contains("{division=\"520502\",bound=\"estimate\"} 5"))
      << "a quarter of 20";
  EXPECT_THAT(scrape,
              HasSubstr("shouwang_rules_recall_ratio{division=\"520502\",bound=\"estimate\"} "
                        "0.16666666666666"))
      << "one confirmed, five missed";
}

TEST_F(DrawnSnapshotTest, RecallIsOfWhoIsInNeedNowWheneverTheirRoundsWere) {
  DrawAndVisit("2026-10", 4, 0);
  DrawAndVisit("2026-11", 4, 2);
  std::vector<CaseEvent> old = {cases::OpenedOn("2026-02-01")};
  old[0].warnings = {{101, RiskKind::kIncome, Severity::kRed, Day("2026-01-31")}};
  for (const CaseState state : {CaseState::kVerifying, CaseState::kReviewed, CaseState::kNoticed,
                                CaseState::kRegistered, CaseState::kSupported}) {
    old.push_back(cases::MovedOn("2026-02-20", state));
  }
  for (uint32_t i = 11; i <= 15; ++i) {
    ASSERT_TRUE(book_.AddToCase(Subject::Household(At("520502001001"), i).value(), 0, old).ok());
  }
  EXPECT_THAT(SeriesOf(Scrape(), "shouwang_rules_recall_ratio"),
              Contains("{division=\"520502\",bound=\"estimate\"} 0.5"))
      << "five supported since before the draws, five missed";
}

TEST_F(DrawnSnapshotTest, FewVisitsTellNoEstimate) {
  DrawAndVisit("2026-11", 4, 1);
  const std::string scrape = Scrape();
  EXPECT_THAT(SeriesOf(scrape, "shouwang_draw_households"), Not(IsEmpty()));
  EXPECT_THAT(SeriesOf(scrape, "shouwang_rules_missed_households"), IsEmpty())
      << "four visits are fewer than a small cell";
}

TEST_F(CaseSnapshotTest, TellsTheBoardWhoWasTakenOn) {
  Warn("520502001001/1", 1);
  ASSERT_TRUE(book_
                  .AddToCase(Of("520502001001/1"), 0,
                             std::vector{cases::OpenedOn("2026-11-14"),
                                         cases::MovedOn("2026-11-15", CaseState::kVerifying)})
                  .ok());
  Warn("520502001001/2", 1);
  EXPECT_EQ(board_.Get(), nullptr);
  Scrape();
  ASSERT_NE(board_.Get(), nullptr);
  EXPECT_EQ(board_.Get()->Of(At("520502001"), 101, Severity::kRed).households, 1);
}

TEST_F(CaseSnapshotTest, APolicyWithoutCasesHasNoSeries) {
  rulebook_.Set(SmallRulebook());
  Warn("520502001001/1", 20);
  const std::string scrape = Scrape();
  EXPECT_THAT(SeriesOf(scrape, "shouwang_cases"), IsEmpty());
  EXPECT_THAT(scrape, HasSubstr("# HELP shouwang_cases "));
}

TEST_F(CaseSnapshotTest, ReadsOnItsOwnThreadUntilItIsStopped) {
  Warn("520502001001/1", 1);
  absl::Notification read;
  std::atomic<bool> first = true;
  CaseSnapshot snapshot({}, Parts([&] {
                          if (!first.exchange(false) && !read.HasBeenNotified()) read.Notify();
                          return At(kNowMs);
                        }));
  snapshot.Start(std::chrono::milliseconds(1), [](const absl::Status&) {});
  // The second reading has begun, so the first is there.
  ASSERT_TRUE(read.WaitForNotificationWithTimeout(absl::Seconds(60)));
  const std::string scrape = prometheus::TextSerializer().Serialize(snapshot.Collect());
  EXPECT_THAT(scrape, HasSubstr("shouwang_cases{division=\"520502\",state=\"clue\"} 1"));
  snapshot.Stop();
}

}  // namespace
}  // namespace shouwang::metrics
