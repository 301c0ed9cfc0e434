#include "collectors/simulator/fabrication.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "collectors/simulator/random.h"

namespace shouwang::simulator {
namespace {

constexpr std::array<std::pair<std::string_view, FabricationKind>, 4> kKinds = {{
    {"copied", FabricationKind::kCopied},
    {"round", FabricationKind::kRound},
    {"above_line", FabricationKind::kAboveLine},
    {"rushed", FabricationKind::kRushed},
}};
constexpr std::array<HouseholdColumn, 10> kAmounts = {
    kWageIncome,         kOperatingIncome, kOperatingCost, kPropertyIncome,  kTransferIncome,
    kMedicalOutOfPocket, kEducationCost,   kDisasterCost,  kUrbanLivingCost, kAccidentCost};
constexpr int kRushedDay = 20;
constexpr double kAboveAtMost = 0.04;

// Everything in hundredths.
int64_t Rounded(int64_t amount) {
  const int64_t unit = amount >= 10'000'00  ? 1'000'00
                       : amount >= 1'000'00 ? 500'00
                       : amount >= 100'00   ? 100'00
                                            : 1;
  return (amount + unit / 2) / unit * unit;
}

}  // namespace

absl::StatusOr<Fabrication> ParseFabrication(std::string_view text) {
  const auto fault = [&](std::string_view what) {
    return absl::InvalidArgumentError(fmt::format(
        "fabrication '{}': {}; KIND:TOWNSHIP or KIND:TOWNSHIP:SHARE is expected, with KIND copied, "
        "round, above_line or rushed, a 9-digit TOWNSHIP and a SHARE above 0, to 1",
        text, what));
  };
  const size_t first = text.find(':');
  if (first == std::string_view::npos) return fault("names no township");
  const size_t second = text.find(':', first + 1);
  Fabrication fabrication;
  const std::string_view kind = text.substr(0, first);
  const auto* const found =
      std::ranges::find(kKinds, kind, &std::pair<std::string_view, FabricationKind>::first);
  if (found == kKinds.end()) return fault(fmt::format("unknown kind '{}'", kind));
  fabrication.kind = found->second;
  const std::string_view code =
      text.substr(first + 1, second == std::string_view::npos ? second : second - first - 1);
  const absl::StatusOr<Division> township = Division::Parse(code);
  if (!township.ok() || township->level() != DivisionLevel::kTownship) {
    return fault(fmt::format("'{}' is no township", code));
  }
  fabrication.township = *township;
  if (second == std::string_view::npos) return fabrication;
  const std::string_view share = text.substr(second + 1);
  const char* const end = share.data() + share.size();
  const auto [at, error] = std::from_chars(share.data(), end, fabrication.share);
  if (error != std::errc() || at != end || !(fabrication.share > 0 && fabrication.share <= 1)) {
    return fault(fmt::format("'{}' is no share", share));
  }
  return fabrication;
}

Fabricator::Fabricator(std::span<const Fabrication> fabrications, const Division& township,
                       uint64_t seed, double line, Month last_month)
    : seed_(seed), line_(line), last_month_(last_month) {
  for (const Fabrication& fabrication : fabrications) {
    if (fabrication.township == township) fabrications_.push_back(fabrication);
  }
}

// Spread evenly over the months, the last one among them.
std::optional<Date> Fabricator::VisitDay(Month month) const {
  const auto before_last = static_cast<double>(last_month_.index() - month.index());
  for (const Fabrication& fabrication : fabrications_) {
    if (fabrication.kind != FabricationKind::kRushed) continue;
    const double share = fabrication.share;
    if (std::ceil((before_last + 1) * share) > std::ceil(before_last * share)) {
      return Date::FirstOf(month) + (kRushedDay - 1);
    }
  }
  return std::nullopt;
}

bool Fabricator::IsChosen(const Fabrication& fabrication, uint64_t village, uint32_t number) const {
  const uint64_t lot =
      Mix({seed_, village, number, 0xFAB0 + static_cast<uint64_t>(fabrication.kind)});
  return static_cast<double>(lot >> 11) * 0x1.0p-53 < fabrication.share;
}

void Fabricator::MakeUp(uint64_t village, uint32_t number, HouseholdReading* reported) {
  for (const Fabrication& fabrication : fabrications_) {
    if (!IsChosen(fabrication, village, number)) continue;
    switch (fabrication.kind) {
      case FabricationKind::kCopied:
        Copy(village, number, reported);
        break;
      case FabricationKind::kRound:
        for (const HouseholdColumn column : kAmounts) {
          int64_t& amount = (*reported)[column];
          if (amount != kMissing) amount = Rounded(amount);
        }
        break;
      case FabricationKind::kAboveLine:
        LiftAboveLine(village, number, reported);
        break;
      case FabricationKind::kRushed:
        break;
    }
  }
}

void Fabricator::Copy(uint64_t village, uint32_t number, HouseholdReading* reported) {
  const auto [at, added] = first_.try_emplace({village, number}, *reported);
  if (added) return;
  for (const HouseholdColumn column : kAmounts) {
    int64_t& first = at->second[column];
    // A cell that was empty in the first month is copied from when it was first filled.
    if (first == kMissing) first = (*reported)[column];
    if ((*reported)[column] != kMissing) (*reported)[column] = first;
  }
}

// The farm earns what it costs, and wages make up for the rest.
void Fabricator::LiftAboveLine(uint64_t village, uint32_t number,
                               HouseholdReading* reported) const {
  HouseholdReading& cells = *reported;
  for (const HouseholdColumn column : {kWageIncome, kOperatingIncome, kOperatingCost,
                                       kPropertyIncome, kTransferIncome, kHouseholdSize}) {
    if (cells[column] == kMissing) return;
  }
  const uint64_t lot = Mix({seed_, village, number, 0xAB0E});
  const double above = static_cast<double>(lot >> 11) * 0x1.0p-53 * kAboveAtMost;
  const int64_t wanted =
      std::llround(line_ / 12 * (1 + above) * static_cast<double>(cells[kHouseholdSize]));
  cells[kOperatingIncome] = cells[kOperatingCost];
  cells[kPropertyIncome] = 0;
  cells[kTransferIncome] = std::min(cells[kTransferIncome], wanted);
  cells[kWageIncome] = wanted - cells[kTransferIncome];
}

}  // namespace shouwang::simulator
