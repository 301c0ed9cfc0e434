#include "daemon/alerts/alerts.h"

#include <prometheus/registry.h>

#include "absl/synchronization/notification.h"
#include "storage/memory/memory_deliveries.h"
#include "tests/daemon/alerts/groups.h"
#include "tests/daemon/alerts/http_server.h"

namespace shouwang::alerts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kTaken[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// Says when the first delivery is written down, and when old ones are dropped.
class AwaitedDeliveries final : public MemoryDeliveries {
 public:
  absl::Status Record(std::span<const Delivery> deliveries) override {
    const absl::Status status = MemoryDeliveries::Record(deliveries);
    if (!deliveries.empty() && !recorded.HasBeenNotified()) recorded.Notify();
    return status;
  }
  absl::Status DropBefore(Instant instant) override {
    const absl::Status status = MemoryDeliveries::DropBefore(instant);
    if (!dropped.HasBeenNotified()) dropped.Notify();
    return status;
  }
  absl::Notification recorded;
  absl::Notification dropped;
};

class AlertsTest : public testing::Test {
 protected:
  AlertsTest() : rulebook_(SmallRulebook()) {}

  std::unique_ptr<Alerts> Make(const std::vector<std::string>& alertmanagers) {
    AlertsSettings settings;
    settings.alertmanagers = alertmanagers;
    settings.interval = std::chrono::seconds(300);
    settings.timeout = std::chrono::seconds(60);
    return std::make_unique<Alerts>(settings, AlertsParts{.store = &county_.store(),
                                                          .deliveries = &deliveries_,
                                                          .rulebook = &rulebook_,
                                                          .registry = &registry_,
                                                          .now = [] { return At(kNowMs); },
                                                          .notice = [](std::string_view) {}});
  }
  static Delivery Fired(int64_t ms, const std::string& receiver) {
    Delivery delivery;
    delivery.sent_at = At(ms);
    delivery.receiver = receiver;
    delivery.group = LowWages("520502001");
    delivery.households = "12";
    delivery.firing_since = At(ms);
    return delivery;
  }
  std::vector<std::string> Receivers(const std::vector<Delivery>& deliveries) {
    std::vector<std::string> receivers;
    for (const Delivery& delivery : deliveries) receivers.push_back(delivery.receiver);
    return receivers;
  }

  WatchedCounty county_;
  CurrentRulebook rulebook_;
  AwaitedDeliveries deliveries_;
  prometheus::Registry registry_;
};

TEST_F(AlertsTest, OneThatHangsHoldsUpNeitherTheOtherNorTheStop) {
  county_.Tell(OpenIn("520502001", 101, Severity::kRed, 7));
  Server hangs("");
  Server answers(kTaken);
  const std::unique_ptr<Alerts> alerts = Make({hangs.url(), answers.url()});
  const auto start = std::chrono::steady_clock::now();
  alerts->Start();
  deliveries_.recorded.WaitForNotification();
  alerts->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(50))
      << "the timeout of a POST is 60 s, the interval 300 s";
  EXPECT_THAT(Receivers(*deliveries_.LoadStanding()), ElementsAre(answers.url()));
  alerts->Stop();
}

TEST_F(AlertsTest, WhatIsConfiguredNoMoreIsForgotten) {
  ASSERT_TRUE(
      deliveries_
          .Record(std::vector<Delivery>{Fired(kNowMs, "http://gone"), Fired(kNowMs, kAlertmanager)})
          .ok());
  Make({kAlertmanager});
  EXPECT_THAT(Receivers(*deliveries_.LoadStanding()), ElementsAre(kAlertmanager));
}

TEST_F(AlertsTest, WithoutAnAlertmanagerNothingRuns) {
  const std::unique_ptr<Alerts> alerts = Make({});
  alerts->Start();
  alerts->Stop();
  EXPECT_THAT(*deliveries_.LoadStanding(), IsEmpty());
}

TEST_F(AlertsTest, HistoryPastItsDaysIsDroppedAndWhatStandsStays) {
  Server nobody("");
  nobody.End();
  constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;
  ASSERT_TRUE(deliveries_
                  .Record(std::vector<Delivery>{Fired(kNowMs - 401 * kDayMs, nobody.url()),
                                                Fired(kNowMs - 399 * kDayMs, nobody.url())})
                  .ok());
  const std::unique_ptr<Alerts> alerts = Make({nobody.url()});
  alerts->Start();
  deliveries_.dropped.WaitForNotification();
  alerts->Stop();
  std::vector<Instant> kept;
  const auto keep = [&kept](const DeliveryPosition& position, const Delivery&) {
    kept.push_back(position.sent_at);
    return true;
  };
  ASSERT_TRUE(deliveries_.ScanDeliveries({}, keep).ok());
  EXPECT_THAT(kept, ElementsAre(At(kNowMs - 399 * kDayMs)));
  EXPECT_THAT(Receivers(*deliveries_.LoadStanding()), ElementsAre(nobody.url()));
}

}  // namespace
}  // namespace shouwang::alerts
