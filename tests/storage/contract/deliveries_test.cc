// What every keeper of deliveries promises.
#include "storage/contract/deliveries.h"

#include "storage/memory/memory_deliveries.h"
#include "storage/rocks/rocks_deliveries.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr char kFirst[] = "http://127.0.0.1:9093";
constexpr char kSecond[] = "http://127.0.0.1:9193";

Delivery Told(int64_t ms, DeliveryEvent event, std::string_view township = "520502001",
              const std::string& receiver = kFirst) {
  Delivery delivery;
  delivery.sent_at = At(ms);
  delivery.receiver = receiver;
  delivery.group = {Div(township), "income_below_line", Severity::kRed, RiskKind::kIncome};
  delivery.event = event;
  delivery.households = event == DeliveryEvent::kResolved ? "" : "12";
  delivery.firing_since = At(1'000);
  return delivery;
}

class MemoryKept {
 public:
  Deliveries& deliveries() { return deliveries_; }
  void Reopen() {}

 private:
  MemoryDeliveries deliveries_;
};

class RocksKept {
 public:
  Deliveries& deliveries() { return *deliveries_; }
  void Reopen() {
    deliveries_.reset();
    store_.reset();
    Open();
  }
  RocksKept() { Open(); }

 private:
  void Open() {
    store_ = OpenRocks(SmallRocks(directory_.path()));
    deliveries_ = std::make_unique<RocksDeliveries>(store_.get());
  }

  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> store_;
  std::unique_ptr<RocksDeliveries> deliveries_;
};

template <typename Kept>
class DeliveriesTest : public testing::Test {
 protected:
  void Record(const std::vector<Delivery>& deliveries) {
    const absl::Status status = kept_.deliveries().Record(deliveries);
    ASSERT_TRUE(status.ok()) << status;
  }
  std::vector<Delivery> History(const DeliveryPosition& from = {}) {
    std::vector<Delivery> history;
    const absl::Status status = kept_.deliveries().ScanDeliveries(
        from, [&](const DeliveryPosition& position, const Delivery& delivery) {
          EXPECT_EQ(position, PositionOf(delivery));
          history.push_back(delivery);
          return true;
        });
    EXPECT_TRUE(status.ok()) << status;
    return history;
  }
  std::vector<Delivery> Standing() {
    const auto standing = kept_.deliveries().LoadStanding();
    EXPECT_TRUE(standing.ok()) << standing.status();
    return *standing;
  }

  Kept kept_;
};

using Keepers = testing::Types<MemoryKept, RocksKept>;
TYPED_TEST_SUITE(DeliveriesTest, Keepers);

TYPED_TEST(DeliveriesTest, TheHistoryIsReadInTheOrderOfTime) {
  const Delivery fired = Told(2'000, DeliveryEvent::kFired);
  Delivery refused = Told(4'000, DeliveryEvent::kRefused, "520603001");
  refused.answer = "400 无效";
  const Delivery before_1970 = Told(-5'000, DeliveryEvent::kFired, "520502002");
  this->Record({refused});
  this->Record({fired, before_1970});
  this->kept_.Reopen();
  EXPECT_THAT(this->History({At(-10'000), 0}), ElementsAre(before_1970, fired, refused));
  EXPECT_THAT(this->History({At(2'001), 0}), ElementsAre(refused));
  DeliveryPosition behind = PositionOf(fired);
  EXPECT_THAT(this->History(behind), ElementsAre(fired, refused));
  ++behind.tie;
  EXPECT_THAT(this->History(behind), ElementsAre(refused));
}

TYPED_TEST(DeliveriesTest, AScanStopsWhereTheVisitorSays) {
  this->Record({Told(1, DeliveryEvent::kFired), Told(2, DeliveryEvent::kResolved)});
  int visited = 0;
  ASSERT_TRUE(this->kept_.deliveries()
                  .ScanDeliveries({}, [&](const auto&, const auto&) { return ++visited < 1; })
                  .ok());
  EXPECT_EQ(visited, 1);
}

TYPED_TEST(DeliveriesTest, ToldInTheSameMillisecondAreAllKept) {
  std::vector<Delivery> told;
  for (const std::string& receiver : {std::string(kFirst), std::string(kSecond)}) {
    for (const std::string_view township : {"520502001", "520502002"}) {
      told.push_back(Told(7, DeliveryEvent::kFired, township, receiver));
      told.push_back(told.back());
      told.back().group.severity = Severity::kYellow;
      told.push_back(told.back());
      told.back().group.kind = RiskKind::kHousing;
      told.push_back(told.back());
      told.back().group.rule = "other";
    }
  }
  this->Record(told);
  EXPECT_THAT(this->History(), testing::UnorderedElementsAreArray(told));
}

TYPED_TEST(DeliveriesTest, WhatFiredStandsUntilItIsResolvedWhereItFired) {
  const Delivery here = Told(1, DeliveryEvent::kFired);
  const Delivery there = Told(1, DeliveryEvent::kFired, "520502001", kSecond);
  Delivery changed = Told(2, DeliveryEvent::kChanged);
  changed.households = "50";
  this->Record({here, there});
  this->Record({changed});
  this->kept_.Reopen();
  EXPECT_THAT(this->Standing(), UnorderedElementsAre(changed, there));
  this->Record({Told(3, DeliveryEvent::kResolved)});
  this->kept_.Reopen();
  EXPECT_THAT(this->Standing(), ElementsAre(there));
  EXPECT_EQ(this->History().size(), 4u);
}

TYPED_TEST(DeliveriesTest, ARefusalChangesNothingThatStands) {
  Delivery refused = Told(2, DeliveryEvent::kRefused);
  refused.answer = "400";
  this->Record({Told(1, DeliveryEvent::kFired), refused});
  EXPECT_THAT(this->Standing(), ElementsAre(Told(1, DeliveryEvent::kFired)));
}

TYPED_TEST(DeliveriesTest, AReceiverIsForgottenAloneAndItsHistoryStays) {
  // One name begins the other.
  const Delivery shorter = Told(1, DeliveryEvent::kFired, "520502001", "http://a");
  const Delivery longer = Told(1, DeliveryEvent::kFired, "520502001", "http://a/b");
  this->Record({shorter, longer});
  ASSERT_TRUE(this->kept_.deliveries().ForgetStanding("http://a").ok());
  this->kept_.Reopen();
  EXPECT_THAT(this->Standing(), ElementsAre(longer));
  EXPECT_EQ(this->History().size(), 2u);
}

TYPED_TEST(DeliveriesTest, OldHistoryIsDroppedAndWhatStandsStays) {
  this->Record({Told(1'000, DeliveryEvent::kFired), Told(1'999, DeliveryEvent::kChanged),
                Told(2'000, DeliveryEvent::kChanged)});
  ASSERT_TRUE(this->kept_.deliveries().DropBefore(At(2'000)).ok());
  this->kept_.Reopen();
  EXPECT_THAT(this->History(), ElementsAre(Told(2'000, DeliveryEvent::kChanged)));
  ASSERT_TRUE(this->kept_.deliveries().DropBefore(At(9'000)).ok());
  EXPECT_THAT(this->History(), IsEmpty());
  EXPECT_THAT(this->Standing(), ElementsAre(Told(2'000, DeliveryEvent::kChanged)));
}

TYPED_TEST(DeliveriesTest, WhatCannotBeIsRefusedAndNothingOfItsBatchIsKept) {
  const auto refuses = [&](const std::string& message, const auto& change) {
    Delivery bad = Told(2, DeliveryEvent::kFired);
    change(&bad);
    const absl::Status status =
        this->kept_.deliveries().Record(std::vector<Delivery>{Told(1, DeliveryEvent::kFired), bad});
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  };
  refuses("county '520502' is no township", [](Delivery* d) { d->group.township = Div("520502"); });
  refuses("receiver is empty", [](Delivery* d) { d->receiver.clear(); });
  refuses("rule is empty", [](Delivery* d) { d->group.rule.clear(); });
  refuses("rule has 257 bytes; at most 256 are kept",
          [](Delivery* d) { d->group.rule.assign(257, 'r'); });
  refuses("answer has 513 bytes", [](Delivery* d) { d->answer.assign(513, 'a'); });
  refuses("no severity 4", [](Delivery* d) { d->group.severity = static_cast<Severity>(4); });
  refuses("no risk kind 99", [](Delivery* d) { d->group.kind = static_cast<RiskKind>(99); });
  refuses("no event 0", [](Delivery* d) { d->event = static_cast<DeliveryEvent>(0); });
  refuses("sent_at is", [](Delivery* d) { d->sent_at = At(9'000'000'000'000); });
  EXPECT_THAT(this->History(), IsEmpty());
  EXPECT_THAT(this->Standing(), IsEmpty());
}

}  // namespace
}  // namespace shouwang
