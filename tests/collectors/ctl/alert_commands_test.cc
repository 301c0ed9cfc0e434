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

class AlertCommandsTest : public ::testing::Test {
 protected:
  AlertCommandsTest() {
    for (int i = 0; i < 3; ++i) {
      v1::Delivery delivery;
      delivery.set_sent_at_ms(1'791'189'000'000 + i);
      delivery.set_alertmanager("http://127.0.0.1:9093");
      delivery.set_event(v1::DELIVERY_EVENT_FIRED);
      delivery.set_division("520502001");
      delivery.set_division_path("贵州省 / 毕节市");
      delivery.set_rule("medical_burden");
      delivery.set_rule_title_zh("医疗负担过重");
      delivery.set_rule_title_en("medical burden");
      delivery.set_severity(v1::SEVERITY_RED);
      delivery.set_risk_kind("illness");
      delivery.set_households("<5");
      delivery.set_firing_since_ms(1'791'189'000'000);
      daemon_.deliveries.push_back(delivery);
    }
    daemon_.deliveries[1].set_event(v1::DELIVERY_EVENT_RESOLVED);
    daemon_.deliveries[1].clear_households();
    daemon_.deliveries[2].set_event(v1::DELIVERY_EVENT_REFUSED);
    daemon_.deliveries[2].set_answer("400 no");
  }
  std::string Run(const AlertsArguments& arguments, Output output = Output::kTable,
                  Language language = Language::kEnglish) {
    std::ostringstream out;
    Alerts(Session({daemon_.address(), std::chrono::seconds(20), output, language}, out),
           arguments);
    return out.str();
  }

  FakeDaemon daemon_;
};

TEST_F(AlertCommandsTest, ATableTellsWhoWasToldWhat) {
  const std::string text = Run({.region = "5205", .since = "2026-10-05"});
  EXPECT_THAT(text, AllOf(HasSubstr("medical burden"), HasSubstr("http://127.0.0.1:9093"),
                          HasSubstr("fired"), HasSubstr("<5"), HasSubstr("resolved"),
                          HasSubstr("refused"), HasSubstr("400 no"), Not(HasSubstr("--all"))));
  ASSERT_EQ(daemon_.deliveries_requests.size(), 2u);
  EXPECT_EQ(daemon_.deliveries_requests[0].region(), "5205");
  // 2026-10-05T00:00 in China.
  EXPECT_EQ(daemon_.deliveries_requests[0].from_ms(),
            ParseInstant("2026-10-04T16:00:00Z")->time_since_epoch().count());
  EXPECT_EQ(daemon_.deliveries_requests[1].page_token(), "2");
  EXPECT_THAT(Run({}, Output::kTable, Language::kChinese),
              AllOf(HasSubstr("医疗负担过重"), HasSubstr("解除")));
}

TEST_F(AlertCommandsTest, TheLimitEndsTheListingAndSaysSo) {
  const std::string text = Run({.region = "", .since = "", .limit = 1});
  EXPECT_THAT(text, AllOf(HasSubstr("the first 1; there are more"), Not(HasSubstr("resolved"))));
  EXPECT_THAT(Run({.region = "", .since = "", .limit = 1}, Output::kTable, Language::kChinese),
              HasSubstr("以上为前 1 条"));
}

TEST_F(AlertCommandsTest, JsonNamesEverything) {
  const Json json =
      Json::parse(Run({.region = "", .since = "2026-10-05T08:30:00Z"}, Output::kJson));
  ASSERT_EQ(json.size(), 3u);
  EXPECT_EQ(json[0], Json::parse(R"({"sent_at": "2026-10-05T08:30:00.000Z",
                            "alertmanager": "http://127.0.0.1:9093", "event": "fired",
                            "division": "520502001", "division_path": "贵州省 / 毕节市",
                            "rule": "medical_burden", "rule_title_zh": "医疗负担过重",
                            "rule_title_en": "medical burden", "severity": "red",
                            "risk_kind": "illness", "handling": null, "households": "<5",
                            "firing_since": "2026-10-05T08:30:00.000Z", "answer": null})"));
  EXPECT_EQ(json[1]["households"], Json());
  EXPECT_EQ(json[2]["answer"], "400 no");
}

TEST_F(AlertCommandsTest, ASinceThatIsNoDayIsTold) {
  try {
    Run({.region = "", .since = "yesterday"});
    FAIL() << "nothing was said";
  } catch (const Failure& failure) {
    EXPECT_THAT(failure.text, HasSubstr("--since 'yesterday': write a day"));
  }
}

TEST_F(AlertCommandsTest, NothingToldIsSaid) {
  daemon_.deliveries.clear();
  EXPECT_EQ(Run({}), "nothing was told about it since then\n");
}

}  // namespace
}  // namespace shouwang::ctl
