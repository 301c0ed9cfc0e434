// Deliveries in a RocksStore's directory, in a column family of their own.
//
// Owned by whoever owns the store, which outlives it. Threads and failures: as
// storage/contract/deliveries.h says.
#pragma once

#include <string>
#include <vector>

#include "storage/contract/deliveries.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang {

class RocksDeliveries : public Deliveries {
 public:
  explicit RocksDeliveries(const RocksStore* store) : store_(store) {}

  absl::Status Record(std::span<const Delivery> deliveries) override;
  absl::Status ScanDeliveries(
      const DeliveryPosition& from,
      absl::FunctionRef<bool(const DeliveryPosition&, const Delivery&)> visit) const override;
  absl::StatusOr<std::vector<Delivery>> LoadStanding() const override;
  absl::Status ForgetStanding(std::string_view receiver) override;
  absl::Status DropBefore(Instant instant) override;

 private:
  const RocksStore* const store_;
};

}  // namespace shouwang
