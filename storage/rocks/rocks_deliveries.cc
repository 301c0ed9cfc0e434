#include "storage/rocks/rocks_deliveries.h"

#include "storage/rocks/database.h"
#include "storage/rocks/delivery_records.h"

namespace shouwang {
namespace {

using rocks::Database;
using rocks::Family;
using rocks::SliceOf;

// Past every key that begins with `prefix`, whose last byte is not the highest.
std::string EndOf(std::string prefix) {
  ++prefix.back();
  return prefix;
}

absl::Status DropRange(const Database& database, const std::string& from, const std::string& to,
                       std::string_view doing) {
  rocksdb::WriteBatch batch;
  batch.DeleteRange(database.Handle(Family::kDeliveries), SliceOf(from), SliceOf(to));
  return database.Write(&batch, doing);
}

}  // namespace

absl::Status RocksDeliveries::Record(std::span<const Delivery> deliveries) {
  const Database& database = store_->database();
  rocksdb::ColumnFamilyHandle* const family = database.Handle(Family::kDeliveries);
  rocksdb::WriteBatch batch;
  for (const Delivery& delivery : deliveries) {
    if (absl::Status status = CheckDelivery(delivery); !status.ok()) return status;
    const std::string value = rocks::WriteDelivery(delivery);
    batch.Put(family, SliceOf(rocks::DeliveryKey(PositionOf(delivery))), SliceOf(value));
    if (delivery.event == DeliveryEvent::kRefused) continue;
    const std::string standing = rocks::StandingKey(delivery.receiver, delivery.group);
    if (delivery.event == DeliveryEvent::kResolved) {
      batch.Delete(family, SliceOf(standing));
    } else {
      batch.Put(family, SliceOf(standing), SliceOf(value));
    }
  }
  if (batch.Count() == 0) return absl::OkStatus();
  return database.Write(&batch, "recording deliveries");
}

absl::Status RocksDeliveries::ScanDeliveries(
    const DeliveryPosition& from,
    absl::FunctionRef<bool(const DeliveryPosition&, const Delivery&)> visit) const {
  absl::Status damage;
  absl::Status status = store_->database().Scan(
      Family::kDeliveries, rocks::DeliveryKey(from), rocks::StandingPrefix(),
      [&](std::string_view key, std::string_view value) {
        const std::optional<Delivery> delivery = rocks::ReadDelivery(key, value);
        if (delivery) return visit(PositionOf(*delivery), *delivery);
        damage.Update(rocks::DamagedRecord("deliveries", key));
        return true;
      });
  status.Update(damage);
  return store_->database().Noted(std::move(status));
}

absl::StatusOr<std::vector<Delivery>> RocksDeliveries::LoadStanding() const {
  std::vector<Delivery> standing;
  absl::Status damage;
  absl::Status status = store_->database().Scan(
      Family::kDeliveries, rocks::StandingPrefix(), EndOf(rocks::StandingPrefix()),
      [&](std::string_view key, std::string_view value) {
        std::optional<Delivery> delivery = rocks::ReadDelivery(key, value);
        if (delivery) {
          standing.push_back(*std::move(delivery));
        } else {
          damage.Update(rocks::DamagedRecord("deliveries", key));
        }
        return true;
      });
  status.Update(damage);
  if (!status.ok()) return store_->database().Noted(std::move(status));
  return standing;
}

absl::Status RocksDeliveries::ForgetStanding(std::string_view receiver) {
  const std::string prefix = rocks::StandingPrefix(receiver);
  // What follows a prefix begins with a place, whose first byte is never the highest.
  return DropRange(store_->database(), prefix, prefix + '\xff', "forgetting what stands");
}

absl::Status RocksDeliveries::DropBefore(Instant instant) {
  return DropRange(store_->database(), rocks::DeliveryKey({Instant::min(), 0}),
                   rocks::DeliveryKey({instant, 0}), "dropping old deliveries");
}

}  // namespace shouwang
