// A Contrast is held to two Replays.
#include "daemon/risk/contrast.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Open {
  std::vector<RuleId> before;
  std::vector<RuleId> after;
  Date judged_on;
  uint32_t judged_by = 0;
  friend bool operator==(const Open&, const Open&) = default;
};

void PrintTo(const Open& open, std::ostream* out) {
  const auto list = [&](const std::vector<RuleId>& rules) {
    for (const RuleId rule : rules) *out << ' ' << rule;
  };
  *out << "before";
  list(open.before);
  *out << " after";
  list(open.after);
  *out << " on " << open.judged_on.ToString() << " by " << open.judged_by;
}

std::string Feature(const std::string& text) { return "  - {" + kTitles + ", " + text + "}\n"; }
std::string RuleText(int id, const std::string& text) {
  return fmt::format("  - {{id: {}, name: rule_{}, {}, {}}}\n", id, id, kRuleRest, text);
}
std::string Head(int version, const std::string& from) {
  return fmt::format("version: {}\neffective_from: {}\ntitle_zh: 政策\ntitle_en: Policy\n", version,
                     from);
}

class ContrastTest : public RiskFixture {
 protected:
  // The policies loaded, and those with `text` in the place of what it replaces.
  void Against(const std::string& text) {
    Problems problems;
    after_ = policies_.With("new.yaml", text, catalogue_, &problems);
    ASSERT_THAT(problems.messages(), IsEmpty());
  }

  // By two Replays of all dates up to `through`; nobody who has none.
  std::map<Subject, Open> Naive(const std::vector<History>& histories, Date through) {
    Evaluator before(policies_, catalogue_);
    Evaluator after(after_, catalogue_);
    std::map<Subject, Open> naive;
    for (const History& history : histories) {
      History cut(history.subject());
      for (const IndicatorId indicator : history.indicators()) {
        for (const Point& p : history.Of(indicator, {Date::Min(), through})) {
          cut.Put(indicator, p.date, p.value, {});
        }
      }
      if (cut.empty()) continue;
      const auto open = [&](Evaluator* evaluator) {
        std::vector<RuleId> rules;
        for (const RuleState& state : evaluator->Replay(cut).states) {
          if (state.opened_on) rules.push_back(state.rule);
        }
        return rules;
      };
      const Date last = cut.dates().back();
      naive[cut.subject()] = {open(&before), open(&after), last, after_.InForce(last).version};
    }
    return naive;
  }

  // The points of these indicators from a date on, and every other date.
  static History Cut(const History& history, std::span<const IndicatorId> indicators, Date from) {
    History cut(history.subject());
    for (const Date date : history.dates()) {
      if (date >= from) cut.AppendRow(date, cut.AddArrival({}));
    }
    for (const IndicatorId indicator : history.indicators()) {
      if (!std::ranges::binary_search(indicators, indicator)) continue;
      for (const Point& p : history.Of(indicator, {from, Date::Max()})) {
        cut.Put(indicator, p.date, p.value, {});
      }
    }
    return cut;
  }

  // What is known of every one by the policies loaded, but of every fifth, of which it is nothing,
  // and of the one after it, of which it is what earlier policies said.
  std::vector<SubjectRisk> Risks(const std::vector<History>& whole) {
    Evaluator evaluator(policies_, catalogue_);
    std::vector<SubjectRisk> risks;
    for (const History& history : whole) {
      SubjectRisk& risk = risks.emplace_back(evaluator.Replay(history));
      if (history.subject().number % 5 == 1) {
        ++risk.policy_fingerprint;
        risk.states.clear();
      }
    }
    return risks;
  }

  // What a contrast asks for at first: dates from a day on, points as far as it reaches.
  static History CutToReaches(const History& history, const Contrast& contrast, Date from) {
    History cut = Cut(history, {}, from);
    for (const Reach& reach : contrast.reaches()) {
      EXPECT_GE(reach.from, contrast.RecentFrom());
      const Date first = from == Date::Min() ? from : reach.from;
      for (const Point& p : history.Of(reach.indicator, {first, Date::Max()})) {
        cut.Put(reach.indicator, p.date, p.value, {});
      }
    }
    return cut;
  }

  static absl::StatusOr<const GroupWindow*> NoWindow(std::span<const IndicatorId>) {
    return nullptr;
  }

  // What a lot of these gives, by subject: each cut off before RecentFrom, or `is_whole`, and of
  // the indicators that are asked for only.
  std::map<Subject, Open> Judged(const std::vector<History>& whole, Contrast* contrast,
                                 bool is_whole = false) {
    std::map<Subject, Open> judged;
    std::vector<History> recent;
    std::vector<const SubjectRisk*> known;
    std::set<IndicatorId> reported;
    const std::vector<SubjectRisk> risks = Risks(whole);
    const Date from = is_whole ? Date::Min() : contrast->RecentFrom();
    for (size_t i = 0; i < whole.size(); ++i) {
      recent.push_back(CutToReaches(whole[i], *contrast, from));
      known.push_back(whole[i].subject().number % 5 == 0 ? nullptr : &risks[i]);
      reported.insert(whole[i].indicators().begin(), whole[i].indicators().end());
    }
    const std::vector<IndicatorId> all(reported.begin(), reported.end());
    const auto read_whole = [&](size_t index, std::span<const IndicatorId> indicators,
                                History* out) {
      *out = Cut(whole[index], indicators, Date::Min());
      return absl::OkStatus();
    };
    const absl::Status status =
        contrast->Judge({.recent = recent,
                         .recent_is_whole = is_whole,
                         .known = known,
                         .reported = all,
                         .read_whole = read_whole,
                         .read_window = NoWindow},
                        [&](const Subject& s, const Standing& st) {
                          judged[s] = {st.before, st.after, st.judged_on, st.judged_by->version};
                        });
    EXPECT_TRUE(status.ok()) << status;
    return judged;
  }

  // The same of windows, one for each kind of subject; whole windows can be read only where `fits`.
  std::map<Subject, Open> JudgedInWindows(const std::vector<History>& all, Contrast* contrast,
                                          bool is_whole, bool fits) {
    std::map<Subject, Open> judged;
    for (const SubjectKind kind : {SubjectKind::kHousehold, SubjectKind::kSite}) {
      std::vector<History> whole;
      for (const History& history : all) {
        if (history.subject().kind == kind) whole.push_back(history);
      }
      if (whole.empty()) continue;
      const std::vector<SubjectRisk> risks = Risks(whole);
      const Date from = is_whole ? Date::Min() : contrast->RecentFrom();
      GroupWindow window(SubjectGroup::Of(whole[0].subject()));
      for (const History& history : whole) {
        EXPECT_TRUE(window.Add(CutToReaches(history, *contrast, from)));
      }
      std::vector<Subject> subjects;
      std::vector<const SubjectRisk*> known;
      std::set<IndicatorId> reported;
      for (size_t i = 0; i < whole.size(); ++i) {
        subjects.push_back(whole[i].subject());
        known.push_back(subjects[i].number % 5 == 0 ? nullptr : &risks[i]);
        reported.insert(whole[i].indicators().begin(), whole[i].indicators().end());
      }
      const std::vector<IndicatorId> reported_list(reported.begin(), reported.end());
      const auto read_window =
          [&](std::span<const IndicatorId> indicators) -> absl::StatusOr<const GroupWindow*> {
        if (!fits) return nullptr;
        for (size_t lane = 0; lane < whole.size(); ++lane) {
          const History all_of_it = Cut(whole[lane], indicators, Date::Min());
          for (const Date date : all_of_it.dates()) {
            window.NoteReport(window.AddRow(date), lane);
            size_t hint = 0;
            for (const IndicatorId indicator : all_of_it.indicators()) {
              const auto point = all_of_it.At(indicator, date);
              if (!point) continue;
              const size_t column = window.AddColumn(indicator, &hint);
              window.Cells(window.AddRow(date), column)[lane] = static_cast<int32_t>(point->value);
            }
          }
        }
        return &window;
      };
      const auto read_whole = [&](size_t index, std::span<const IndicatorId> indicators,
                                  History* out) {
        EXPECT_FALSE(fits) << "read one by one";
        *out = Cut(whole[index], indicators, Date::Min());
        return absl::OkStatus();
      };
      std::vector<Subject> visited;
      const absl::Status status =
          contrast->Judge({.window = &window,
                           .subjects = subjects,
                           .recent_is_whole = is_whole,
                           .known = known,
                           .reported = reported_list,
                           .read_whole = read_whole,
                           .read_window = read_window},
                          [&](const Subject& s, const Standing& st) {
                            judged[s] = {st.before, st.after, st.judged_on, st.judged_by->version};
                            visited.push_back(s);
                          });
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_TRUE(std::ranges::is_sorted(visited));
    }
    return judged;
  }

  PolicySet after_;
};

TEST_F(ContrastTest, TellsWhoEntersAndWhoLeaves) {
  const auto policy = [](int line) {
    return kHead + "features:\n" + Feature("name: f, kind: last, of: income") + "rules:\n" +
           RuleText(101, fmt::format("when: f < {}", line)) +
           RuleText(102, fmt::format("when: f > {}", line * 10));
  };
  files_.Write("policy.yaml", policy(10));
  Load();
  Against(policy(20));
  PutMonthly("income", "2025-01", {"150"});
  std::vector<History> histories = {history_};
  histories.emplace_back(*Subject::Parse("520502001001/8"));
  histories[1].Put(1, Day("2025-01-31"), 1500, {});
  Contrast contrast(policies_, after_, catalogue_, Day("2025-02-28"));
  const std::map<Subject, Open> judged = Judged(histories, &contrast);
  ASSERT_EQ(judged.size(), 2u);
  EXPECT_THAT(judged.at(histories[0].subject()).before, ElementsAre(102));
  EXPECT_THAT(judged.at(histories[0].subject()).after, IsEmpty());
  EXPECT_THAT(judged.at(histories[1].subject()).before, IsEmpty());
  EXPECT_THAT(judged.at(histories[1].subject()).after, ElementsAre(101));
}

TEST_F(ContrastTest, ALongHealthyHistoryIsNotReadAgain) {
  const auto policy = [](int line) {
    return kHead + "features:\n" + Feature("name: f, kind: mean, of: income, window_months: 3") +
           Feature("name: never, kind: last, of: ratio") + "rules:\n" +
           RuleText(101, fmt::format("when: f < {}, hold_months: 6", line)) +
           RuleText(102, fmt::format("when: never < {}", line));
  };
  files_.Write("policy.yaml", policy(10));
  Load();
  Against(policy(20));
  PutMonthly("income", "2020-01", std::vector<std::string>(60, "100"));
  Contrast contrast(policies_, after_, catalogue_, Day("2024-12-31"));
  EXPECT_EQ(Judged({history_}, &contrast).size(), 1u);
  EXPECT_EQ(contrast.folded(), 0u);
  Put("income", "2024-12-31", "0");  // the mean falls to 66: still healthy
  EXPECT_EQ(Judged({history_}, &contrast).size(), 1u);
  EXPECT_EQ(contrast.folded(), 0u);
  Put("income", "2024-12-31", "100");
  // Neither open nor clearing for longer than is looked at.
  const auto wide = [](int line) {
    return kHead + "features:\n" + Feature("name: f, kind: last, of: income") + "rules:\n" +
           RuleText(101, fmt::format("when: f < {}, clear_when: f > 200", line));
  };
  files_.Write("policy.yaml", wide(10));
  Load();
  Against(wide(20));
  Contrast between(policies_, after_, catalogue_, Day("2024-12-31"));
  EXPECT_EQ(Judged({history_}, &between).size(), 1u);
  EXPECT_EQ(between.folded(), 1u);
}

TEST_F(ContrastTest, RulesThatStayTheSameAreNeitherReadNorJudged) {
  const auto policy = [](int line) {
    return kHead + "features:\n" + Feature("name: f, kind: last, of: income") +
           Feature("name: g, kind: last, of: cost") + "rules:\n" +
           RuleText(101, "when: g > 5, clear_when: g < 0") +
           RuleText(102, fmt::format("when: f < {}", line)) + RuleText(103, "when: g > 1000");
  };
  files_.Write("policy.yaml", policy(10));
  Load();
  Against(policy(20));
  PutMonthly("income", "2025-01", {"15", "15"});
  PutMonthly("cost", "2025-01", {"6", "3"});  // open since the first, neither open nor clear now
  Contrast contrast(policies_, after_, catalogue_, Day("2025-02-28"));
  ASSERT_EQ(contrast.reaches().size(), 1u);
  EXPECT_EQ(contrast.reaches()[0].indicator, 1);
  const Open judged = Judged({history_}, &contrast).begin()->second;
  EXPECT_THAT(judged.before, ElementsAre(101));
  EXPECT_THAT(judged.after, ElementsAre(101, 102));
  EXPECT_EQ(contrast.folded(), 0u);

  Contrast nothing(policies_, policies_, catalogue_, Day("2025-02-28"));
  EXPECT_THAT(Judged({history_}, &nothing).begin()->second.after, ElementsAre(101));
  EXPECT_EQ(nothing.folded(), 0u);
}

TEST_F(ContrastTest, LeavesOutWhatIsReportedLaterAndWhoReportedNothingYet) {
  LoadOne({"name: f, kind: last, of: income"}, "when: f < 10");
  after_ = policies_;
  PutMonthly("income", "2025-01", {"9", "11"});
  std::vector<History> histories = {history_};
  histories.emplace_back(*Subject::Parse("520502001001/8"));
  histories[1].Put(1, Day("2025-02-28"), 100, {});
  Contrast contrast(policies_, after_, catalogue_, Day("2025-02-27"));
  const std::map<Subject, Open> judged = Judged(histories, &contrast);
  ASSERT_EQ(judged.size(), 1u);
  EXPECT_THAT(judged.begin()->second.before, ElementsAre(101));
  EXPECT_EQ(judged.begin()->second.judged_on, Day("2025-01-31"));
}

TEST_F(ContrastTest, AWholeHistoryThatCannotBeReadIsToldAndEndsIt) {
  LoadOne({"name: f, kind: last, of: income"}, "when: f < 10");
  after_ = policies_;
  Contrast contrast(policies_, after_, catalogue_, Day("2025-02-27"));
  const std::vector<History> recent(1, History(*Subject::Parse("520502001001/8")));
  const auto damaged = [](size_t, std::span<const IndicatorId>, History*) {
    return absl::DataLossError("block 7");
  };
  int visits = 0;
  absl::Status status =
      contrast.Judge({.recent = recent, .read_whole = damaged, .read_window = NoWindow},
                     [&](const Subject&, const Standing&) { ++visits; });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  const std::vector<Subject> subjects = {recent[0].subject()};
  GroupWindow window(SubjectGroup::Of(subjects[0]));
  ASSERT_TRUE(window.Add(recent[0]));
  status = contrast.Judge(
      {.window = &window,
       .subjects = subjects,
       .read_whole = damaged,
       .read_window = [](std::span<const IndicatorId>) -> absl::StatusOr<const GroupWindow*> {
         return absl::DataLossError("block 8");
       }},
      [&](const Subject&, const Standing&) { ++visits; });
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_EQ(visits, 0);
}

// Random policies and histories.
class ContrastPropertyTest : public ContrastTest, public testing::WithParamInterface<uint32_t> {
 protected:
  int Pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  std::string OneOf(const std::vector<std::string>& words) {
    return words[static_cast<size_t>(Pick(0, static_cast<int>(words.size()) - 1))];
  }

  std::string RandomPolicy(int version, const std::string& from) {
    std::string text = Head(version, from) + "constants:\n" +
                       fmt::format("  - {{name: line, value: {}, {}, citation: placeholder}}\n",
                                   Pick(30, 70), kTitles) +
                       "features:\n";
    const std::string months = OneOf({"1", "3", "6", "12"});
    text += Feature(
        "name: net, kind: mean, of: [income], minus: [cost], per: size, "
        "window_months: " +
        months + ", at_least: " + OneOf({"1", "2"}));
    text += Feature("name: fall, kind: change, of: [income], window_months: 3, compare_months: 6");
    text += Feature("name: idle, kind: longest_zero_run, of: [employed], window_months: 6");
    text += Feature("name: house, kind: last, of: [safe], window_months: " + months);
    text += Feature("name: never, kind: last, of: [ratio]");
    text += Feature("name: twice, kind: formula, formula: 2 * net");
    text += Feature("name: jobs, kind: last, of: [site_jobs], window_months: 4");
    text += "rules:\n";
    for (int id = 101; id <= 112; ++id) {
      if (Pick(0, 5) == 0) continue;
      text += RuleText(id, RandomRule());
    }
    text += RuleText(120, "when: house == 0");
    text +=
        RuleText(201, "applies_to: site, when: jobs < " + OneOf({"40", "60"}) + ", hold_months: 2");
    return text;
  }

  std::string RandomRule() {
    const std::vector<std::string> conditions = {"net < line",
                                                 "twice > 2.2 * line",
                                                 "fall < -0.2",
                                                 "idle >= 2",
                                                 "house == 0",
                                                 "never < 3 or house == 0",
                                                 "never > 0",
                                                 "known(never) and idle > 0",
                                                 "not house == 1",
                                                 "coalesce(never, net) > line",
                                                 "net > line * 1.5",
                                                 "fall > 0.1 and net > line",
                                                 "if(house == 1, net, never) < line"};
    std::string rule = "when: '" + OneOf(conditions) + "'";
    if (Pick(0, 1) == 0) rule += ", clear_when: '" + OneOf(conditions) + "'";
    return rule + ", hold_months: " + OneOf({"0", "0", "1", "3", "6"});
  }

  History RandomHistory(const Subject& subject) {
    History history(subject);
    const bool site = subject.kind == SubjectKind::kSite;
    const bool monthly = Pick(0, 2) > 0;
    const bool steady = Pick(0, 1) == 0;
    const int cells = Pick(1, 3);
    Date date = Day(OneOf({"2023-01-31", "2024-01-31", "2025-06-30"}));
    const Date last = Day("2026-06-30") - (Pick(0, 4) == 0 ? Pick(0, 600) : Pick(0, 40));
    const int level = Pick(0, 150);
    while (date <= last) {
      for (IndicatorId indicator = site ? 201 : 1; indicator <= (site ? 201 : 5); ++indicator) {
        if (Pick(0, 9) < cells - 1) continue;
        const int highest = indicator <= 2 || site ? 200 : indicator == 3 ? 4 : 1;
        const int64_t scale = indicator <= 2 ? 100 : 1;
        int64_t value = Pick(indicator == 3 ? 1 : 0, highest);
        if (steady && (indicator <= 2 || site)) value = level + Pick(0, 3);
        if (steady && indicator == 3) value = 2;
        history.Put(indicator, date, value * scale, {});
      }
      date = monthly ? Date::LastOf(date.month() + 1) : date + Pick(1, 45);
    }
    return history;
  }

  std::mt19937 random_{GetParam()};
};

TEST_P(ContrastPropertyTest, EqualsTwoReplays) {
  std::vector<std::string> days = {"2020-01-01", "2025-11-10", "2026-02-01", "2026-09-01"};
  files_.Write("a.yaml", RandomPolicy(1, "2020-01-01"));
  if (Pick(0, 1) == 0) files_.Write("b.yaml", RandomPolicy(2, "2025-11-10"));
  Load();
  const int version = Pick(1, 3);
  Against(RandomPolicy(version, OneOf(days)));
  const auto asked_about = static_cast<uint32_t>(version);
  std::vector<History> histories;
  for (uint32_t number = 1; number <= 150; ++number) {
    const bool site = number % 15 == 0;
    const Subject subject{520502001001, site ? SubjectKind::kSite : SubjectKind::kHousehold,
                          number};
    histories.push_back(RandomHistory(subject));
  }
  const Date through = Day(OneOf({"2026-06-30", "2026-06-30", "2026-02-15", "2024-03-31"}));
  Contrast contrast(policies_, after_, catalogue_, through);
  const std::map<Subject, Open> expected = Naive(histories, through);
  size_t open = 0;
  size_t changes = 0;
  bool reached = false;
  for (const auto& [subject, naive] : expected) {
    open += naive.before.size();
    changes += naive.before != naive.after ? 1 : 0;
    reached = reached || naive.judged_by == asked_about;
  }
  const std::map<Subject, Open> judged = Judged(histories, &contrast);
  ASSERT_EQ(judged.size(), expected.size());
  for (const auto& [subject, naive] : expected) {
    ASSERT_EQ(judged.at(subject), naive) << subject.ToString();
  }
  EXPECT_EQ(Judged(histories, &contrast, /*is_whole=*/true), judged);
  for (const bool is_whole : {false, true}) {
    EXPECT_EQ(JudgedInWindows(histories, &contrast, is_whole, true), judged) << is_whole;
  }
  for (const bool is_whole : {false, true}) {
    EXPECT_EQ(JudgedInWindows(histories, &contrast, is_whole, false), judged) << is_whole;
  }
  // Whole histories, too.
  std::map<Subject, Open> by_whole;
  contrast.Judge(histories, [&](const Subject& s, const Standing& st) {
    by_whole[s] = {st.before, st.after, st.judged_on, st.judged_by->version};
  });
  EXPECT_EQ(by_whole, expected);
  EXPECT_GT(open, expected.size() / 4) << "too tame to show anything";
  // One that judges nobody changes something only where it takes the place of one that did.
  if (reached) {
    EXPECT_GT(changes, 0u);
  }
  EXPECT_LT(contrast.folded(), 7 * histories.size()) << "nothing was told by the last dates";
}

INSTANTIATE_TEST_SUITE_P(Seeds, ContrastPropertyTest, testing::Range(1u, 31u));

}  // namespace
}  // namespace shouwang::risk
