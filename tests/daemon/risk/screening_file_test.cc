#include "daemon/risk/screening_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kScreening = R"(screening:
  false_discovery_rate: 0.1
  peers_at_least: 8
  least_excess: 0.03
  amounts: [cost, income]
  copied: {at_least: 100, constant_share: 0.5, report_values: 3}
  heaping: {at_least: 200, round: [{from: 100, multiple: 50}, {from: 1000, multiple: 500}]}
  bunching: {feature: net, line: line, width: 0.1, at_least: 20}
  speed: {at_least: 50, visits_per_day: 40, visits_per_hour: 6, sheet_households: 5,
    night_from_hour: 23, night_before_hour: 5}
)";

class ScreeningFileTest : public RiskFixture {
 protected:
  static std::string PolicyText(const std::string& screening) {
    return R"(version: 7
effective_from: 2020-01-01
title_zh: 政策
title_en: Policy
constants:
  - {name: line, value: 6000, unit: yuan, title_zh: 线, title_en: Line, citation: press}
  - {name: nothing, value: 0, unit: yuan, title_zh: 无, title_en: Nothing, citation: press}
features:
  - {name: net, kind: sum, of: [income], minus: [cost], per: size, unit: yuan, title_zh: 收入,
     title_en: Income}
  - {name: jobs, kind: last, of: site_jobs, title_zh: 岗位, title_en: Jobs}
rules:
  - {id: 101, name: income_low, kind: income, severity: orange, when: net < line, title_zh: 低,
     title_en: Low, measure_zh: 做, measure_en: Do, citation: press}
)" + screening;
  }
  // The faults where `from` is replaced by `to`.
  std::vector<std::string> FaultsOf(const std::string& from, const std::string& to) {
    std::string screening = kScreening;
    const size_t at = screening.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    screening.replace(at, from.size(), to);
    files_.Write("policy.yaml", PolicyText(screening));
    (void)files_.Load(catalogue_);
    return files_.faults();
  }
  void ExpectFault(const std::string& from, const std::string& to, const std::string& fault) {
    EXPECT_THAT(FaultsOf(from, to), Contains(HasSubstr(fault))) << from << " -> " << to;
  }
};

TEST_F(ScreeningFileTest, ReadsEveryKey) {
  files_.Write("policy.yaml", PolicyText(kScreening));
  Load();
  const auto& screening = policies_.All().front().screening;
  ASSERT_TRUE(screening.has_value());
  EXPECT_EQ(screening->false_discovery_rate, 0.1);
  EXPECT_EQ(screening->peers_at_least, 8);
  EXPECT_EQ(screening->least_excess, 0.03);
  EXPECT_THAT(screening->amounts, ElementsAre(1, 2)) << "ascending, however written";
  EXPECT_EQ(screening->copied_at_least, 100);
  EXPECT_EQ(screening->constant_share, 0.5);
  EXPECT_EQ(screening->report_values, 3);
  EXPECT_EQ(screening->heaping_at_least, 200);
  ASSERT_EQ(screening->round.size(), 2u);
  EXPECT_EQ(screening->round[1].from, 1000);
  EXPECT_EQ(screening->round[1].multiple, 500);
  EXPECT_EQ(screening->bunching_feature, "net");
  EXPECT_EQ(screening->bunching_line, "line");
  EXPECT_EQ(screening->bunching_width, 0.1);
  EXPECT_EQ(screening->bunching_at_least, 20);
  EXPECT_EQ(screening->speed_at_least, 50);
  EXPECT_EQ(screening->visits_per_day, 40);
  EXPECT_EQ(screening->visits_per_hour, 6);
  EXPECT_EQ(screening->sheet_households, 5);
  EXPECT_EQ(screening->night_from_hour, 23);
  EXPECT_EQ(screening->night_before_hour, 5);
}

TEST_F(ScreeningFileTest, APolicyWithoutTheSectionLoads) {
  files_.Write("policy.yaml", PolicyText(""));
  Load();
  EXPECT_FALSE(policies_.All().front().screening.has_value());
}

TEST_F(ScreeningFileTest, NumbersOutsideTheirBoundsAreNamedWithThem) {
  ExpectFault("rate: 0.1", "rate: 0.6", "'false_discovery_rate' is 0.6; 0.001 to 0.5 is expected");
  ExpectFault("peers_at_least: 8", "peers_at_least: 2", "peers_at_least");
  ExpectFault("excess: 0.03", "excess: -1", "'least_excess' is -1; 0 to 1 is expected");
  ExpectFault("constant_share: 0.5", "constant_share: 2", "'constant_share' is 2; 0 to 1");
  ExpectFault("report_values: 3", "report_values: 1", "report_values");
  ExpectFault("width: 0.1", "width: 0.9", "'width' is 0.9; 0.01 to 0.5 is expected");
  ExpectFault("visits_per_day: 40", "visits_per_day: 0", "visits_per_day");
  ExpectFault("night_from_hour: 23", "night_from_hour: 24", "night_from_hour");
}

TEST_F(ScreeningFileTest, FaultsAreToldByFileAndLine) {
  EXPECT_THAT(FaultsOf("peers_at_least: 8", "peers_at_least: many"),
              ElementsAre(HasSubstr("policy.yaml:17: ")));
}

TEST_F(ScreeningFileTest, WhatIsMissingOrUnknownIsNamed) {
  for (const char* key : {"false_discovery_rate: 0.1", "peers_at_least: 8", "least_excess: 0.03",
                          "amounts: [cost, income]"}) {
    const std::string name = std::string(key).substr(0, std::string(key).find(':'));
    ExpectFault(key, "", "'" + name + "' is missing");
  }
  ExpectFault("at_least: 100, ", "", "'at_least' is missing");
  ExpectFault("from: 100, ", "", "'from' is missing");
  ExpectFault("round: [{from: 100, multiple: 50}, {from: 1000, multiple: 500}]", "", "'round'");
  for (const char* part : {"copied", "heaping", "bunching", "speed"}) {
    ExpectFault(std::string("  ") + part + ":", std::string("  un") + part + ":",
                "'" + std::string(part) + "' is missing");
  }
  ExpectFault("night_before_hour: 5", "night_before_hour: 5, moon: full", "moon");
}

TEST_F(ScreeningFileTest, AmountsAreOfHouseholdsInYuan) {
  ExpectFault("[cost, income]", "[cost, savings]", "'amounts': unknown indicator 'savings'");
  ExpectFault("[cost, income]", "[cost, size]",
              "'amounts': 'size' is no amount of a household in yuan (unit persons");
  ExpectFault("[cost, income]", "[cost, site_jobs]", "'site_jobs' is no amount");
  ExpectFault("[cost, income]", "[cost, cost]", "'amounts': 'cost' is named twice");
}

TEST_F(ScreeningFileTest, RoundAmountsAscend) {
  ExpectFault("from: 1000", "from: 100", "'from' is 100; it must be above the one before, 100");
  ExpectFault("round: [",
              "round: [{from: 1, multiple: 1}, {from: 2, multiple: 1}, "
              "{from: 3, multiple: 1}, {from: 4, multiple: 1}, {from: 5, multiple: 1}, "
              "{from: 6, multiple: 1}, {from: 7, multiple: 1}, ",
              "'round' has 9 entries; 8 at most");
}

TEST_F(ScreeningFileTest, BunchingIsOfAFeatureOfHouseholdsAndALineAboveNothing) {
  ExpectFault("feature: net", "feature: gross", "'feature': no feature 'gross'");
  ExpectFault("feature: net", "feature: jobs", "'jobs' is of a site, a screening of households");
  ExpectFault("line: line", "line: border", "'line': no constant 'border'");
  ExpectFault("line: line", "line: nothing", "constant 'nothing' is 0; it must be above 0");
}

}  // namespace
}  // namespace shouwang::risk
