#include "storage/memory/memory_deliveries.h"

namespace shouwang {

absl::Status MemoryDeliveries::Record(std::span<const Delivery> deliveries) {
  for (const Delivery& delivery : deliveries) {
    if (absl::Status status = CheckDelivery(delivery); !status.ok()) return status;
  }
  absl::MutexLock lock(&mutex_);
  for (const Delivery& delivery : deliveries) {
    history_[PositionOf(delivery)] = delivery;
    if (delivery.event == DeliveryEvent::kRefused) continue;
    if (delivery.event == DeliveryEvent::kResolved) {
      standing_.erase({delivery.receiver, delivery.group});
    } else {
      standing_[{delivery.receiver, delivery.group}] = delivery;
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryDeliveries::ScanDeliveries(
    const DeliveryPosition& from,
    absl::FunctionRef<bool(const DeliveryPosition&, const Delivery&)> visit) const {
  std::map<DeliveryPosition, Delivery> snapshot;
  {
    absl::MutexLock lock(&mutex_);
    snapshot.insert(history_.lower_bound(from), history_.end());
  }
  for (const auto& [position, delivery] : snapshot) {
    if (!visit(position, delivery)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Delivery>> MemoryDeliveries::LoadStanding() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Delivery> standing;
  for (const auto& [key, delivery] : standing_) standing.push_back(delivery);
  return standing;
}

absl::Status MemoryDeliveries::ForgetStanding(std::string_view receiver) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(standing_, [&](const auto& entry) { return entry.first.first == receiver; });
  return absl::OkStatus();
}

absl::Status MemoryDeliveries::DropBefore(Instant instant) {
  absl::MutexLock lock(&mutex_);
  history_.erase(history_.begin(), history_.lower_bound({instant, 0}));
  return absl::OkStatus();
}

}  // namespace shouwang
