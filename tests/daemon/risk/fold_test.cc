#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FoldTest : public RiskFixture {
 protected:
  static RuleState Open(const std::string& date) {
    RuleState state;
    state.rule = 101;
    state.opened_on = Day(date);
    state.severity = Severity::kRed;
    state.policy_version = 1;
    return state;
  }
  static Episode Cleared(const std::string& opened, const std::string& cleared) {
    return {101, Day(opened), Day(cleared), Severity::kRed, RiskKind::kIncome, 1};
  }
};

TEST_F(FoldTest, NothingReportedIsNothingConcluded) {
  LoadOne({"name: f, kind: last, of: income"}, "when: f < 10");
  const SubjectRisk risk = Replay();
  EXPECT_EQ(risk.evaluated_through, Date::Min());
  EXPECT_EQ(risk.policy_fingerprint, policies_.fingerprint());
  EXPECT_THAT(risk.states, IsEmpty());
  EXPECT_THAT(risk.episodes, IsEmpty());
}

TEST_F(FoldTest, OpensOnTheFirstDateOnWhichTheConditionHolds) {
  LoadOne({"name: f, kind: last, of: income"}, "when: f < 10");
  PutMonthly("income", "2025-01", {"10", "9.99", "3"});
  const SubjectRisk risk = Replay();
  EXPECT_THAT(risk.states, ElementsAre(Open("2025-02-28")));
  EXPECT_EQ(risk.evaluated_through, Day("2025-03-31"));
}

TEST_F(FoldTest, ClearsAtOnceWithoutAHoldAndMayOpenAgain) {
  LoadOne({"name: f, kind: last, of: income"}, "when: f < 10");
  PutMonthly("income", "2025-01", {"9", "10", "9"});
  const SubjectRisk risk = Replay();
  EXPECT_THAT(risk.episodes, ElementsAre(Cleared("2025-01-31", "2025-02-28")));
  EXPECT_THAT(risk.states, ElementsAre(Open("2025-03-31")));
}

TEST_F(FoldTest, StaysOpenUntilTheHoldHasPassed) {
  LoadOne({"name: f, kind: last, of: income"}, "when: f < 10, clear_when: f >= 12, hold_months: 2");
  PutMonthly("income", "2025-01", {"9", "12", "12"});
  RuleState holding = Open("2025-01-31");
  holding.clearing_since = Day("2025-02-28");
  EXPECT_THAT(Replay().states, ElementsAre(holding));
  PutMonthly("income", "2025-04", {"12"});
  EXPECT_THAT(Replay().states, IsEmpty());
  EXPECT_THAT(Replay().episodes, ElementsAre(Cleared("2025-01-31", "2025-04-30")));
}

TEST_F(FoldTest, ABreakStartsTheHoldAnew) {
  LoadOne({"name: f, kind: last, of: income"}, "when: f < 10, clear_when: f >= 12, hold_months: 2");
  PutMonthly("income", "2025-01", {"9", "12", "11", "12", "12"});
  RuleState holding = Open("2025-01-31");
  holding.clearing_since = Day("2025-04-30");
  EXPECT_THAT(Replay().states, ElementsAre(holding));
}

TEST_F(FoldTest, UnknownBreaksTheHoldAndKeepsTheWarningOpen) {
  LoadOne({"name: f, kind: last, of: income, window_months: 1"},
          "when: f < 10, clear_when: f >= 10, hold_months: 1");
  PutMonthly("income", "2025-01", {"9", "12"});
  PutMonthly("cost", "2025-03", {"1"});
  RuleState open = Open("2025-01-31");
  open.unknown = true;
  EXPECT_THAT(Replay().states, ElementsAre(open));
}

TEST_F(FoldTest, AnUnknownRuleIsAStateOfItsOwnAndOneThatDoesNotHoldIsNone) {
  LoadOne({"name: f, kind: last, of: income"}, "when: f < 10");
  PutMonthly("cost", "2025-01", {"1"});
  RuleState unknown;
  unknown.rule = 101;
  unknown.unknown = true;
  unknown.severity = Severity::kRed;
  EXPECT_THAT(Replay().states, ElementsAre(unknown));
  PutMonthly("income", "2025-01", {"10"});
  EXPECT_THAT(Replay().states, IsEmpty());
}

TEST_F(FoldTest, DatesAreJudgedByThePolicyInForceThen) {
  const std::string feature =
      "features:\n  - {name: f, kind: last, of: income, " + kTitles + "}\nrules:\n";
  const auto rule = [](const std::string& when) {
    return "  - {id: 101, name: rule_one, when: " + when + ", " + kRuleRest + "}\n";
  };
  files_.Write("b.yaml", "version: 2\neffective_from: 2025-03-01\ntitle_zh: a\ntitle_en: a\n" +
                             feature + rule("f < 20"));
  files_.Write("a.yaml", kHead + feature + rule("f < 10"));
  Load();
  EXPECT_EQ(policies_.InForce(Day("2025-02-28")).version, 1U);
  EXPECT_EQ(policies_.InForce(Day("2025-03-01")).version, 2U);
  EXPECT_EQ(policies_.InForce(Day("1999-01-01")).version, 1U);
  PutMonthly("income", "2025-01", {"15", "15", "15"});
  RuleState state = Open("2025-03-31");
  state.policy_version = 2;
  EXPECT_THAT(Replay().states, ElementsAre(state));
}

TEST_F(FoldTest, AWarningKeepsTheVersionAndSeverityItOpenedWith) {
  const std::string feature =
      "features:\n  - {name: f, kind: last, of: income, " + kTitles + "}\nrules:\n";
  files_.Write("a.yaml", kHead + feature + "  - {id: 101, name: rule_one, when: f < 10, " +
                             kRuleRest + "}\n");
  std::string rest = kRuleRest;
  rest.replace(rest.find("red"), 3, "yellow");
  files_.Write("b.yaml", "version: 2\neffective_from: 2025-02-01\ntitle_zh: a\ntitle_en: a\n" +
                             feature + "  - {id: 101, name: rule_one, when: f < 20, " + rest +
                             "}\n");
  Load();
  PutMonthly("income", "2025-01", {"9", "15"});
  EXPECT_THAT(Replay().states, ElementsAre(Open("2025-01-31")));
}

TEST_F(FoldTest, ARuleThatVanishesClearsOnTheFirstDateWithoutIt) {
  const std::string feature =
      "features:\n  - {name: f, kind: last, of: income, " + kTitles + "}\nrules:\n";
  files_.Write("a.yaml", kHead + feature + "  - {id: 101, name: rule_one, when: f < 10, " +
                             kRuleRest + "}\n");
  files_.Write("b.yaml", "version: 2\neffective_from: 2025-02-10\ntitle_zh: a\ntitle_en: a\n" +
                             feature + "  - {id: 102, name: rule_two, when: f < 5, " + kRuleRest +
                             "}\n");
  Load();
  PutMonthly("income", "2025-01", {"9", "9", "9"});
  EXPECT_THAT(Replay().states, IsEmpty());
  EXPECT_THAT(Replay().episodes, ElementsAre(Cleared("2025-01-31", "2025-02-28")));
}

TEST_F(FoldTest, RulesOfSitesDoNotJudgeHouseholds) {
  LoadOne({"name: f, kind: last, of: site_jobs"}, "when: f < 10, applies_to: site");
  PutMonthly("income", "2025-01", {"9"});
  EXPECT_THAT(Replay().states, IsEmpty());
  history_ = History(*Subject::Parse("520502001/S1"));
  PutMonthly("site_jobs", "2025-01", {"9"});
  EXPECT_THAT(Replay().states, ElementsAre(Open("2025-01-31")));
}

// Histories of random reports, irregular dates and gaps, under a policy with every kind of rule.
class FoldPropertyTest : public FoldTest {
 protected:
  struct Report {
    IndicatorId indicator;
    Date date;
    int64_t value;
  };

  void LoadMany() {
    std::string text = kHead;
    text += "constants:\n  - {name: line, value: 50, " + kTitles +
            ", citation: placeholder}\nfeatures:\n";
    for (const char* feature :
         {"name: net, kind: mean, of: [income], minus: [cost], per: size, window_months: 6, "
          "at_least: 2",
          "name: trend, kind: slope, of: [income], window_months: 12",
          "name: fall, kind: change, of: [income], window_months: 3, compare_months: 6",
          "name: idle, kind: longest_zero_run, of: [employed], window_months: 6",
          "name: since, kind: months_since, of: [employed], window_months: 12",
          "name: burden, kind: share, of: [cost], total: [income], missing_is_zero: true, "
          "window_months: 12",
          "name: house, kind: last, of: [safe], window_months: 4",
          "name: twice, kind: formula, formula: 2 * net"}) {
      text += std::string("  - {") + feature + ", " + kTitles + "}\n";
    }
    text += "rules:\n";
    int id = 101;
    for (const char* rule :
         {"when: net < line, clear_when: twice > 2.2 * line, hold_months: 2",
          "when: trend < -1 or fall < -0.2, hold_months: 1", "when: idle >= 2 or since > 3",
          "when: burden > 0.5 and house == 0", "when: not house == 1"}) {
      text += "  - {id: " + std::to_string(id) + ", name: rule_" + std::to_string(id) + ", " +
              kRuleRest + ", " + rule + "}\n";
      ++id;
    }
    files_.Write("a.yaml", text);
    std::string later = text;
    later.replace(later.find("version: 1"), 10, "version: 2");
    later.replace(later.find("2020-01-01"), 10, "2025-02-11");
    later.replace(later.find("value: 50"), 9, "value: 60");
    const size_t last_rule = later.find("  - {id: 105");
    later.erase(last_rule);
    files_.Write("b.yaml", later);
    Load();
  }

  std::vector<Report> RandomReports(std::mt19937* random) {
    const auto pick = [&](int64_t low, int64_t high) {
      return std::uniform_int_distribution<int64_t>(low, high)(*random);
    };
    std::vector<Report> reports;
    Date date = Day("2024-01-01");
    for (int i = 0; i < 30; ++i) {
      date = date + static_cast<int32_t>(pick(1, 45));
      for (IndicatorId indicator = 1; indicator <= 5; ++indicator) {
        if (pick(0, 3) == 0) continue;
        const int64_t highest = indicator <= 2 ? 20000 : indicator == 3 ? 4 : 1;
        reports.push_back({indicator, date, pick(indicator == 3 ? 1 : 0, highest)});
      }
    }
    return reports;
  }

  History HistoryOf(const std::vector<Report>& reports) {
    History history(*Subject::Parse("520502001001/7"));
    for (const Report& r : reports) history.Put(r.indicator, r.date, r.value, {});
    return history;
  }
};

TEST_F(FoldPropertyTest, AdvanceInPiecesEqualsReplay) {
  LoadMany();
  std::mt19937 random(7);
  Evaluator evaluator(policies_, catalogue_);
  size_t episodes = 0;
  for (int round = 0; round < 200; ++round) {
    const std::vector<Report> reports = RandomReports(&random);
    const SubjectRisk whole = evaluator.Replay(HistoryOf(reports));
    SubjectRisk piecewise;
    std::vector<Report> so_far;
    Date cut = Day("2024-01-01");
    while (so_far.size() < reports.size()) {
      cut = cut + std::uniform_int_distribution<int32_t>(1, 120)(random);
      so_far.clear();
      // Only as far back as Advance may read.
      const Date reach = std::max(piecewise.evaluated_through, Day("2024-01-01"))
                             .PlusMonths(-policies_.LongestLookbackMonths());
      std::vector<Report> loaded;
      for (const Report& r : reports) {
        if (r.date > cut) continue;
        so_far.push_back(r);
        if (r.date >= reach) loaded.push_back(r);
      }
      piecewise = evaluator.Advance(piecewise, HistoryOf(loaded));
    }
    ASSERT_EQ(piecewise, whole) << "round " << round;
    episodes += whole.episodes.size();
  }
  EXPECT_GT(episodes, 500U) << "the histories are too tame to show anything";
}

TEST_F(FoldPropertyTest, TheOrderOfArrivalDoesNotMatter) {
  LoadMany();
  std::mt19937 random(11);
  Evaluator evaluator(policies_, catalogue_);
  for (int round = 0; round < 50; ++round) {
    std::vector<Report> reports = RandomReports(&random);
    const SubjectRisk in_order = evaluator.Replay(HistoryOf(reports));
    std::ranges::shuffle(reports, random);
    ASSERT_EQ(evaluator.Replay(HistoryOf(reports)), in_order) << "round " << round;
  }
}

TEST_F(FoldPropertyTest, OneEvaluatorForManySubjectsIsLikeOneForEach) {
  LoadMany();
  std::mt19937 random(13);
  Evaluator shared(policies_, catalogue_);
  for (int round = 0; round < 20; ++round) {
    const History history = HistoryOf(RandomReports(&random));
    const SubjectRisk alone = Evaluator(policies_, catalogue_).Replay(history);
    ASSERT_EQ(shared.Replay(history), alone);
    ASSERT_EQ(shared.Advance(alone, history), alone) << "nothing new, nothing changes";
  }
}

TEST_F(FoldPropertyTest, StatesAndEpisodesAreSorted) {
  LoadMany();
  std::mt19937 random(17);
  const SubjectRisk risk =
      Evaluator(policies_, catalogue_).Replay(HistoryOf(RandomReports(&random)));
  EXPECT_TRUE(std::ranges::is_sorted(risk.states, {}, &RuleState::rule));
  EXPECT_TRUE(std::ranges::is_sorted(
      risk.episodes, {}, [](const Episode& e) { return std::pair(e.opened_on, e.rule); }));
}

// Lanes are shared by neighbours, filled and decided again and again, under two policies.
TEST_F(FoldTest, ManySubjectsAreJudgedTogetherAsEachIsAlone) {
  const std::string rest =
      "features:\n  - {" + kTitles +
      ", name: mean_income, kind: mean, of: [income], at_least: 2, "
      "window_months: 3}\nrules:\n  - {id: 101, name: rule_one, " +
      kRuleRest + ", when: mean_income < 50, clear_when: mean_income >= 55, hold_months: 1}\n";
  files_.Write("a.yaml", kHead + rest);
  files_.Write("b.yaml",
               "version: 2\neffective_from: 2025-03-01\ntitle_zh: 政策\ntitle_en: Policy\n" + rest);
  Load();
  std::mt19937 random(5);
  std::vector<History> histories;
  for (uint32_t number = 1; number <= 150; ++number) {
    History& history =
        histories.emplace_back(Subject{520502001001, SubjectKind::kHousehold, number});
    for (int month = 0; month < 8; ++month) {
      if (random() % 4 == 0) continue;
      history.Put(1, Date::LastOf(*Month::Parse("2025-01") + month),
                  static_cast<int64_t>(random() % 100) * 100, {});
    }
  }
  Evaluator together(policies_, catalogue_);
  std::vector<SubjectRisk> judged(histories.size());
  std::vector<Passage> passages;
  for (size_t i = 0; i < histories.size(); ++i) {
    passages.push_back({nullptr, &histories[i], &judged[i]});
  }
  together.Judge(passages);
  size_t open = 0;
  for (size_t i = 0; i < histories.size(); ++i) {
    EXPECT_EQ(judged[i], Evaluator(policies_, catalogue_).Replay(histories[i]));
    open += judged[i].states.size();
  }
  EXPECT_GT(open, 20U);
}

}  // namespace
}  // namespace shouwang::risk
