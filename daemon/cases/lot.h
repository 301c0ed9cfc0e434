// The lot (抽签) by which households are drawn: anyone who knows the households can draw again and
// must come to the same. The lot of a household is the SHA-256 of the text
//
//   POLICY_VERSION/MONTH/SUBJECT            202601/2026-11/520502001001/17
//
// and the households with the lowest digests are drawn, in their order:
//
//   printf '202601/2026-11/520502001001/17' | sha256sum
//
// Nobody can steer it but by knowing the month's lots in advance, which the text allows: it is to
// be fair and to be checked, not to be secret.
//
// Pure functions; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/subject.h"

namespace shouwang::cases {

using Lot = std::array<uint8_t, 32>;

Lot LotOf(uint32_t policy_version, Month month, const Subject& subject);

// The `count` of `households` (all, where there are fewer) whose lots are lowest, in the lots'
// order.
std::vector<Subject> DrawLots(const std::vector<Subject>& households, uint32_t policy_version,
                              Month month, size_t count);

}  // namespace shouwang::cases
