#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "collectors/ctl/commands.h"
#include "storage/vocabulary/date.h"
#include "tests/collectors/ctl/fake_daemon.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

int32_t MonthOf(std::string_view text) { return Month::Parse(text)->index(); }

class IncidentCommandsTest : public ::testing::Test {
 protected:
  IncidentCommandsTest() {
    for (int i = 0; i < 3; ++i) {
      v1::Incident incident;
      incident.set_id("520502001:disaster:2026-0" + std::to_string(7 - i));
      incident.set_place("520502001");
      incident.set_place_path("贵州省 / 毕节市 / 七星关区 / 市西街道");
      incident.set_place_level("township");
      incident.set_risk_kind("disaster");
      incident.set_first_month(MonthOf("2026-07") - i);
      incident.set_last_month(MonthOf("2026-07") - i);
      incident.set_observed(100);
      incident.set_expected(2);
      incident.set_p_value(1e-90);
      incident.set_q_value(1e-84);
      daemon_.incidents.push_back(incident);
    }
    daemon_.incidents[0].set_open(true);
    daemon_.incidents[0].set_last_month(MonthOf("2026-08"));
    daemon_.incidents[0].set_members(98);
    daemon_.incidents[0].set_worst_severity(v1::SEVERITY_RED);
    daemon_.incidents[1].set_part_of("520502:disaster:2026-07");
    daemon_.looked.set_looked_at_ms(1'791'189'000'000);
    daemon_.looked.set_looked_for(true);
    daemon_.looked.set_false_discovery_rate(0.05);
    daemon_.looked.set_places_judged(120);
    daemon_.looked.set_places_unjudged(7);
    for (int month = -2; month <= 1; ++month) {
      v1::IncidentMonth* told = daemon_.incident_months.Add();
      told->set_month(MonthOf("2026-07") + month);
      told->set_observed(month < 0 ? 2 : 50);
      told->set_exposure(200);
      told->set_neighbours_observed(3);
      told->set_neighbours_exposure(600);
      if (month == 0) told->set_expected(1.5);
      if (month == 0) told->set_q_value(1e-30);
    }
    for (int number = 1; number <= 3; ++number) {
      v1::IncidentMember* member = daemon_.incident_members.Add();
      member->set_subject("520502001001/" + std::to_string(number));
      member->set_division_path("贵州省 / 一村");
      member->set_opened_on(Date::Parse("2026-07-12")->days());
      member->set_severity(v1::SEVERITY_ORANGE);
      member->set_rule("disaster_loss_high");
      member->set_rule_title_zh("因灾损失较大");
      member->set_rule_title_en("Heavy loss by disaster");
    }
  }
  std::string Run(const IncidentsArguments& arguments, Output output = Output::kTable,
                  Language language = Language::kEnglish) {
    std::ostringstream out;
    Incidents(SessionFor(out, output, language), arguments);
    return out.str();
  }
  std::string Show(const IncidentArguments& arguments, Output output = Output::kTable,
                   Language language = Language::kEnglish) {
    std::ostringstream out;
    ShowIncident(SessionFor(out, output, language), arguments);
    return out.str();
  }
  Session SessionFor(std::ostringstream& out, Output output, Language language) {
    return Session({daemon_.address(), std::chrono::seconds(20), output, language}, out);
  }

  FakeDaemon daemon_;
};

TEST_F(IncidentCommandsTest, ATableTellsWhatHappenedWhere) {
  const std::string text =
      Run({.region = "52", .from = "2026-01", .to = "2026-12", .risk = "disaster", .open = true});
  EXPECT_THAT(text, AllOf(HasSubstr("520502001:disaster:2026-07"), HasSubstr("2026-07..2026-08"),
                          HasSubstr("open"), HasSubstr("part of 520502:disaster:2026-07"),
                          HasSubstr("over"), HasSubstr("1e-84"), HasSubstr("市西街道"),
                          Not(HasSubstr("--all")),
                          HasSubstr("this month 120 places were judged, 7 could not be"),
                          HasSubstr("at most 0.05 of what is told may be chance")));
  ASSERT_EQ(daemon_.incidents_requests.size(), 2u);
  const v1::ListIncidentsRequest& asked = daemon_.incidents_requests[0];
  EXPECT_EQ(asked.region(), "52");
  EXPECT_EQ(asked.from_month(), MonthOf("2026-01"));
  EXPECT_EQ(asked.to_month(), MonthOf("2026-12"));
  EXPECT_EQ(asked.risk_kind(), "disaster");
  EXPECT_TRUE(asked.open_only());
  EXPECT_THAT(Run({}, Output::kTable, Language::kChinese),
              AllOf(HasSubstr("因灾"), HasSubstr("进行中"), HasSubstr("已结束"),
                    HasSubstr("120 个地方已判定"), HasSubstr("错误发现率上限 0.05"),
                    HasSubstr("事件"), HasSubstr("风险类型"), Not(HasSubstr("INCIDENT"))));
  EXPECT_FALSE(daemon_.incidents_requests.back().has_from_month());
}

TEST_F(IncidentCommandsTest, TheLimitEndsTheListingAndSaysSo) {
  IncidentsArguments arguments;
  arguments.limit = 1;
  EXPECT_THAT(Run(arguments),
              AllOf(HasSubstr("the first 1; there are more"), Not(HasSubstr("2026-06"))));
  EXPECT_THAT(Run(arguments, Output::kTable, Language::kChinese),
              HasSubstr("以上为前 1 条，还有更多：--limit N 或 --all\n"));
  arguments.all = true;
  EXPECT_THAT(Run(arguments), HasSubstr("520502001:disaster:2026-05"));
}

TEST_F(IncidentCommandsTest, JsonNamesEverything) {
  const Json json = Json::parse(Run({}, Output::kJson));
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0], Json::parse(R"({"id": "520502001:disaster:2026-07", "place": "520502001",
      "place_path": "贵州省 / 毕节市 / 七星关区 / 市西街道", "place_level": "township",
      "risk_kind": "disaster", "first_month": "2026-07", "last_month": "2026-08", "open": true,
      "observed": 100, "expected": 2.0, "p_value": 1e-90, "q_value": 1e-84, "part_of": null,
      "members": 98, "worst_severity": "red"})"));
  EXPECT_EQ(json[1]["part_of"], "520502:disaster:2026-07");
  EXPECT_EQ(json[2]["members"], Json());
}

TEST_F(IncidentCommandsTest, NothingFoundIsSaidWithWhatWasLookedAt) {
  daemon_.incidents.clear();
  EXPECT_THAT(Run({}), AllOf(HasSubstr("no incidents\n"), HasSubstr("120 places were judged")));
  EXPECT_THAT(Run({}, Output::kTable, Language::kChinese), HasSubstr("没有事件\n"));
  daemon_.looked.set_looked_for(false);
  EXPECT_THAT(Run({}), HasSubstr("the policy in force looks for no incidents"));
  EXPECT_EQ(Run({}, Output::kJson), "[]\n");
}

TEST_F(IncidentCommandsTest, AMonthThatIsNoneIsTold) {
  try {
    IncidentsArguments arguments;
    arguments.from = "July";
    Run(arguments);
    FAIL() << "nothing was said";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.text, "--from 'July': write a month, 2026-07");
  }
}

TEST_F(IncidentCommandsTest, OneIsExplainedInBothLanguages) {
  EXPECT_THAT(
      Show({.id = "520502001:disaster:2026-07"}),
      AllOf(HasSubstr("贵州省 / 毕节市 / 七星关区 / 市西街道, 2026-07 to 2026-08: 100 households "
                      "newly warned of disaster, where 2.0 were to be expected from its past and "
                      "its neighbours: 50 times as many. Told at a false-discovery rate of 1e-06."),
            HasSubstr("For each 1,000 households a month: 10.0 before, 250.0 in it; of its "
                      "neighbours 5.0 before, 5.0 in it."),
            HasSubstr("520502001001/3"), HasSubstr("Heavy loss by disaster"), HasSubstr("1e-30")));
  EXPECT_EQ(daemon_.incident_request.id(), "520502001:disaster:2026-07");
  EXPECT_THAT(
      Show({.id = "x"}, Output::kTable, Language::kChinese),
      AllOf(HasSubstr("新增“因灾”预警 100 户，按往年和周边应为 2.0 户，约为 50 倍"),
            HasSubstr("每千户每月：此前 10.0 户，其间 250.0 户；周边此前 5.0 户，其间 5.0 户。"),
            HasSubstr("因灾损失较大"), HasSubstr("周边新增"), HasSubstr("农户"),
            Not(HasSubstr("MONTH")), Not(HasSubstr("HOUSEHOLD"))));
}

TEST_F(IncidentCommandsTest, WithoutNeighboursItSaysSo) {
  for (auto& month : daemon_.incident_months) month.set_neighbours_exposure(0);
  EXPECT_THAT(Show({.id = "x"}), HasSubstr("there are no neighbours to compare it with."));
}

TEST_F(IncidentCommandsTest, MembersComePageByPageUpToTheLimit) {
  EXPECT_THAT(Show({.id = "x", .limit = 2}),
              AllOf(HasSubstr("520502001001/2"), Not(HasSubstr("520502001001/3")),
                    HasSubstr("the first 2; there are more")));
  const Json json = Json::parse(Show({.id = "x", .all = true}, Output::kJson));
  EXPECT_EQ(json["id"], "520502001:disaster:2026-07");
  ASSERT_EQ(json["member_list"].size(), 3u);
  EXPECT_EQ(json["member_list"][0],
            Json::parse(R"({"subject": "520502001001/1", "division_path": "贵州省 / 一村",
      "opened_on": "2026-07-12", "severity": "orange", "rule": "disaster_loss_high",
      "rule_title_zh": "因灾损失较大", "rule_title_en": "Heavy loss by disaster"})"));
  ASSERT_EQ(json["months"].size(), 4u);
  EXPECT_EQ(json["months"][2]["expected"], 1.5);
  EXPECT_EQ(json["months"][3]["expected"], Json());
}

}  // namespace
}  // namespace shouwang::ctl
