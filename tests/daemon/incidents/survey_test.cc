#include "daemon/incidents/survey.h"

#include "absl/synchronization/notification.h"
#include "daemon/incidents/watch.h"
#include "tests/daemon/flooded_county.h"
#include "tests/daemon/incidents/province.h"

namespace shouwang::incidents {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing_province::IdOf;
using testing_province::IdsOf;
using testing_province::MonthOf;

CountedMonths CountedOf(const FloodedCounty& county) {
  return CountedMonths(
      ReadOnsets(county.store(), county.rulebook().policies, county.policy(), MonthOf("2026-11"))
          .value());
}

TEST(SurveyTest, ReadsWhatTheStoreHasConcludedAndWhatWasReported) {
  const FloodedCounty county;
  const auto table =
      ReadOnsets(county.store(), county.rulebook().policies, county.policy(), MonthOf("2026-11"));
  ASSERT_TRUE(table.ok()) << std::string(table.status().message());
  EXPECT_EQ(table->first(), MonthOf("2024-01"));
  EXPECT_THAT(table->kinds(), ElementsAre(RiskKind::kIncome, RiskKind::kIllness));
  std::vector<int64_t> counts;
  const int october = table->months() - 2;
  table->FillCounts(0, october, &counts);
  // The county, a township with its two villages, a township with one, the site.
  EXPECT_THAT(counts, ElementsAre(22, 21, 20, 1, 1, 1, 8));
  EXPECT_EQ(table->exposure(1, october), 60);
  EXPECT_EQ(table->exposure(6, october), 8);
}

TEST(SurveyTest, TellsWhichKindsRulesAPolicyChanges) {
  const FloodedCounty county;
  const Catalogue& catalogue = county.rulebook().reg.catalogue;
  std::string text(county::kPolicy);
  const auto replace = [&](const std::string& from, const std::string& to) {
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
  };
  replace("202601", "202602");
  replace("2026-01-01", "2026-07-01");
  replace("value: 600", "value: 700");
  Problems problems;
  const auto changes = [&] {
    return ChangesOf(county.rulebook().policies.With("next.yaml", text, catalogue, &problems));
  };
  EXPECT_THAT(ChangesOf(county.rulebook().policies), IsEmpty());
  ASSERT_THAT(changes(), SizeIs(1));
  EXPECT_EQ(changes()[0].month, MonthOf("2026-07"));
  EXPECT_THAT(changes()[0].kinds, IsEmpty());
  replace("medical > 1000", "medical > 500");
  replace("seats < 100", "seats < 50");  // of sites
  EXPECT_THAT(changes()[0].kinds, ElementsAre(RiskKind::kIllness));
  EXPECT_THAT(problems.messages(), IsEmpty());
}

TEST(SurveyTest, FindsTheMembersOfAPlaceAndOfASite) {
  const FloodedCounty county;
  std::vector<std::string> members;
  const auto gather = [&](const Member& member) {
    members.push_back(member.subject.ToString());
    return members.size() < 3;
  };
  const Month october = MonthOf("2026-10");
  const CountedMonths counted = CountedOf(county);
  ASSERT_TRUE(ScanMembers(county.store(), counted,
                          {.id = IdOf("520502001:income:2026-10"), .last = october}, gather)
                  .ok());
  EXPECT_THAT(members, ElementsAre("520502001001/1", "520502001001/2", "520502001001/3"));
  const auto at_site = CountMembers(county.store(), counted,
                                    {.id = IdOf("520502001/S3:income:2026-10"), .last = october});
  ASSERT_TRUE(at_site.ok());
  EXPECT_EQ(at_site->members, 8);
  EXPECT_EQ(at_site->worst, Severity::kRed);
  EXPECT_THAT(at_site->by_rule, ElementsAre(Pair(101, 8)));
  const auto others = CountMembers(county.store(), counted,
                                   {.id = IdOf("520502001:illness:2026-10"), .last = october});
  EXPECT_EQ(others->members, 0);
}

TEST(SurveyTest, MembersAreOfWhatWasCounted) {
  const FloodedCounty county;
  const MemberQuery query{.id = IdOf("520502:income:2026-10"), .last = MonthOf("2026-10")};
  EXPECT_EQ(CountMembers(county.store(), CountedOf(county), query)->members, 22);
  // As if the second township had begun to report in June, and that were too short a time.
  testing_province::Province settled(MonthOf("2026-11"));
  settled.Settle("520502001001", 40);
  settled.Settle("520502001002", 20);
  settled.Settle("520502002001", 40);
  settled.StartsReporting("520502002", MonthOf("2026-06"));
  const CountedMonths counted(settled.Table(/*settle_months=*/12));
  EXPECT_EQ(CountMembers(county.store(), counted, query)->members, 21);
}

TEST(SurveyTest, ReadsFromWhereAPageBeginsAndAsksEachHouseholdWhetherToStop) {
  const FloodedCounty county;
  const CountedMonths counted = CountedOf(county);
  int asked = 0;
  MemberQuery query{.id = IdOf("520502:income:2026-10"),
                    .last = MonthOf("2026-10"),
                    .from = county::Of("520502001002/1"),
                    .stopped = [&] { return ++asked > 60; }};
  // One of 20 households of that village, and one of 40 of the one after it.
  EXPECT_EQ(CountMembers(county.store(), counted, query)->members, 2);
  EXPECT_EQ(asked, 60);
  // None of the first village has an illness; stopped all the same.
  asked = 0;
  query.id.kind = RiskKind::kIllness;
  query.from = Subject();
  EXPECT_EQ(CountMembers(county.store(), counted, query).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(asked, 61);
}

TEST(SurveyTest, WaitsForAReevaluation) {
  FloodedCounty county;
  county.JudgeByAnotherPolicy("520502002001/7");
  EXPECT_TRUE(
      ReadOnsets(county.store(), county.rulebook().policies, county.policy(), MonthOf("2026-11"))
          .ok());
  county.JudgeByAnotherPolicy("520502002001/8");
  const absl::Status status =
      ReadOnsets(county.store(), county.rulebook().policies, county.policy(), MonthOf("2026-11"))
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(),
            "2 of 100 households are not judged by the policies in force yet; incidents are looked "
            "for when all but one in 100 are");
}

TEST(SurveyTest, StopsWhereTheDaemonDoes) {
  const FloodedCounty county;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(ReadOnsets(county.store(), county.rulebook().policies, county.policy(),
                       MonthOf("2026-11"), stop.get_token())
                .status()
                .code(),
            absl::StatusCode::kCancelled);
}

TEST(IncidentWatchTest, TellsWhatItFoundLastAndItsMembers) {
  FloodedCounty county;
  IncidentWatch watch(&county.store(), &county.current(), [] { return FloodedCounty::Now(); });
  EXPECT_EQ(watch.Latest(), nullptr);
  ASSERT_TRUE(watch.Refresh().ok());
  const std::shared_ptr<const Look> look = watch.Latest();
  EXPECT_TRUE(look->looked_for);
  EXPECT_EQ(look->looked_at, FloodedCounty::Now());
  ASSERT_THAT(IdsOf(look->findings), ElementsAre("520502001001:income:2026-10"));
  EXPECT_EQ(look->open.at(IdOf("520502001001:income:2026-10")).members, 20);
}

TEST(IncidentWatchTest, LooksByItselfAndTellsOfALookThatFailed) {
  FloodedCounty county;
  IncidentWatch watch(&county.store(), &county.current(), [] { return FloodedCounty::Now(); });
  ASSERT_TRUE(watch.Refresh().ok());
  const std::shared_ptr<const Look> before = watch.Latest();
  for (int number = 1; number <= 3; ++number) {
    county.JudgeByAnotherPolicy("520502002001/" + std::to_string(number));
  }
  absl::Notification failed;
  std::string why;
  watch.Start(std::chrono::milliseconds(1), [&](const absl::Status& status) {
    if (failed.HasBeenNotified()) return;
    why = std::string(status.message());
    failed.Notify();
  });
  failed.WaitForNotification();
  EXPECT_THAT(why, testing::HasSubstr("3 of 100 households are not judged"));
  EXPECT_EQ(watch.Latest(), before);
  watch.Stop();
}

TEST(IncidentWatchTest, AStopEndsALookThatIsUnderWay) {
  FloodedCounty county;
  absl::Notification looking;
  IncidentWatch watch(&county.store(), &county.current(), [&] {
    if (!looking.HasBeenNotified()) looking.Notify();
    return FloodedCounty::Now();
  });
  watch.Start(std::chrono::milliseconds(1), [](const absl::Status&) {});
  looking.WaitForNotification();
  watch.Stop();
  const std::shared_ptr<const Look> look = watch.Latest();
  EXPECT_TRUE(look == nullptr || look->looked_for);
}

TEST(IncidentWatchTest, WithoutAPolicyNothingIsLookedFor) {
  FloodedCounty county(/*with_policy=*/false);
  IncidentWatch watch(&county.store(), &county.current(), [] { return FloodedCounty::Now(); });
  ASSERT_TRUE(watch.Refresh().ok());
  EXPECT_FALSE(watch.Latest()->looked_for);
  EXPECT_THAT(watch.Latest()->findings.incidents, IsEmpty());
}

}  // namespace
}  // namespace shouwang::incidents
