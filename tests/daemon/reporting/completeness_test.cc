#include "daemon/reporting/completeness.h"

#include "storage/vocabulary/reporting.h"
#include "tests/daemon/watched_county.h"

namespace shouwang::reporting {
namespace {

using county::At;
using county::Day;
using county::MonthOf;
using county::SmallRulebook;
using county::WatchedCounty;
using testing::IsEmpty;

constexpr std::string_view kReporting = R"(
reporting:
  households: {cadence_months: 1, due_day: 25, grace_days: 5, given_up_months: 6, citation: test}
)";

RollupPlace Home(std::string_view township) { return {RollupView::kSettlement, At(township), {}}; }

// Township 1 of county 520502: ten households began in 2026-01, two more in 2026-03. All reported
// of February, eight of March; one ended in 2026-02, three in 2026-03, eight in 2026-04. Township
// 2: five from 2026-02 on, one of March.
class CompletenessTest : public testing::Test {
 protected:
  CompletenessTest() {
    county_.Count(Home("520502001"), kFirstReport, "2026-01", 10, 0);
    county_.Count(Home("520502001"), kFirstReport, "2026-03", 2, 0);
    county_.Count(Home("520502001"), kLastReport, "2026-02", 1, 0);
    county_.Count(Home("520502001"), kLastReport, "2026-03", 3, 0);
    county_.Count(Home("520502001"), kLastReport, "2026-04", 8, 0);
    county_.Count(Home("520502001"), kAnyIndicator, "2026-02", 10, 0);
    county_.Count(Home("520502001"), kAnyIndicator, "2026-03", 8, 0);
    county_.Count(Home("520502002"), kFirstReport, "2026-02", 5, 0);
    county_.Count(Home("520502002"), kLastReport, "2026-03", 5, 0);
    county_.Count(Home("520502002"), kAnyIndicator, "2026-03", 1, 0);
    // March: heard of on April 1, 24, 25, 26, 26, 27, 28 and May 10; one on March 29.
    Delays("520502001", "2026-03", {0, 23, 24, 25, 25, 26, 27, 39});
    Delays("520502002", "2026-03", {-3});
  }

  void Delays(std::string_view township, std::string_view month, const std::vector<int64_t>& days) {
    county_.Spread(At(township), kAnyIndicator, month, days);
    county_.Spread(At(township).At(DivisionLevel::kCounty), kAnyIndicator, month, days);
  }

  std::vector<MonthReporting> Read(std::string_view region, DivisionLevel level,
                                   std::string_view from, std::string_view to) {
    CompletenessQuery query;
    query.region = At(region);
    query.level = level;
    query.from = MonthOf(from);
    query.to = MonthOf(to);
    auto rows = ReadCompleteness(county_.store(), *rulebook_, query);
    EXPECT_TRUE(rows.ok()) << rows.status();
    return *std::move(rows);
  }

  WatchedCounty county_;
  std::shared_ptr<const Rulebook> rulebook_ = SmallRulebook(kReporting);
};

TEST_F(CompletenessTest, CountsWhoReportedOfThoseWhoHadBegunByThen) {
  const auto rows = Read("520502001", DivisionLevel::kTownship, "2026-01", "2026-03");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].expected, 10);
  EXPECT_EQ(rows[0].reported, 0);
  EXPECT_EQ(rows[1].expected, 10);
  EXPECT_EQ(rows[1].reported, 10);
  EXPECT_EQ(rows[2].expected, 12);
  EXPECT_EQ(rows[2].reported, 8);
}

TEST_F(CompletenessTest, InTimeIsWhoWasHeardOfByTheDueDayOfTheFollowingMonth) {
  const auto rows = Read("520502001", DivisionLevel::kTownship, "2026-03", "2026-03");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].due_on, Day("2026-04-25"));
  EXPECT_EQ(rows[0].heard, 8);
  EXPECT_EQ(rows[0].on_time, 3);  // by the 25th
  EXPECT_EQ(rows[0].delays.Quantile(0.5)->greatest, 25);
}

TEST_F(CompletenessTest, TownshipsAddUpToTheirCountyAndProvince) {
  for (const auto& [region, level] :
       {std::pair("520502", DivisionLevel::kCounty), std::pair("52", DivisionLevel::kProvince)}) {
    const auto rows = Read(region, level, "2026-03", "2026-03");
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0].division, At(region));
    EXPECT_EQ(rows[0].expected, 17);
    EXPECT_EQ(rows[0].reported, 9);
    EXPECT_EQ(rows[0].on_time, 4);
  }
  EXPECT_EQ(Read("520502", DivisionLevel::kTownship, "2026-03", "2026-03").size(), 2u);
}

TEST_F(CompletenessTest, WhoseLatestObservationIsTooOldIsNotExpectedAnyMore) {
  // Given up after 6 months: in September those that ended before March, in October before April.
  const auto rows = Read("520502001", DivisionLevel::kTownship, "2026-08", "2026-10");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].expected, 12);
  EXPECT_EQ(rows[1].expected, 11);
  EXPECT_EQ(rows[2].expected, 8);
}

TEST_F(CompletenessTest, AMonthOfWhichNotAllIsKeptExpectsNobodyKnows) {
  auto closing = std::make_shared<Rulebook>(*rulebook_);
  closing->retention.first_year = {{county::kWage, 2027}};
  rulebook_ = closing;
  const auto rows = Read("520502001", DivisionLevel::kTownship, "2026-03", "2026-03");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].expected, std::nullopt);
  EXPECT_EQ(rows[0].reported, 8);
}

TEST_F(CompletenessTest, WhoOwesOneReportInThreeMonthsIsExpectedInNoneOfThem) {
  rulebook_ = SmallRulebook(R"(
reporting:
  households: {cadence_months: 3, due_day: 25, grace_days: 5, given_up_months: 6, citation: test}
)");
  const auto rows = Read("520502001", DivisionLevel::kTownship, "2026-03", "2026-03");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].expected, std::nullopt);
  EXPECT_EQ(rows[0].reported, 8);
  EXPECT_EQ(rows[0].due_on, Day("2026-04-25"));
  EXPECT_EQ(rows[0].on_time, 3);
}

TEST_F(CompletenessTest, WithoutAPolicyNothingIsDue) {
  rulebook_ = SmallRulebook();
  const auto rows = Read("520502001", DivisionLevel::kTownship, "2026-03", "2026-03");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].due_on, std::nullopt);
  EXPECT_EQ(rows[0].on_time, std::nullopt);
  EXPECT_EQ(rows[0].expected, 12);
  EXPECT_EQ(rows[0].heard, 8);
}

TEST_F(CompletenessTest, SilenceGrowsWithTimeAlone) {
  const risk::Expectation& expected = rulebook_->policies.All()[0].reporting->households;
  const auto silent = [&](std::string_view on, std::string_view division) {
    const auto counts =
        CountSilent(county_.store(), Division(), DivisionLevel::kTownship, expected, Day(on));
    EXPECT_TRUE(counts.ok()) << counts.status();
    return counts->at(At(division)).silent;
  };
  // April's reports are due on 2026-05-25; the 30th is the last day of grace.
  EXPECT_EQ(silent("2026-05-30", "520502001"), 1);
  EXPECT_EQ(silent("2026-05-31", "520502001"), 4);
  EXPECT_EQ(silent("2026-06-30", "520502001"), 4);
  EXPECT_EQ(silent("2026-07-01", "520502001"), 12);
  EXPECT_EQ(silent("2026-05-31", "520502"), 9);
  EXPECT_EQ(silent("2026-05-31", "52"), 9);
}

TEST_F(CompletenessTest, ARegionWithoutHouseholdsHasNoRows) {
  EXPECT_THAT(Read("5203", DivisionLevel::kCounty, "2026-01", "2026-03"), IsEmpty());
}

}  // namespace
}  // namespace shouwang::reporting
