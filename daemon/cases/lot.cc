#include "daemon/cases/lot.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <string>
#include <utility>

namespace shouwang::cases {

static_assert(std::tuple_size_v<Lot> == SHA256_DIGEST_LENGTH);

Lot LotOf(uint32_t policy_version, Month month, const Subject& subject) {
  const std::string text =
      fmt::format("{}/{}/{}", policy_version, month.ToString(), subject.ToString());
  Lot lot{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), lot.data());
  return lot;
}

std::vector<Subject> DrawLots(const std::vector<Subject>& households, uint32_t policy_version,
                              Month month, size_t count) {
  std::vector<std::pair<Lot, Subject>> lots;
  lots.reserve(households.size());
  for (const Subject& household : households) {
    lots.emplace_back(LotOf(policy_version, month, household), household);
  }
  count = std::min(count, lots.size());
  std::ranges::partial_sort(lots, lots.begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<Subject> drawn;
  for (size_t i = 0; i < count; ++i) drawn.push_back(lots[i].second);
  return drawn;
}

}  // namespace shouwang::cases
