#include "daemon/incidents/detection.h"

#include <algorithm>

#include "tests/daemon/incidents/province.h"

namespace shouwang::incidents {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing_province::At;
using testing_province::IdOf;
using testing_province::IdsOf;
using testing_province::MonthOf;
using testing_province::Province;
using testing_province::TestPolicy;

const Month kLast = MonthOf("2026-10");

// Two counties of three townships of five villages of 40 households, of whom one in a hundred is
// newly warned in a month.
Province QuietProvince(uint64_t seed = 7) {
  Province province(kLast);
  province.SettleCounties(2, 3, 5, 40);
  province.WarnByChance(seed, 0.01);
  return province;
}

TEST(DetectionTest, AFloodedVillageIsOneIncident) {
  Province province = QuietProvince();
  province.Warn("520501002003", MonthOf("2026-07"), 25, 5);
  const Findings findings = province.Find();
  ASSERT_THAT(IdsOf(findings), ElementsAre("520501002003:disaster:2026-07"));
  const Incident& incident = findings.incidents[0];
  EXPECT_EQ(incident.last, MonthOf("2026-07"));
  EXPECT_TRUE(incident.open);
  EXPECT_GE(incident.observed, 25);
  EXPECT_GT(incident.expected, 0.1);
  EXPECT_LT(incident.expected, 1.5);
  EXPECT_LT(incident.q_value, 1e-6);
  EXPECT_GE(incident.q_value, incident.p_value);
}

TEST(DetectionTest, ATownshipThatIsFloodedAsAWholeIsOneIncidentToo) {
  Province province = QuietProvince();
  for (int village = 1; village <= 5; ++village) {
    province.Warn(Province::Code(1, 2, village), MonthOf("2026-07"), 20, 5);
  }
  EXPECT_THAT(IdsOf(province.Find()), ElementsAre("520501002:disaster:2026-07"));
}

TEST(DetectionTest, SoIsACounty) {
  Province province(kLast);
  province.SettleCounties(4, 3, 5, 40);
  province.WarnByChance(3, 0.01);
  for (int township = 1; township <= 3; ++township) {
    for (int village = 1; village <= 5; ++village) {
      province.Warn(Province::Code(2, township, village), MonthOf("2026-07"), 15, 5);
    }
  }
  EXPECT_THAT(IdsOf(province.Find()), ElementsAre("520502:disaster:2026-07"));
}

TEST(DetectionTest, OfATownshipAloneInTheStoreTheFloodIsTold) {
  Province province(kLast);
  for (int village = 1; village <= 4; ++village) province.Settle(Province::Code(1, 1, village), 25);
  province.WarnByChance(5, 0.01);
  for (int village = 1; village <= 4; ++village) {
    province.Warn(Province::Code(1, 1, village), MonthOf("2026-07"), 25);
  }
  const Findings findings = province.Find();
  ASSERT_THAT(IdsOf(findings), ElementsAre("520501001:disaster:2026-07"));
  EXPECT_GE(findings.incidents[0].observed, 100);
}

TEST(DetectionTest, ALayoffAtASiteIsTheSites) {
  Province province(kLast, {RiskKind::kEmployment});
  province.SettleCounties(2, 3, 5, 40);
  province.WarnByChance(4, 0.01, RiskKind::kEmployment, [](const Division&, Month) { return 1.0; });
  province.Move("520501002001", 1, 35, "520501002/S1");
  province.Warn("520501002001", MonthOf("2026-08"), 20, 3, RiskKind::kEmployment);
  EXPECT_THAT(IdsOf(province.Find()), ElementsAre("520501002/S1:employment:2026-08"));
}

TEST(DetectionTest, GoesOnWhileTheExcessDoesAndIsOpenUntilTheHoldHasPassed) {
  Province province = QuietProvince();
  province.Warn("520501002003", MonthOf("2026-07"), 12, 5);
  province.Warn("520501002003", MonthOf("2026-09"), 12, 20);
  const Findings findings = province.Find();
  ASSERT_THAT(IdsOf(findings), ElementsAre("520501002003:disaster:2026-07"));
  EXPECT_EQ(findings.incidents[0].last, MonthOf("2026-09"));
  EXPECT_TRUE(findings.incidents[0].open);
  EXPECT_GE(findings.incidents[0].observed, 24);
}

// From June 2025 on ten households a month, where it was one in two and a half months.
TEST(DetectionTest, AnExcessThatHasComeToStayIsLearntAndOver) {
  Province province = QuietProvince();
  for (Month month = MonthOf("2025-06"); month <= kLast; month = month + 1) {
    province.Warn("520501002003", month, 10, 1 + month.index() % 4 * 10);
  }
  const Findings findings = province.Find();
  ASSERT_THAT(IdsOf(findings), ElementsAre("520501002003:disaster:2025-06"));
  EXPECT_GE(findings.incidents[0].last, MonthOf("2025-09"));
  EXPECT_LE(findings.incidents[0].last, MonthOf("2026-05"));
  EXPECT_FALSE(findings.incidents[0].open);
}

TEST(DetectionTest, SoIsOneOfTheWholeStore) {
  Province province(kLast);
  province.SettleCounties(2, 3, 5, 40);
  province.WarnByChance(7, 0.01, RiskKind::kDisaster, [](const Division&, Month month) {
    return month < MonthOf("2025-06") ? 1.0 : 6.0;
  });
  const Findings findings = province.Find();
  ASSERT_THAT(IdsOf(findings), ElementsAre("5205:disaster:2025-06"));
  EXPECT_LE(findings.incidents[0].last, MonthOf("2026-06"));
  EXPECT_FALSE(findings.incidents[0].open);
}

// July and a hold of three months: August and September have passed, October has begun.
TEST(DetectionTest, IsOpenAsLongAsItCanGoOn) {
  Province july = QuietProvince();
  july.Warn("520501002003", MonthOf("2026-07"), 12, 5);
  EXPECT_TRUE(july.Find().incidents.at(0).open);
  july.Warn("520501002003", MonthOf("2026-10"), 12, 20);
  const Findings findings = july.Find();
  ASSERT_THAT(IdsOf(findings), ElementsAre("520501002003:disaster:2026-07"));
  EXPECT_EQ(findings.incidents[0].last, MonthOf("2026-10"));
  Province june = QuietProvince();
  june.Warn("520501002003", MonthOf("2026-06"), 12, 5);
  EXPECT_FALSE(june.Find().incidents.at(0).open);
  june.Warn("520501002003", MonthOf("2026-10"), 12, 20);
  EXPECT_THAT(june.Find().incidents, SizeIs(2));
}

TEST(DetectionTest, AnExcessAfterTheHoldIsAnotherIncident) {
  Province province = QuietProvince();
  province.Warn("520501002003", MonthOf("2026-01"), 12, 5);
  province.Warn("520501002003", MonthOf("2026-07"), 12, 20);
  EXPECT_THAT(IdsOf(province.Find()),
              ElementsAre("520501002003:disaster:2026-01", "520501002003:disaster:2026-07"));
}

TEST(DetectionTest, AVillagesIncidentGoesOnAsThatOfATownshipThatTakesOver) {
  Province province = QuietProvince();
  province.Warn("520501002003", MonthOf("2026-07"), 15, 5);
  for (int village = 1; village <= 5; ++village) {
    province.Warn(Province::Code(1, 2, village), MonthOf("2026-08"), 15, 20);
  }
  const Findings findings = province.Find();
  ASSERT_THAT(IdsOf(findings),
              ElementsAre("520501002003:disaster:2026-07", "520501002:disaster:2026-08"));
  EXPECT_EQ(findings.incidents[0].part_of, "520501002:disaster:2026-08");
  EXPECT_FALSE(findings.incidents[0].open);
  EXPECT_TRUE(findings.incidents[1].open);
  EXPECT_EQ(findings.incidents[1].part_of, "");
}

// Chance may make some, within the bound: of 240 months 12 at a rate of 0.05.
TEST(DetectionTest, ASeasonThatEverybodySharesIsNone) {
  size_t told = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Province province(kLast);
    province.SettleCounties(2, 3, 5, 40);
    province.WarnByChance(seed, 0.01, RiskKind::kDisaster, [](const Division&, Month month) {
      return month.month_of_year() == 2 ? 8.0 : month.month_of_year() == 9 ? 4.0 : 0.5;
    });
    for (const Incident& incident : province.Find().incidents) {
      ++told;
      EXPECT_NE(incident.id.first.month_of_year(), 2) << incident.id.ToString();
      EXPECT_NE(incident.id.first.month_of_year(), 9) << incident.id.ToString();
    }
  }
  EXPECT_LE(told, 2);
}

TEST(DetectionTest, AVillageThatAlwaysHasMoreIsNone) {
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    Province province(kLast);
    province.SettleCounties(2, 3, 5, 40);
    const Division often = At("520501002003");
    province.WarnByChance(seed, 0.01, RiskKind::kDisaster, [&](const Division& village, Month) {
      return village == often ? 8.0 : 1.0;
    });
    EXPECT_THAT(IdsOf(province.Find()), IsEmpty()) << seed;
  }
}

TEST(DetectionTest, AMonthThatWasMissedIsNoIncidentInTheNext) {
  Province province = QuietProvince();
  // Nobody reported for four months; what began then comes to light at once.
  for (int back = 2; back <= 5; ++back) province.Reported("520501002", kLast - back, 0);
  for (int village = 1; village <= 5; ++village) {
    province.Warn(Province::Code(1, 2, village), kLast - 1, 2, 10);
  }
  EXPECT_THAT(IdsOf(province.Find()), IsEmpty());
}

TEST(DetectionTest, AMonthThatIsIncompleteHidesNone) {
  Province province = QuietProvince();
  province.SilentAfter("520501002003", kLast);
  for (const int other : {1, 2, 4, 5}) province.SilentAfter(Province::Code(1, 2, other), kLast - 1);
  province.Reported("520501002", kLast, 40);
  province.Warn("520501002003", kLast, 12, 5);
  EXPECT_THAT(IdsOf(province.Find()), ElementsAre("520501002003:disaster:2026-10"));
}

TEST(DetectionTest, WhatAPlaceBeginsWithIsNone) {
  Province province = QuietProvince();
  province.StartsReporting("520501002", MonthOf("2025-06"));
  for (int village = 1; village <= 5; ++village) {
    province.Warn(Province::Code(1, 2, village), MonthOf("2025-06"), 15, 20);
    province.Warn(Province::Code(1, 2, village), MonthOf("2026-02"), 15, 2);
  }
  risk::IncidentPolicy policy = TestPolicy();
  policy.settle_months = 12;
  const Findings findings = province.Find(policy);
  EXPECT_THAT(IdsOf(findings), IsEmpty());
  // The prefecture, counties, townships and villages but for that one and its own.
  EXPECT_EQ(findings.judged, 1 + 2 + 5 + 25);
  EXPECT_EQ(findings.unjudged, 1 + 5);
}

TEST(DetectionTest, AsMuchInAMonthBeforeTheOnesKeptIsNotTold) {
  Province province = QuietProvince();
  province.Warn("520501002003", kLast - 24, 25, 5);
  EXPECT_THAT(IdsOf(province.Find()), IsEmpty());
}

TEST(DetectionTest, WhatBeganBeforeThemAndWentOnKeepsItsId) {
  Province province = QuietProvince();
  province.Warn("520501002003", kLast - 24, 25, 5);
  province.Warn("520501002003", kLast - 23, 25, 5);
  const Findings findings = province.Find();
  ASSERT_THAT(IdsOf(findings), ElementsAre("520501002003:disaster:2024-10"));
  EXPECT_GE(findings.incidents[0].observed, 50);
  risk::IncidentPolicy policy = TestPolicy();
  policy.kept_months = 1;
  province.Warn("520501002003", kLast - 1, 12, 5);
  province.Warn("520501002003", kLast, 12, 20);
  EXPECT_THAT(IdsOf(province.Find(policy)), ElementsAre("520501002003:disaster:2026-09"));
}

TEST(DetectionTest, FewerMembersThanThePolicyAsksForAreNone) {
  Province province(kLast);
  province.SettleCounties(2, 3, 5, 40);
  province.WarnByChance(7, 0.0005);
  province.Warn("520501002003", MonthOf("2026-07"), 9, 5);
  risk::IncidentPolicy policy = TestPolicy();
  EXPECT_THAT(province.Find(policy).incidents, SizeIs(1));
  policy.min_members = 10;
  EXPECT_THAT(province.Find(policy).incidents, IsEmpty());
}

TEST(DetectionTest, TheOrderOfHouseholdsDoesNotMatter) {
  Province province = QuietProvince();
  province.Warn("520501002003", MonthOf("2026-07"), 12, 5);
  const risk::IncidentPolicy policy = TestPolicy();
  const Findings forwards = FindIncidents(province.Table(0, false), policy, {});
  const Findings backwards = FindIncidents(province.Table(0, true), policy, {});
  ASSERT_THAT(forwards.incidents, SizeIs(1));
  EXPECT_EQ(forwards.incidents, backwards.incidents);
}

TEST(DetectionTest, AQuietPlaceMoreChangesNothingMaterial) {
  Province province = QuietProvince();
  province.Warn("520501002003", MonthOf("2026-07"), 12, 5);
  const Findings before = province.Find();
  province.Settle(Province::Code(2, 4, 1), 40);
  const Findings after = province.Find();
  ASSERT_EQ(IdsOf(before), IdsOf(after));
  EXPECT_EQ(before.incidents[0].observed, after.incidents[0].observed);
  EXPECT_NEAR(before.incidents[0].expected, after.incidents[0].expected, 0.1);
}

TEST(DetectionTest, WhatComesLaterChangesNothingOfAMonthBefore) {
  Province province = QuietProvince();
  province.Warn("520501002003", MonthOf("2026-05"), 12, 5);
  const Incident before = province.Find().incidents.at(0);
  for (int village = 1; village <= 5; ++village) {
    province.Warn(Province::Code(2, 2, village), MonthOf("2026-06"), 20, 5);
  }
  const Findings after = province.Find();
  ASSERT_THAT(IdsOf(after),
              ElementsAre("520501002003:disaster:2026-05", "520502002:disaster:2026-06"));
  EXPECT_EQ(after.incidents[0].p_value, before.p_value);
  EXPECT_EQ(after.incidents[0].expected, before.expected);
}

TEST(DetectionTest, TellsThePastAndTheNeighbours) {
  Province province(kLast);
  province.SettleCounties(1, 2, 2, 40);
  province.WarnByChance(9, 0.01);
  province.Warn("520501002002", MonthOf("2026-07"), 20, 5);
  province.Warn("520501002001", MonthOf("2026-06"), 1, 39);
  const Incident incident = province.Find().incidents.at(0);
  EXPECT_EQ(incident.months.front().month, MonthOf("2024-07"));
  EXPECT_EQ(incident.months.back().month, kLast);
  const auto july = std::ranges::find(incident.months, MonthOf("2026-07"), &IncidentMonth::month);
  EXPECT_TRUE(july->excess);
  EXPECT_EQ(july->exposure, 40);
  EXPECT_EQ(july->neighbours_exposure, 40);
  EXPECT_GE(july->observed, 20);
  EXPECT_EQ(july->expected, incident.expected);
  EXPECT_GE((july - 1)->neighbours_observed, 1);
  EXPECT_FALSE((july - 1)->excess);
}

TEST(DetectionTest, WhatAPolicyBringsInIsNotTheProvinces) {
  Province province(kLast);
  province.SettleCounties(1, 2, 4, 40);
  province.WarnByChance(2, 0.01);
  for (int township = 1; township <= 2; ++township) {
    for (int village = 1; village <= 4; ++village) {
      province.Warn(Province::Code(1, township, village), MonthOf("2026-01"), 20, 5);
    }
  }
  const OnsetTable table = province.Table();
  EXPECT_THAT(FindIncidents(table, TestPolicy(), {}).incidents, SizeIs(1));
  const std::vector<PolicyChange> changes = {{MonthOf("2026-01"), {}}};
  EXPECT_THAT(FindIncidents(table, TestPolicy(), changes).incidents, IsEmpty());
}

// Nobody was warned of the kind before a policy brought its first rule.
TEST(DetectionTest, NorIsWhatItsNewRulesWarnOfFromThenOn) {
  Province province(kLast);
  province.SettleCounties(2, 3, 5, 40);
  province.WarnByChance(7, 0.02, RiskKind::kDisaster, [](const Division&, Month month) {
    return month < MonthOf("2026-01") ? 0.0 : month == MonthOf("2026-01") ? 5.0 : 1.0;
  });
  const OnsetTable table = province.Table();
  const std::vector<PolicyChange> changes = {{MonthOf("2026-01"), {RiskKind::kDisaster}}};
  const Findings findings = FindIncidents(table, TestPolicy(), changes);
  EXPECT_THAT(IdsOf(findings), IsEmpty());
  // All but the top, which has but ten months of past since then.
  EXPECT_EQ(findings.judged, 2 + 6 + 30);
  EXPECT_EQ(findings.unjudged, 1);
}

TEST(DetectionTest, OfKindsWhoseRulesStayTheTopKeepsItsPast) {
  Province province = QuietProvince();
  for (int county = 1; county <= 2; ++county) {
    for (int township = 1; township <= 3; ++township) {
      for (int village = 1; village <= 5; ++village) {
        province.Warn(Province::Code(county, township, village), MonthOf("2026-07"), 10, 5);
      }
    }
  }
  const OnsetTable table = province.Table();
  std::vector<PolicyChange> changes = {{MonthOf("2026-01"), {RiskKind::kIllness}}};
  EXPECT_THAT(IdsOf(FindIncidents(table, TestPolicy(), changes)),
              ElementsAre("5205:disaster:2026-07"));
  changes[0].kinds = {RiskKind::kDisaster};
  EXPECT_THAT(IdsOf(FindIncidents(table, TestPolicy(), changes)),
              Not(Contains("5205:disaster:2026-07")));
  changes[0].month = MonthOf("2025-06");
  EXPECT_THAT(IdsOf(FindIncidents(table, TestPolicy(), changes)),
              ElementsAre("5205:disaster:2026-07"));
}

}  // namespace
}  // namespace shouwang::incidents
