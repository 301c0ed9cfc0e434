// Private to storage/rocks: the keys and values of deliveries, as bytes; README.md gives them byte
// by byte. Pure functions over views; no RocksDB here. The value has all of the delivery, the key
// orders it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/contract/deliveries.h"

namespace shouwang::rocks {

// The first key of the history from `position` on.
std::string DeliveryKey(const DeliveryPosition& position);
// What the keys of all that stands begin with, of any receiver and of one.
std::string StandingPrefix();
std::string StandingPrefix(std::string_view receiver);
std::string StandingKey(std::string_view receiver, const WarningGroup& group);

std::string WriteDelivery(const Delivery& delivery);
// nullopt for bytes that WriteDelivery never writes, and under a key that is not the delivery's.
std::optional<Delivery> ReadDelivery(std::string_view key, std::string_view value);

}  // namespace shouwang::rocks
