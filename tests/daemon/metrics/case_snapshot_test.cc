#include "daemon/metrics/case_snapshot.h"

#include <prometheus/text_serializer.h>

#include <sstream>

#include "absl/synchronization/notification.h"
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
    CaseSnapshot snapshot(settings, &county_.store(), &desk_, &rulebook_,
                          [] { return At(kNowMs); });
    const absl::Status read = snapshot.Refresh();
    EXPECT_TRUE(read.ok()) << std::string(read.message());
    return prometheus::TextSerializer().Serialize(snapshot.Collect());
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
  CaseSnapshot snapshot({}, &county_.store(), &desk_, &rulebook_, [&] {
    if (!first.exchange(false) && !read.HasBeenNotified()) read.Notify();
    return At(kNowMs);
  });
  snapshot.Start(std::chrono::milliseconds(1), [](const absl::Status&) {});
  // The second reading has begun, so the first is there.
  ASSERT_TRUE(read.WaitForNotificationWithTimeout(absl::Seconds(60)));
  const std::string scrape = prometheus::TextSerializer().Serialize(snapshot.Collect());
  EXPECT_THAT(scrape, HasSubstr("shouwang_cases{division=\"520502\",state=\"clue\"} 1"));
  snapshot.Stop();
}

}  // namespace
}  // namespace shouwang::metrics
