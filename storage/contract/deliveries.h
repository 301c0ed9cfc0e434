// What Alertmanagers were told of open warnings, and when: an append-only history, and beside it
// what each of them was told last and has not been told is over. Beside the Store contract, since
// only alerts and their listing need it.
//
// Threads: any. Failures: as Store; what is recorded is durable when Record returns OK.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/warning.h"

namespace shouwang {

// What people do about the warnings of a group, as its alert tells it: part of what an alert is,
// since it is routed by it.
enum class Handling : uint8_t {
  kOpen = 0,          // a household of it waits for somebody to take it on
  kAcknowledged = 1,  // every household's case was taken on, and none went up
  kTownship = 2,      // a case of it was not taken on in time and is the township's now,
  kCounty = 3,        // or the county's,
  kPrefecture = 4,    // or the prefecture's
};
// "open", "acknowledged", "township", "county", "prefecture"; empty for any other.
std::string_view HandlingName(Handling handling);

// The open warnings of one rule and severity in one township: what one alert is about. By the
// rule's name, so that the record can be read when no policy has the rule any more.
struct WarningGroup {
  Division township;
  std::string rule;
  Severity severity = Severity::kYellow;
  RiskKind kind = RiskKind::kIncome;
  Handling handling = Handling::kOpen;
  friend auto operator<=>(const WarningGroup&, const WarningGroup&) = default;
};

enum class DeliveryEvent : uint8_t {
  kFired = 1,     // told for the first time, or again after it was over
  kChanged = 2,   // told of another number of households
  kResolved = 3,  // told that it is over
  kRefused = 4,   // not taken: `answer` says why
};
// "fired", "changed", "resolved", "refused".
std::string_view EventName(DeliveryEvent event);

// One thing that one Alertmanager was told, or would not take.
struct Delivery {
  Instant sent_at{};
  std::string receiver;  // the Alertmanager's address
  WarningGroup group;
  DeliveryEvent event = DeliveryEvent::kFired;
  std::string households;  // as it was told: "12", "<5"; empty where over
  Instant firing_since{};  // what the alert gave as its start
  std::string answer;      // kRefused only
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

// Bounds of the texts, in bytes.
inline constexpr size_t kMaxReceiverBytes = 256;
inline constexpr size_t kMaxRuleNameBytes = 256;
inline constexpr size_t kMaxHouseholdsBytes = 32;
inline constexpr size_t kMaxAnswerBytes = 512;

// What is refused before anything is written: InvalidArgument for a township of another level, a
// text that is too long or empty where it must not be, a word that does not exist, an instant
// outside 1900 to 2199.
absl::Status CheckDelivery(const Delivery& delivery);

// Where a delivery stands in the history: by time, and among those of one millisecond by a number
// that tells them apart and follows from what they are.
struct DeliveryPosition {
  Instant sent_at{};
  uint64_t tie = 0;
  friend auto operator<=>(const DeliveryPosition&, const DeliveryPosition&) = default;
};
DeliveryPosition PositionOf(const Delivery& delivery);

class Deliveries {
 public:
  virtual ~Deliveries() = default;

  // Appends all of them or none. Of one group and receiver, what was recorded last stands: fired or
  // changed until resolved; a refusal leaves what stood.
  virtual absl::Status Record(std::span<const Delivery> deliveries) = 0;
  // The history from `from` on, oldest first, on one snapshot. Stops early when `visit` returns
  // false.
  virtual absl::Status ScanDeliveries(
      const DeliveryPosition& from,
      absl::FunctionRef<bool(const DeliveryPosition&, const Delivery&)> visit) const = 0;
  // What stands, in any order.
  virtual absl::StatusOr<std::vector<Delivery>> LoadStanding() const = 0;
  // Forgets what stands at `receiver`; its history stays.
  virtual absl::Status ForgetStanding(std::string_view receiver) = 0;
  // Drops the history before `instant`; what stands stays.
  virtual absl::Status DropBefore(Instant instant) = 0;
};

}  // namespace shouwang
