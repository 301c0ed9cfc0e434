#include "storage/rocks/delivery_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/rocks/database.h"
#include "storage/rocks/rocks_deliveries.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang::rocks {
namespace {

Delivery Sample() {
  Delivery delivery;
  delivery.sent_at = At(1'700'000'000'000);
  delivery.receiver = "http://127.0.0.1:9093";
  delivery.group = {Div("520502001"), "income_below_line", Severity::kRed, RiskKind::kIncome};
  delivery.event = DeliveryEvent::kRefused;
  delivery.households = "<5";
  delivery.firing_since = At(1'600'000'000'000);
  delivery.answer = "400 标签无效";
  return delivery;
}

TEST(DeliveryRecordsTest, WhatIsWrittenIsReadUnderBothKinds) {
  const std::string value = WriteDelivery(Sample());
  EXPECT_EQ(ReadDelivery(DeliveryKey(PositionOf(Sample())), value), Sample());
  EXPECT_EQ(ReadDelivery(StandingKey(Sample().receiver, Sample().group), value), Sample());
}

TEST(DeliveryRecordsTest, TheBytesAreThoseOfTheDescription) {
  EXPECT_EQ(
      DeliveryKey({At(1), 2}),
      std::string("\x00\x80\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x02", 17));
  Delivery delivery;
  delivery.sent_at = At(1);
  delivery.receiver = "r";
  delivery.group = {Div("520502001"), "x", Severity::kOrange, RiskKind::kHousing};
  delivery.event = DeliveryEvent::kChanged;
  delivery.households = "12";
  delivery.firing_since = At(-1);
  EXPECT_EQ(
      WriteDelivery(delivery),
      std::string("\x01\x02\x01r\xf1\xf5\x98\xf8\x01\x01x\x02\x0a\x02\x02\x31\x32\x01\x00", 19));
  EXPECT_EQ(StandingKey("r", delivery.group),
            std::string("\x01\x01r\x79\x30\x56\x3d\x68\x01x\x02\x0a", 12));
}

TEST(DeliveryRecordsTest, AHandlingStandsBehindTheRestUnderItsOwnVersion) {
  Delivery delivery = Sample();
  std::string open = WriteDelivery(delivery);
  delivery.group.handling = Handling::kCounty;
  open[0] = '\x02';
  const std::string value = WriteDelivery(delivery);
  EXPECT_EQ(value, open + '\x03');
  EXPECT_EQ(StandingKey("r", delivery.group), StandingKey("r", Sample().group) + '\x03');
  EXPECT_NE(PositionOf(delivery).tie, PositionOf(Sample()).tie);
  EXPECT_EQ(ReadDelivery(DeliveryKey(PositionOf(delivery)), value), delivery);
  EXPECT_EQ(ReadDelivery(StandingKey(delivery.receiver, delivery.group), value), delivery);
  EXPECT_EQ(ReadDelivery(StandingKey(delivery.receiver, Sample().group), value), std::nullopt);
  EXPECT_EQ(ReadDelivery(DeliveryKey(PositionOf(delivery)), open + '\x05'), std::nullopt);
  EXPECT_EQ(ReadDelivery(DeliveryKey(PositionOf(Sample())), open + '\x00'), std::nullopt)
      << "open is written as version 1";
}

TEST(DeliveryRecordsTest, CutOrChangedBytesAreRefused) {
  const std::string key = DeliveryKey(PositionOf(Sample()));
  const std::string value = WriteDelivery(Sample());
  for (size_t length = 0; length < value.size(); ++length) {
    EXPECT_EQ(ReadDelivery(key, value.substr(0, length)), std::nullopt) << length;
  }
  EXPECT_EQ(ReadDelivery(key, value + '\0'), std::nullopt);
  EXPECT_EQ(ReadDelivery(key, '\x02' + value.substr(1)), std::nullopt);
  EXPECT_EQ(ReadDelivery("", value), std::nullopt);
  EXPECT_EQ(ReadDelivery(DeliveryKey({Sample().sent_at, 1}), value), std::nullopt);
  EXPECT_EQ(ReadDelivery(StandingKey("http://elsewhere", Sample().group), value), std::nullopt);
}

// A record under a key of the history that no reader can make sense of.
void Damage(const RocksStore& store) {
  rocksdb::WriteBatch batch;
  batch.Put(store.database().Handle(Family::kDeliveries), SliceOf(DeliveryKey({At(5), 1})), "x");
  ASSERT_TRUE(store.database().Write(&batch, "test").ok());
}

TEST(RocksDeliveriesTest, ADamagedRecordIsDataLossAndTheOthersAreShown) {
  TemporaryDirectory directory;
  const auto store = OpenRocks(SmallRocks(directory.path()));
  RocksDeliveries deliveries(store.get());
  ASSERT_TRUE(deliveries.Record(std::vector<Delivery>{Sample()}).ok());
  Damage(*store);
  std::vector<Delivery> shown;
  const absl::Status status = deliveries.ScanDeliveries({}, [&](const auto&, const Delivery& one) {
    shown.push_back(one);
    return true;
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(shown, testing::ElementsAre(Sample()));
  EXPECT_EQ(store->Statistics().damage, 1u);
}

}  // namespace
}  // namespace shouwang::rocks
