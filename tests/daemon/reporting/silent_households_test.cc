#include "daemon/reporting/silent_households.h"

#include "tests/daemon/watched_county.h"

namespace shouwang::reporting {
namespace {

using county::At;
using county::Day;
using county::Of;
using testing::ElementsAre;
using testing::IsEmpty;

// On 2026-05-31 a household is silent that has told nothing of April; after six months it is given
// up.
class SilentHouseholdsTest : public testing::Test {
 protected:
  SilentHouseholdsTest() {
    query_.townships = {At("520502001"), At("520502002")};
    query_.on = Day("2026-05-31");
    query_.expected = {.cadence_months = 1,
                       .due_day = 25,
                       .grace_days = 5,
                       .given_up_months = 6,
                       .citation = "test"};
    query_.page_size = 10;
  }

  // What it observed, and the warning that is open since, if any.
  void Keep(std::string_view subject, const std::vector<std::string_view>& dates,
            std::string_view open_since = "", std::string_view cleared_on = "") {
    Transaction transaction;
    for (const std::string_view date : dates) {
      transaction.observations.push_back({.subject = Of(subject),
                                          .indicator = county::kWage,
                                          .date = Day(date),
                                          .value = 1,
                                          .arrival = {.reported_at = EndOf(Day(date)),
                                                      .known_at = EndOf(Day(date)),
                                                      .batch = 7,
                                                      .source = Source::kSelfDeclaration}});
    }
    SubjectRisk risk;
    risk.subject = Of(subject);
    risk.evaluated_through = Day(dates.back());
    if (!cleared_on.empty()) {
      Episode& episode = risk.episodes.emplace_back();
      episode.rule = 102;
      episode.opened_on = Day(open_since);
      episode.cleared_on = Day(cleared_on);
    } else if (!open_since.empty()) {
      RuleState& state = risk.states.emplace_back();
      state.rule = 101;
      state.opened_on = Day(open_since);
      state.severity = Severity::kRed;
    }
    transaction.risks.push_back(risk);
    ASSERT_TRUE(store_.Commit(transaction).ok());
  }

  SilentPage List() {
    auto page = ListSilent(store_, query_, [] { return false; });
    EXPECT_TRUE(page.ok()) << page.status();
    return *std::move(page);
  }
  static std::vector<std::string> Subjects(const SilentPage& page) {
    std::vector<std::string> subjects;
    for (const SilentHousehold& household : page.households) {
      subjects.push_back(household.position.subject.ToString());
    }
    return subjects;
  }

  MemoryStore store_;
  SilentQuery query_;
};

TEST_F(SilentHouseholdsTest, OpenWarningsComeFirstThenTheLongestSilence) {
  Keep("520502001001/1", {"2026-03-31"});
  Keep("520502001001/2", {"2026-02-28"});
  Keep("520502001001/3", {"2026-04-01"});
  Keep("520502001001/4", {"2026-03-31"}, "2026-01-31");
  Keep("520502002001/5", {"2026-03-01"});
  const SilentPage page = List();
  EXPECT_THAT(Subjects(page),
              ElementsAre("520502001001/4", "520502001001/2", "520502002001/5", "520502001001/1"));
  EXPECT_EQ(page.next, std::nullopt);
  ASSERT_EQ(page.households[0].open.size(), 1u);
  EXPECT_EQ(page.households[0].open[0].rule, 101);
  EXPECT_EQ(page.households[0].open[0].severity, Severity::kRed);
  EXPECT_EQ(page.households[0].source, Source::kSelfDeclaration);
  EXPECT_EQ(page.households[0].known_at, EndOf(Day("2026-03-31")));
}

TEST_F(SilentHouseholdsTest, TimeAlonePutsAHouseholdOnTheListAndTakesItOff) {
  Keep("520502001001/1", {"2026-03-31"});
  query_.on = Day("2026-05-30");
  EXPECT_THAT(List().households, IsEmpty());
  query_.on = Day("2026-05-31");
  EXPECT_EQ(List().households.size(), 1u);
  // Of September, due on 2026-10-25; it may be six months back.
  query_.on = Day("2026-11-30");
  EXPECT_EQ(List().households.size(), 1u);
  query_.on = Day("2026-12-01");
  EXPECT_THAT(List().households, IsEmpty());
}

TEST_F(SilentHouseholdsTest, OnADayThatHasPassedItIsAsItWasThen) {
  Keep("520502001001/1", {"2026-01-31", "2026-05-31"}, "2026-01-31", "2026-05-31");
  Keep("520502001001/2", {"2026-03-31", "2026-05-31"});
  Keep("520502001001/3", {"2026-05-31"});
  query_.on = Day("2026-04-10");
  const SilentPage page = List();
  EXPECT_THAT(Subjects(page), ElementsAre("520502001001/1"));
  EXPECT_EQ(page.households[0].position.last_observed_on, Day("2026-01-31"));
  ASSERT_EQ(page.households[0].open.size(), 1u);
  EXPECT_EQ(page.households[0].open[0].rule, 102);
}

TEST_F(SilentHouseholdsTest, PagesFollowEachOtherWithoutALossOrARepeat) {
  for (int i = 1; i <= 7; ++i) {
    Keep("520502001001/" + std::to_string(i), {i % 2 == 0 ? "2026-02-28" : "2026-03-31"},
         i == 5 ? "2026-01-31" : "");
  }
  query_.page_size = 3;
  std::vector<std::string> all;
  do {
    const SilentPage page = List();
    for (const std::string& subject : Subjects(page)) all.push_back(subject);
    query_.from = page.next;
  } while (query_.from);
  EXPECT_THAT(all,
              ElementsAre("520502001001/5", "520502001001/2", "520502001001/4", "520502001001/6",
                          "520502001001/1", "520502001001/3", "520502001001/7"));
}

TEST_F(SilentHouseholdsTest, OnlyThoseWithAWarningOnRequestAndNeverASite) {
  Keep("520502001001/1", {"2026-03-31"});
  Keep("520502001001/2", {"2026-03-31"}, "2026-03-31");
  Keep("520502001/S3", {"2026-01-31"}, "2026-01-31");
  query_.with_warning_only = true;
  EXPECT_THAT(Subjects(List()), ElementsAre("520502001001/2"));
}

TEST_F(SilentHouseholdsTest, ACallerThatHasLeftEndsIt) {
  EXPECT_EQ(ListSilent(store_, query_, [] { return true; }).status().code(),
            absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace shouwang::reporting
