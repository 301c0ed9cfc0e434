#include "collectors/simulator/shock.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "collectors/simulator/random.h"

namespace shouwang::simulator {
namespace {

std::vector<std::string_view> Parts(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t colon = text.find(':');
    parts.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return parts;
    text.remove_prefix(colon + 1);
  }
}

bool ReadKind(std::string_view word, Shock* shock) {
  if (word == "flood") {
    shock->kind = ShockKind::kFlood;
    shock->share = 0.7;
  } else if (word == "layoff") {
    shock->kind = ShockKind::kLayoff;
    shock->share = 0.6;
  } else if (word == "price_fall") {
    shock->kind = ShockKind::kPriceFall;
    shock->share = 1;
  } else {
    return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Shock> Shock::Parse(std::string_view text) {
  const auto fault = [&](std::string_view what) {
    return absl::InvalidArgumentError(fmt::format(
        "shock '{}': {}; write KIND:PLACE:MONTH[:SHARE], flood:520502001:2026-07:0.7", text, what));
  };
  const std::vector<std::string_view> parts = Parts(text);
  if (parts.size() != 3 && parts.size() != 4) return fault("three or four parts are expected");
  Shock shock;
  if (!ReadKind(parts[0], &shock)) return fault("the kind is flood, layoff or price_fall");
  if (parts[1].find('/') != std::string_view::npos) {
    const auto site = Subject::Parse(parts[1]);
    if (!site.ok() || site->kind != SubjectKind::kSite || site->number != 1) {
      return fault("the site of a township is written 520502001/S1");
    }
    shock.division = site->In(DivisionLevel::kTownship);
    shock.site = true;
  } else {
    const auto division = Division::Parse(parts[1]);
    if (!division.ok() || parts[1].empty()) return fault("the place is no division code");
    shock.division = *division;
  }
  const auto month = Month::Parse(parts[2]);
  if (!month.ok()) return fault("the month is no month");
  shock.month = *month;
  if (parts.size() == 4) {
    const char* const end = parts[3].data() + parts[3].size();
    const auto [stop, error] = std::from_chars(parts[3].data(), end, shock.share);
    if (error != std::errc() || stop != end || !(shock.share > 0 && shock.share <= 1)) {
      return fault("the share is above 0 and at most 1");
    }
  }
  return shock;
}

bool Shock::Strikes(uint64_t seed, uint64_t village, uint32_t number, bool relocated) const {
  if (site && !relocated) return false;
  if (!division.Contains(Division::OfVillageCode(village))) return false;
  Random own(Mix({seed, village, number, static_cast<uint64_t>(month.index()),
                  static_cast<uint64_t>(kind), 0x5B0C}));
  return own.Chance(share);
}

}  // namespace shouwang::simulator
