#include "daemon/alerts/sender.h"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "storage/memory/memory_deliveries.h"
#include "tests/daemon/alerts/groups.h"

namespace shouwang::alerts {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A history that a full disk keeps from being written.
class FullDisk final : public MemoryDeliveries {
 public:
  absl::Status Record(std::span<const Delivery> deliveries) override {
    if (full) return absl::UnavailableError("the disk is full");
    return MemoryDeliveries::Record(deliveries);
  }
  bool full = false;
};

class SenderTest : public testing::Test {
 protected:
  SenderTest() : rulebook_(SmallRulebook()) { Restart(); }

  // Anew, as after a restart of the daemon: only what the store and the history hold is left.
  void Restart() {
    auto http = std::make_unique<ScriptedHttp>();
    http_ = http.get();
    const auto standing = deliveries_.LoadStanding();
    ASSERT_TRUE(standing.ok());
    sender_ = std::make_unique<Sender>(
        SenderParts{.store = &county_.store(),
                    .deliveries = &deliveries_,
                    .rulebook = &rulebook_,
                    .metrics = &metrics_,
                    .now = [this] { return now_; },
                    .notice = [this](std::string_view what) { notices_.emplace_back(what); },
                    .link = "",
                    .min_cell = 5,
                    .lifetime = std::chrono::hours(1)},
        kAlertmanager, std::move(http), *standing);
  }
  std::vector<std::string> History() {
    std::vector<std::string> words;
    EXPECT_TRUE(deliveries_
                    .ScanDeliveries({},
                                    [&](const auto&, const Delivery& delivery) {
                                      words.push_back(std::string(EventName(delivery.event)) + " " +
                                                      delivery.group.township.ToString() + " " +
                                                      delivery.households + delivery.answer);
                                      return true;
                                    })
                    .ok());
    return words;
  }
  std::string Metrics() { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

  WatchedCounty county_;
  CurrentRulebook rulebook_;
  FullDisk deliveries_;
  prometheus::Registry registry_;
  AlertsMetrics metrics_{&registry_, {kAlertmanager}};
  Instant now_ = At(kNowMs);
  std::vector<std::string> notices_;
  ScriptedHttp* http_ = nullptr;
  std::unique_ptr<Sender> sender_;
};

TEST_F(SenderTest, TellsTheAlertmanagerAndWritesDownThatItDid) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 7));
  EXPECT_TRUE(sender_->Round());
  ASSERT_THAT(http_->bodies, SizeIs(1));
  EXPECT_EQ(http_->bodies[0][0]["annotations"]["households"], "7");
  EXPECT_THAT(History(), ElementsAre("fired 520502001 7"));
  now_ += minutes(1);
  EXPECT_TRUE(sender_->Round());
  EXPECT_THAT(http_->bodies, SizeIs(2)) << "told again";
  EXPECT_THAT(History(), SizeIs(1)) << "and not written again";
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, -7));
  now_ += minutes(1);
  EXPECT_TRUE(sender_->Round());
  EXPECT_EQ(http_->bodies[2][0]["endsAt"], "2026-11-15T04:02:00.000Z");
  EXPECT_THAT(History(), ElementsAre("fired 520502001 7", "resolved 520502001 "));
  EXPECT_THAT(notices_, IsEmpty());
}

TEST_F(SenderTest, AnAlertmanagerThatIsAwayForAnHourIsToldHowThingsStandThen) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 7));
  EXPECT_TRUE(sender_->Round());
  http_->down = absl::UnavailableError("Connection refused");
  for (int minute = 0; minute < 60; ++minute) {
    now_ += minutes(1);
    EXPECT_FALSE(sender_->Round());
    // Much happens meanwhile; nothing of it may pile up.
    county_.Tell(OpenIn("520502002", 101, Severity::kRed, 1));
  }
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, -7));
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("alerts are not delivered: Connection refused")));
  EXPECT_THAT(History(), SizeIs(1));
  http_->down = absl::OkStatus();
  http_->bodies.clear();
  now_ += minutes(1);
  EXPECT_TRUE(sender_->Round());
  ASSERT_THAT(http_->bodies, SizeIs(1));
  EXPECT_THAT(http_->bodies[0], SizeIs(2));
  EXPECT_THAT(History(), testing::UnorderedElementsAre("fired 520502001 7", "fired 520502002 60",
                                                       "resolved 520502001 "));
  EXPECT_THAT(notices_.back(), HasSubstr("alerts are not delivered: over"));
  EXPECT_THAT(Metrics(), HasSubstr("shouwang_alerts_last_success_timestamp_seconds{alertmanager="
                                   "\"http://127.0.0.1:9093\"} 1794718860"));
}

TEST_F(SenderTest, ARestartTellsOfWhatClearedWhileTheDaemonWasAway) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 7));
  county_.Tell(OpenIn("520502002", 101, Severity::kRed, 7));
  EXPECT_TRUE(sender_->Round());
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, -7));
  now_ += minutes(30);
  Restart();
  EXPECT_TRUE(sender_->Round());
  ASSERT_THAT(http_->bodies, SizeIs(1));
  EXPECT_EQ(http_->bodies[0][1]["labels"]["division"], "520502001");
  EXPECT_EQ(http_->bodies[0][1]["endsAt"], "2026-11-15T04:30:00.000Z");
  EXPECT_EQ(http_->bodies[0][0]["startsAt"], "2026-11-15T04:00:00.000Z") << "the start is kept";
  EXPECT_THAT(History(), testing::UnorderedElementsAre("fired 520502001 7", "fired 520502002 7",
                                                       "resolved 520502001 "));
}

TEST_F(SenderTest, OneAlertThatIsRefusedKeepsNoOtherBackAndIsWrittenDown) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 7));
  county_.Tell(OpenIn("520502002", 101, Severity::kRed, 8));
  http_->refused = {"520502001"};
  EXPECT_TRUE(sender_->Round());
  EXPECT_TRUE(sender_->Round());
  EXPECT_THAT(History(), testing::UnorderedElementsAre("refused 520502001 7400 bad 520502001",
                                                       "fired 520502002 8"));
  EXPECT_THAT(notices_, ElementsAre("http://127.0.0.1:9093: refuses the alert about wage_low in "
                                    "520502001: 400 bad 520502001"));
  EXPECT_THAT(
      Metrics(),
      testing::AllOf(
          HasSubstr("shouwang_alerts_sent_total{alertmanager=\"http://127.0.0.1:9093\",outcome="
                    "\"refused\"} 2"),
          HasSubstr("shouwang_alerts_last_success_timestamp_seconds{alertmanager=\"http://"
                    "127.0.0.1:9093\"} 0")));
}

TEST_F(SenderTest, WhatTheDiskDidNotTakeIsWrittenLater) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 7));
  deliveries_.full = true;
  EXPECT_TRUE(sender_->Round()) << "it was delivered all the same";
  EXPECT_THAT(History(), IsEmpty());
  EXPECT_THAT(notices_, ElementsAre(HasSubstr("the disk is full")));
  deliveries_.full = false;
  now_ += minutes(1);
  EXPECT_TRUE(sender_->Round());
  EXPECT_THAT(History(), ElementsAre("fired 520502001 7"));
  EXPECT_THAT(Metrics(), HasSubstr("shouwang_alerts_not_recorded_total{alertmanager=\"http://"
                                   "127.0.0.1:9093\"} 1"));
}

TEST_F(SenderTest, EverySeriesIsThereFromTheStart) {
  const std::string metrics = Metrics();
  for (const char* series :
       {"shouwang_alerts_firing 0", "shouwang_alerts_left_out 0",
        "shouwang_alerts_sent_total{alertmanager=\"http://127.0.0.1:9093\",outcome=\"delivered\"} "
        "0",
        "shouwang_alerts_sent_total{alertmanager=\"http://127.0.0.1:9093\",outcome=\"refused\"} 0",
        "shouwang_alerts_sent_total{alertmanager=\"http://127.0.0.1:9093\",outcome=\"failed\"} 0",
        "shouwang_alerts_not_recorded_total{alertmanager=\"http://127.0.0.1:9093\"} 0",
        "shouwang_alerts_last_success_timestamp_seconds{alertmanager=\"http://127.0.0.1:9093\"} "
        "0"}) {
    EXPECT_THAT(metrics, HasSubstr(series));
  }
}

}  // namespace
}  // namespace shouwang::alerts
