// Many subjects side by side are judged as each of them alone.
#include "daemon/risk/abreast.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "daemon/risk/program.h"
#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;

constexpr int64_t kNone = History::kAbsent;

History HistoryOf(const std::string& subject) { return History(*Subject::Parse(subject)); }

TEST(AbreastTest, ARowForEachDateThatAnyHasAndALaneForEachSubject) {
  History first = HistoryOf("520502001001/1");
  first.Put(1, Day("2025-01-31"), 11, {});
  first.Put(1, Day("2025-03-31"), 13, {});
  History second = HistoryOf("520502001001/2");
  second.Put(1, Day("2025-02-28"), 22, {});
  second.Put(2, Day("2025-03-31"), 5, {});
  const std::vector<const History*> histories = {&first, &second};
  const std::vector<IndicatorId> indicators = {2, 1, 3};
  Abreast abreast;
  abreast.Open(histories, indicators, Day("2025-01-01"), Day("2025-12-31"));
  ASSERT_THAT(abreast.dates(),
              ElementsAre(Day("2025-01-31"), Day("2025-02-28"), Day("2025-03-31")));
  EXPECT_EQ(abreast.count(), 2U);
  ASSERT_EQ(abreast.stride(), 8U);
  const int64_t* cells = abreast.Column(1, 0);
  EXPECT_THAT(std::vector<int64_t>({cells[0], cells[8], cells[16]}), ElementsAre(11, kNone, 13));
  EXPECT_THAT(std::vector<int64_t>({cells[1], cells[9], cells[17]}), ElementsAre(kNone, 22, kNone));
  cells = abreast.Column(0, 0);
  EXPECT_THAT(std::vector<int64_t>({cells[1], cells[9], cells[17]}), ElementsAre(kNone, kNone, 5));
  EXPECT_TRUE(abreast.Has(0));
  EXPECT_FALSE(abreast.Has(2));
}

TEST(AbreastTest, LeavesOutWhatLiesOutsideTheDatesAskedFor) {
  History history = HistoryOf("520502001001/1");
  for (const char* day : {"2025-01-31", "2025-02-28", "2025-03-31"}) {
    history.Put(1, Day(day), 7, {});
  }
  const std::vector<const History*> histories = {&history};
  const std::vector<IndicatorId> indicators = {1};
  Abreast abreast;
  abreast.Open(histories, indicators, Day("2025-01-31"), Day("2025-02-28"));
  EXPECT_THAT(abreast.dates(), ElementsAre(Day("2025-02-28")));
}

TEST(AbreastTest, EarlierRowsAreReadWhenTheyAreAskedFor) {
  std::vector<History> all;
  std::vector<const History*> histories;
  for (int i = 0; i < 8; ++i) {
    History& history = all.emplace_back(HistoryOf(fmt::format("520502001001/{}", i + 1)));
    for (int month = 1; month <= 6; ++month) {
      history.Put(1, Date::LastOf(*Month::Parse(fmt::format("2025-0{}", month))), 100 * month + i,
                  {});
    }
  }
  for (const History& history : all) histories.push_back(&history);
  const std::vector<IndicatorId> indicators = {1};
  Abreast abreast;
  abreast.Open(histories, indicators, Date::Min(), Day("2025-12-31"));
  EXPECT_EQ(abreast.Column(0, 5)[5 * 8 + 3], 603);
  const int64_t* cells = abreast.Column(0, 1);
  EXPECT_EQ(cells[1 * 8 + 7], 207);
  EXPECT_EQ(cells[5 * 8 + 3], 603);
}

// A policy in which every kind of feature stands, and rules over all of them.
class SideBySideTest : public RiskFixture {
 protected:
  void SetUp() override {
    const std::vector<std::string> features = {
        "name: f1, kind: last, of: income, per: size, unit: yuan",
        "name: f2, kind: last, of: [income, cost], minus: ratio, window_months: 3, at_least: 2",
        "name: f3, kind: sum, of: income, minus: cost, per: size, at_least: 3",
        "name: f4, kind: sum, of: [income, ratio], minus: cost, missing_is_zero: true",
        "name: f5, kind: mean, of: cost, window_months: 6, at_least: 2",
        "name: f6, kind: min, of: income, window_months: 4",
        "name: f7, kind: max, of: income, minus: cost, window_months: 4, per: size",
        "name: f8, kind: change, of: income, window_months: 3, at_least: 2",
        "name: f9, kind: change, of: income, window_months: 2, compare_months: 4",
        "name: f10, kind: slope, of: income, window_months: 6, at_least: 2",
        "name: f11, kind: months_since, of: employed, window_months: 9, above: 1",
        "name: f12, kind: longest_zero_run, of: employed, window_months: 12",
        "name: f13, kind: share, of: cost, total: [income, cost], window_months: 5",
        "name: f14, kind: count, of: income, window_months: 5, at_least: 0",
        "name: f15, kind: count, of: [income, cost], window_months: 7, at_least: 2",
        "name: f16, kind: log_mean, of: income, window_months: 8, half_life_months: 3",
        "name: f17, kind: log_spread, of: income, window_months: 8, floor: 5",
        "name: f18, kind: last, of: safe, window_months: 2"};
    std::string first = kHead + "features:\n";
    std::string rules = "rules:\n";
    for (size_t i = 0; i < features.size(); ++i) {
      first += "  - {" + kTitles + ", " + features[i] + "}\n";
      const double limit = i == 12 ? 0.5 : i == 7 || i == 8 ? 0.1 : i >= 10 ? 3 : 40;
      rules += fmt::format(
          "  - {{id: {}, name: rule_{}, {}, when: f{} < {}, clear_when: f{} > {}, hold_months: "
          "{}}}\n",
          101 + i, i, kRuleRest, i + 1, limit, i + 1, limit * 1.1, i % 4);
    }
    files_.Write("a.yaml", first + rules);
    // From 2025-03 on one rule is gone.
    std::string later = first + rules.substr(0, rules.find("  - {id: 104")) +
                        rules.substr(rules.find("  - {id: 105"));
    later.replace(later.find("version: 1"), 10, "version: 2");
    later.replace(later.find("2020-01-01"), 10, "2025-03-01");
    files_.Write("b.yaml", later);
    Load();
  }

  // Households of which most report at the end of each month, some on another day, some not at
  // all, some without an indicator.
  std::vector<History> Village(std::mt19937_64* random, int households) {
    const auto one_in = [&](uint64_t n) { return (*random)() % n == 0; };
    std::vector<History> village;
    for (int i = 0; i < households; ++i) {
      History& history = village.emplace_back(HistoryOf(fmt::format("520502001001/{}", i + 1)));
      const bool has_size = !one_in(9);
      const bool has_ratio = !one_in(3);
      for (int m = 0; m < 20; ++m) {
        if (one_in(12)) continue;
        const Month month = *Month::Parse("2024-01") + m;
        const Date day = one_in(15) ? Date::FirstOf(month) + 9 : Date::LastOf(month);
        const auto put = [&](const char* name, int64_t low, int64_t high) {
          if (one_in(10)) return;
          const auto span = static_cast<uint64_t>(high - low);
          history.Put(catalogue_.Find(name)->id, day,
                      low + static_cast<int64_t>((*random)() % span), {});
        };
        put("income", 0, 10'000);
        put("cost", -500, 4'000);
        if (has_size) put("size", 0, 7);
        put("employed", 0, 3);
        put("safe", 0, 2);
        if (has_ratio) put("ratio", 0, 90'000);
      }
    }
    return village;
  }
};

TEST_F(SideBySideTest, EveryFeatureIsBitByBitThatOfTheSubjectAlone) {
  std::mt19937_64 random(20261129);
  size_t known = 0;
  for (const int households : {1, 7, 8, 13, 64}) {
    const std::vector<History> village = Village(&random, households);
    std::vector<const History*> histories;
    for (const History& history : village) histories.push_back(&history);
    Program together(policies_.All()[0], catalogue_, SubjectKind::kHousehold);
    Program alone(policies_.All()[0], catalogue_, SubjectKind::kHousehold);
    together.OpenAbreast(histories, Day("2024-11-30"), Day("2025-08-31"));
    for (const char* day : {"2024-11-30", "2025-02-10", "2025-02-28", "2025-08-31"}) {
      together.TakeAbreast(Day(day));
      for (size_t lane = 0; lane < village.size(); ++lane) {
        alone.Open(village[lane], Day(day), Day(day));
        alone.Take(Day(day), 0);
        for (size_t f = 0; f < alone.features().size(); ++f) {
          const double expected = alone.Value(alone.features()[f].value, 0);
          const double found = together.Value(together.features()[f].value, lane);
          known += std::isnan(expected) ? 0 : 1;
          ASSERT_TRUE(std::bit_cast<uint64_t>(found) == std::bit_cast<uint64_t>(expected) ||
                      (std::isnan(found) && std::isnan(expected)))
              << alone.features()[f].feature->name << " of household " << lane + 1 << " on " << day
              << ": " << found << " instead of " << expected;
        }
      }
    }
  }
  EXPECT_GT(known, 4'000U);
}

TEST_F(SideBySideTest, WhatIsTakenOfAVariedPointIsWhatATakeOfTheChangedHistoryGives) {
  std::mt19937_64 random(20261204);
  const Date date = Day("2025-08-31");
  size_t changed = 0;
  Program varied(policies_.All()[0], catalogue_, SubjectKind::kHousehold);
  Program anew(policies_.All()[0], catalogue_, SubjectKind::kHousehold);
  std::vector<size_t> all(varied.features().size());
  std::iota(all.begin(), all.end(), size_t{0});
  const auto expect_as_of = [&](const History& history, size_t lane) {
    anew.Open(history, date, date);
    anew.Take(date, 0);
    for (const CompiledFeature& feature : anew.features()) {
      const double expected = anew.Value(feature.value, 0);
      const double found = varied.Value(feature.value, lane);
      changed += std::isnan(expected) ? 0 : 1;
      ASSERT_TRUE(std::bit_cast<uint64_t>(found) == std::bit_cast<uint64_t>(expected) ||
                  (std::isnan(found) && std::isnan(expected)))
          << feature.feature->name << ": " << found << " instead of " << expected;
    }
  };
  for (const History& history : Village(&random, 40)) {
    varied.Open(history, date, date);
    varied.Take(date, 0);
    varied.SpreadFirstLane(4);
    for (int change = 0; change < 20; ++change) {
      const auto indicators = history.indicators();
      const IndicatorId indicator = indicators[random() % indicators.size()];
      const std::vector<Point> points = history.Of(indicator, {Date::Min(), date});
      const Point& point = points[random() % points.size()];
      varied.Vary(indicator, point.date, all);
      for (const size_t lane : {3, 1}) {
        const auto value = static_cast<int64_t>(random() % 9'000);
        varied.TakeVaried(value, lane);
        History other = history;
        other.Put(indicator, point.date, value, {});
        expect_as_of(other, lane);
      }
      for (size_t lane = 0; lane < 4; ++lane) varied.TakeVaried(point.value, lane);
      for (size_t lane = 0; lane < 4; ++lane) expect_as_of(history, lane);
    }
  }
  EXPECT_GT(changed, 30'000U);
}

TEST_F(SideBySideTest, APolicySetReadsWhatItsProgramsRead) {
  std::set<IndicatorId> read;
  for (const Policy& policy : policies_.All()) {
    for (const SubjectKind kind : {SubjectKind::kHousehold, SubjectKind::kSite}) {
      const Program program(policy, catalogue_, kind);
      read.insert(program.indicators().begin(), program.indicators().end());
    }
  }
  EXPECT_EQ(policies_.IndicatorsRead(), std::vector<IndicatorId>(read.begin(), read.end()));
}

TEST_F(SideBySideTest, AReplayOfManyIsThatOfEach) {
  std::mt19937_64 random(20261130);
  size_t episodes = 0;
  std::vector<SubjectRisk> judged;  // from the second village on with what was judged before
  for (const int households : {150, 5, 8, 40}) {
    const std::vector<History> village = Village(&random, households);
    judged.resize(std::max(judged.size(), village.size()));
    std::vector<Passage> passages;
    for (size_t i = 0; i < village.size(); ++i) {
      passages.push_back({nullptr, &village[i], &judged[i]});
    }
    Evaluator together(policies_, catalogue_);
    together.Judge(passages);
    Evaluator alone(policies_, catalogue_);
    for (size_t i = 0; i < village.size(); ++i) {
      ASSERT_EQ(judged[i], alone.Replay(village[i])) << "household " << i + 1;
      episodes += judged[i].episodes.size();
    }
  }
  EXPECT_GT(episodes, 1'000U);
}

TEST_F(SideBySideTest, GoingOnMonthByMonthIsAReplay) {
  std::mt19937_64 random(20261201);
  const std::vector<History> village = Village(&random, 100);
  std::vector<SubjectRisk> standing(village.size());
  std::vector<SubjectRisk> judged(village.size());  // holds what stood two months before
  Evaluator together(policies_, catalogue_);
  for (int m = 0; m < 20; ++m) {
    const Date through = Date::LastOf(*Month::Parse("2024-01") + m);
    std::vector<History> until(village.size());
    std::vector<Passage> passages;
    for (size_t i = 0; i < village.size(); ++i) {
      until[i] = History(village[i].subject());
      for (const IndicatorId indicator : village[i].indicators()) {
        for (const Point& point : village[i].Of(indicator, {Date::Min(), through})) {
          until[i].Put(indicator, point.date, point.value, {});
        }
      }
      passages.push_back({&standing[i], &until[i], &judged[i]});
    }
    together.Judge(passages);
    standing.swap(judged);
  }
  Evaluator alone(policies_, catalogue_);
  for (size_t i = 0; i < village.size(); ++i) {
    ASSERT_EQ(standing[i], alone.Replay(village[i])) << "household " << i + 1;
  }
}

// The village as its group's window, with lanes in another order, and what was already known.
GroupWindow WindowOf(const std::vector<History>& village, Date through) {
  GroupWindow window(SubjectGroup::Of(village[0].subject()));
  for (auto history = village.rbegin(); history != village.rend(); ++history) {
    History until(history->subject());
    for (const IndicatorId indicator : history->indicators()) {
      for (const Point& point : history->Of(indicator, {Date::Min(), through})) {
        until.Put(indicator, point.date, point.value, {});
      }
    }
    EXPECT_TRUE(window.Add(until));
  }
  return window;
}

TEST_F(SideBySideTest, LanesOfAWindowAreJudgedAsTheirHistories) {
  std::mt19937_64 random(20261202);
  for (const int households : {1, 8, 64, 65, 150}) {
    const std::vector<History> village = Village(&random, households);
    std::vector<SubjectRisk> standing(village.size());
    std::vector<SubjectRisk> judged(village.size());
    Evaluator together(policies_, catalogue_);
    // Some are judged in every month, some in every third; what was judged stays what it is.
    for (int m = 0; m < 20; ++m) {
      const GroupWindow window = WindowOf(village, Date::LastOf(*Month::Parse("2024-01") + m));
      std::vector<LanePassage> passages;
      for (size_t i = 0; i < village.size(); ++i) {
        if (m < 19 && (i % 3 == 1 || (i % 3 == 2 && m % 3 != 0))) continue;
        const Subject& subject = village[i].subject();
        passages.push_back({&standing[i], *window.LaneOf(static_cast<uint8_t>(subject.number)),
                            subject, &judged[i]});
      }
      std::ranges::sort(passages, {}, &LanePassage::lane);
      together.Judge(window, passages);
      for (const LanePassage& passage : passages) {
        standing[static_cast<size_t>(passage.judged - judged.data())] = *passage.judged;
      }
    }
    Evaluator alone(policies_, catalogue_);
    for (size_t i = 0; i < village.size(); ++i) {
      ASSERT_EQ(standing[i], alone.Replay(village[i])) << "household " << i + 1;
    }
  }
}

TEST_F(SideBySideTest, AReplayOfLanesOfAWindowIsThatOfTheirHistories) {
  std::mt19937_64 random(20261203);
  const std::vector<History> village = Village(&random, 130);
  const GroupWindow window = WindowOf(village, Date::Max());
  std::vector<SubjectRisk> judged(village.size());
  std::vector<LanePassage> passages;
  for (size_t i = village.size(); i-- > 0;) {
    passages.push_back({nullptr, village.size() - 1 - i, village[i].subject(), &judged[i]});
  }
  Evaluator together(policies_, catalogue_);
  together.Judge(window, passages);
  Evaluator alone(policies_, catalogue_);
  for (size_t i = 0; i < village.size(); ++i) {
    ASSERT_EQ(judged[i], alone.Replay(village[i])) << "household " << i + 1;
  }
}

TEST_F(SideBySideTest, SubjectsWithHardlyADateInCommonAreJudgedRight) {
  std::vector<History> village;
  for (int i = 0; i < 30; ++i) {
    History& history = village.emplace_back(HistoryOf(fmt::format("520502001001/{}", i + 1)));
    for (int m = 0; m < 12; ++m) {
      const Date day = Date::FirstOf(*Month::Parse("2025-01") + m) + i % 27;
      history.Put(1, day, 1'000 * ((i * 7 + m * 5) % 11), {});
    }
  }
  std::vector<SubjectRisk> judged(village.size());
  std::vector<Passage> passages;
  for (size_t i = 0; i < village.size(); ++i)
    passages.push_back({nullptr, &village[i], &judged[i]});
  Evaluator together(policies_, catalogue_);
  together.Judge(passages);
  Evaluator alone(policies_, catalogue_);
  for (size_t i = 0; i < village.size(); ++i) ASSERT_EQ(judged[i], alone.Replay(village[i]));
}

}  // namespace
}  // namespace shouwang::risk
