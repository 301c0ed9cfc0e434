// Where a listing goes on. Opaque to callers: web-safe base64 of
//   1 byte   version (1)
//   8 bytes  fingerprint of the listing (method and filter), little-endian
//   n bytes  position, at most 64
//   4 bytes  low half of FNV-1a over all of the above, little-endian
// so a token of another listing or a damaged one is refused and never goes on somewhere else. It is
// no secret and no permission: a caller's region is checked on every call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/contract/deliveries.h"
#include "storage/vocabulary/subject.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::query {

uint64_t Fingerprint(std::string_view bytes);

std::string EncodePageToken(uint64_t listing, std::string_view position);
// The position; nullopt for what EncodePageToken has not given out for this listing.
std::optional<std::string> DecodePageToken(uint64_t listing, std::string_view token);

// Position in a listing of warnings: the next (subject, rule) to look at.
struct WarningPosition {
  Subject subject;
  RuleId rule = 0;
};
std::string EncodePosition(const WarningPosition& position);
std::optional<WarningPosition> DecodePosition(std::string_view bytes);

// Position in the history of deliveries: the next one to look at.
std::string EncodeDeliveryPosition(const DeliveryPosition& position);
std::optional<DeliveryPosition> DecodeDeliveryPosition(std::string_view bytes);

}  // namespace shouwang::query
