#include "storage/rocks/delivery_records.h"

#include "storage/blocks/block_key.h"
#include "storage/blocks/bytes.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 1;
// Of a group that is not simply open: the same, and its handling behind it.
constexpr uint8_t kVersionWithHandling = 2;
constexpr uint64_t kSignBit = uint64_t{1} << 63;
// The first byte of a key.
constexpr char kHistory = 0;
constexpr char kStanding = 1;
constexpr uint64_t kVillagesPerTownship = 1000;

int64_t MsOf(Instant instant) { return instant.time_since_epoch().count(); }
Instant InstantOf(int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }

}  // namespace

std::string DeliveryKey(const DeliveryPosition& position) {
  std::string key(1, kHistory);
  AppendBigEndian(static_cast<uint64_t>(MsOf(position.sent_at)) ^ kSignBit, 8, &key);
  AppendBigEndian(position.tie, 8, &key);
  return key;
}

std::string StandingPrefix() { return std::string(1, kStanding); }

std::string StandingPrefix(std::string_view receiver) {
  std::string key = StandingPrefix();
  AppendBytes(receiver, &key);
  return key;
}

std::string StandingKey(std::string_view receiver, const WarningGroup& group) {
  std::string key = StandingPrefix(receiver);
  AppendBigEndian(group.township.FirstVillageCode(), 5, &key);
  AppendBytes(group.rule, &key);
  key.push_back(static_cast<char>(group.severity));
  key.push_back(static_cast<char>(group.kind));
  if (group.handling != Handling::kOpen) key.push_back(static_cast<char>(group.handling));
  return key;
}

std::string WriteDelivery(const Delivery& delivery) {
  const bool open = delivery.group.handling == Handling::kOpen;
  std::string value(1, static_cast<char>(open ? kVersion : kVersionWithHandling));
  AppendZigZag(MsOf(delivery.sent_at), &value);
  AppendBytes(delivery.receiver, &value);
  AppendVarint(delivery.group.township.code(), &value);
  AppendBytes(delivery.group.rule, &value);
  value.push_back(static_cast<char>(delivery.group.severity));
  value.push_back(static_cast<char>(delivery.group.kind));
  value.push_back(static_cast<char>(delivery.event));
  AppendBytes(delivery.households, &value);
  AppendZigZag(MsOf(delivery.firing_since), &value);
  AppendBytes(delivery.answer, &value);
  if (!open) value.push_back(static_cast<char>(delivery.group.handling));
  return value;
}

std::optional<Delivery> ReadDelivery(std::string_view key, std::string_view value) {
  ByteReader in(value);
  const uint8_t version = in.Byte();
  if (version != kVersion && version != kVersionWithHandling) return std::nullopt;
  Delivery delivery;
  delivery.sent_at = InstantOf(in.ZigZag());
  delivery.receiver = in.LengthAndBytes();
  const uint64_t township = in.Varint();
  if (township >= 1'000'000'000) return std::nullopt;
  delivery.group.township =
      Division::OfVillageCode(township * kVillagesPerTownship, DivisionLevel::kTownship);
  delivery.group.rule = in.LengthAndBytes();
  delivery.group.severity = static_cast<Severity>(in.Byte());
  delivery.group.kind = static_cast<RiskKind>(in.Byte());
  delivery.event = static_cast<DeliveryEvent>(in.Byte());
  delivery.households = in.LengthAndBytes();
  delivery.firing_since = InstantOf(in.ZigZag());
  delivery.answer = in.LengthAndBytes();
  if (version == kVersionWithHandling) {
    delivery.group.handling = static_cast<Handling>(in.Byte());
    if (delivery.group.handling == Handling::kOpen) return std::nullopt;
  }
  if (!in.done() || !CheckDelivery(delivery).ok()) return std::nullopt;
  const bool history = !key.empty() && key.front() == kHistory;
  if (key != (history ? DeliveryKey(PositionOf(delivery))
                      : StandingKey(delivery.receiver, delivery.group))) {
    return std::nullopt;
  }
  return delivery;
}

}  // namespace shouwang::rocks
