#include "daemon/alerts/message.h"

#include "tests/daemon/alerts/groups.h"

namespace shouwang::alerts {
namespace {

class MessageTest : public testing::Test {
 protected:
  nlohmann::json BodyOfOne(const Message& message, std::string_view link = "") {
    const std::vector<const Message*> messages = {&message};
    return nlohmann::json::parse(BodyOf(messages, {*rulebook_, link, DateOf(At(kNowMs))}))[0];
  }
  static Message Of(const WarningGroup& group, std::string households) {
    return {group, true, std::move(households), At(kNowMs), At(kNowMs + 60'000)};
  }

  std::shared_ptr<const Rulebook> rulebook_ = SmallRulebook();
};

TEST_F(MessageTest, SaysWhereWhatAndHowManyInBothLanguages) {
  const std::string link = "https://g/d?v={division}&c={county}&r={rule}";
  const auto alert = BodyOfOne(Of(LowWages("520502001"), "12"), link);
  EXPECT_EQ(alert["labels"],
            nlohmann::json::parse(
                R"({"alertname": "ShouwangWarnings", "division": "520502001", "county": "520502",
                    "prefecture": "5205", "province": "52", "rule": "wage_low",
                    "risk_kind": "income", "severity": "red"})"));
  const std::string place = "贵州省 / 毕节市 / 七星关区 / 市西街道";
  const std::string filled = "https://g/d?v=520502001&c=520502&r=wage_low";
  const nlohmann::json annotations = {
      {"summary", "Low wage: 12 households, 520502001"},
      {"description_zh",
       place + "：12户有红色预警“工资低”（收入）。适用措施：就业。预警是线索，须入户核实。"},
      {"description_en",
       place +
           ": the red warning 'Low wage' (income) is open for 12 households. Measure that fits: "
           "Work. A warning is a clue to verify at home."},
      {"households", "12"},
      {"place", place},
      {"title_zh", "工资低"},
      {"title_en", "Low wage"},
      {"measure_zh", "就业"},
      {"measure_en", "Work"},
      {"link", filled}};
  EXPECT_EQ(alert["annotations"], annotations);
  EXPECT_EQ(alert["startsAt"], "2026-11-15T04:00:00.000Z");
  EXPECT_EQ(alert["endsAt"], "2026-11-15T04:01:00.000Z");
  EXPECT_EQ(alert["generatorURL"], filled);
  EXPECT_EQ(alert.size(), 5u);
}

TEST_F(MessageTest, ANumberTooSmallToTellIsPutInWords) {
  const auto annotations = BodyOfOne(Of(LowWages("520502001"), "<5"))["annotations"];
  EXPECT_EQ(annotations["summary"], "Low wage: fewer than 5 households, 520502001");
  EXPECT_THAT(annotations["description_zh"].get<std::string>(),
              testing::HasSubstr("市西街道：不足5户有红色预警"));
  EXPECT_EQ(BodyOfOne(Of(LowWages("520502001"), "1"))["annotations"]["summary"],
            "Low wage: 1 household, 520502001");
}

TEST_F(MessageTest, SaysWhatPeopleDoAboutItInLabelsAndWords) {
  Message message = Of(LowWages("520502001"), "12");
  message.waiting = "3";
  auto alert = BodyOfOne(message);
  EXPECT_FALSE(alert["labels"].contains("acknowledged"));
  EXPECT_FALSE(alert["labels"].contains("level"));
  EXPECT_EQ(alert["annotations"]["not_taken_on"], "3");
  EXPECT_THAT(alert["annotations"]["description_zh"].get<std::string>(),
              testing::EndsWith("预警是线索，须入户核实。尚未受理：3户。"));
  EXPECT_THAT(alert["annotations"]["description_en"].get<std::string>(),
              testing::EndsWith("at home. Not taken on yet: 3 households."));
  message.group.handling = Handling::kAcknowledged;
  message.waiting = "0";
  alert = BodyOfOne(message);
  EXPECT_EQ(alert["labels"]["acknowledged"], "true");
  EXPECT_EQ(alert["labels"].size(), 9u);
  EXPECT_THAT(alert["annotations"]["description_en"].get<std::string>(),
              testing::EndsWith("at home. Every case was taken on."));
  message.group.handling = Handling::kCounty;
  alert = BodyOfOne(message);
  EXPECT_EQ(alert["labels"]["level"], "county");
  EXPECT_FALSE(alert["labels"].contains("acknowledged"));
  EXPECT_THAT(alert["annotations"]["description_zh"].get<std::string>(),
              testing::EndsWith("有工单超期未办，已升级至县。"));
}

TEST_F(MessageTest, AnEndSaysWhereTheWarningsGoOnAsAnotherAlert) {
  Message message = Of(LowWages("520502001"), "12");
  message.firing = false;
  message.goes_on = Handling::kAcknowledged;
  const auto alert = BodyOfOne(message);
  EXPECT_FALSE(alert["labels"].contains("acknowledged")) << "those it was told with";
  EXPECT_THAT(alert["annotations"]["description_zh"].get<std::string>(),
              testing::EndsWith("工单均已受理。"));
}

TEST_F(MessageTest, WithoutALinkThereIsNone) {
  const auto alert = BodyOfOne(Of(LowWages("520502001"), "12"));
  EXPECT_FALSE(alert.contains("generatorURL"));
  EXPECT_FALSE(alert["annotations"].contains("link"));
}

TEST_F(MessageTest, ARuleThatNoPolicyHasAnyMoreIsCalledByItsName) {
  const WarningGroup gone{At("520502001"), "gone_rule", Severity::kOrange, RiskKind::kHousing};
  const auto alert = BodyOfOne(Of(gone, "12"));
  EXPECT_EQ(alert["labels"]["rule"], "gone_rule");
  EXPECT_EQ(alert["annotations"]["title_zh"], "gone_rule");
  EXPECT_EQ(alert["annotations"]["measure_en"], "");
}

TEST_F(MessageTest, NoHouseholdIsNamedAnywhere) {
  const std::string text =
      BodyOfOne(Of(LowWages("520502001"), "12"), "https://g/{division}").dump();
  EXPECT_EQ(text.find("520502001001"), std::string::npos);
}

TEST(LinkTest, FillsInEveryNameAndEncodesWhatNeedsIt) {
  WarningGroup group = LowWages("520502001");
  group.rule = "a b/c&é";
  EXPECT_EQ(LinkTo(group, "http://h/{province}/{prefecture}/{severity}?r={rule}&x={none}{"),
            "http://h/52/5205/red?r=a%20b%2Fc%26%C3%A9&x={none}{");
}

}  // namespace
}  // namespace shouwang::alerts
