// Deliveries in memory, for tests: the plain statement of what storage/contract/deliveries.h says.
//
// Threads: any; one mutex, never held while a visitor runs. Failures: the contract's own checks.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/contract/deliveries.h"

namespace shouwang {

class MemoryDeliveries : public Deliveries {
 public:
  absl::Status Record(std::span<const Delivery> deliveries) override;
  absl::Status ScanDeliveries(
      const DeliveryPosition& from,
      absl::FunctionRef<bool(const DeliveryPosition&, const Delivery&)> visit) const override;
  absl::StatusOr<std::vector<Delivery>> LoadStanding() const override;
  absl::Status ForgetStanding(std::string_view receiver) override;
  absl::Status DropBefore(Instant instant) override;

 private:
  mutable absl::Mutex mutex_;
  std::map<DeliveryPosition, Delivery> history_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, WarningGroup>, Delivery> standing_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang
