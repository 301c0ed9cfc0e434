#include "storage/vocabulary/indicator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "storage/vocabulary/decimal.h"
#include "storage/vocabulary/reporting.h"

namespace shouwang {
namespace {

constexpr std::array<std::pair<Cadence, std::string_view>, 4> kCadences = {
    {{Cadence::kMonthly, "monthly"},
     {Cadence::kQuarterly, "quarterly"},
     {Cadence::kYearly, "yearly"},
     {Cadence::kOnChange, "on_change"}}};
constexpr std::array<std::pair<Source, std::string_view>, 3> kSources = {
    {{Source::kSelfDeclaration, "self_declaration"},
     {Source::kCadreVisit, "cadre_visit"},
     {Source::kDepartmentScreening, "department_screening"}}};

absl::Status CheckIndicator(const Indicator& indicator) {
  const auto fault = [&](std::string_view what) {
    return absl::InvalidArgumentError(
        fmt::format("indicator '{}' (id {}): {}", indicator.name, indicator.id, what));
  };
  if (indicator.id == 0 || indicator.id > kLastCatalogued) {
    return fault(fmt::format("id must be 1 to {}", kLastCatalogued));
  }
  if (indicator.name.empty() || indicator.name.find_first_not_of(
                                    "abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos) {
    return fault("name must be lower-case letters, digits and '_'");
  }
  if (indicator.decimals < 0 || indicator.decimals > kMaxDecimals) {
    return fault(fmt::format("decimals {} is outside 0 to {}", indicator.decimals, kMaxDecimals));
  }
  if (indicator.min > indicator.max) return fault("min is above max");
  return absl::OkStatus();
}

}  // namespace

std::string_view CadenceName(Cadence cadence) {
  for (const auto& [value, name] : kCadences) {
    if (value == cadence) return name;
  }
  return "unknown";
}

absl::StatusOr<Cadence> ParseCadence(std::string_view name) {
  for (const auto& [value, word] : kCadences) {
    if (word == name) return value;
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is not a cadence (monthly, quarterly, yearly, on_change)", name));
}

std::string_view SourceName(Source source) {
  for (const auto& [value, name] : kSources) {
    if (value == source) return name;
  }
  return "unknown";
}

absl::StatusOr<Source> ParseSource(std::string_view name) {
  for (const auto& [value, word] : kSources) {
    if (word == name) return value;
  }
  return absl::InvalidArgumentError(fmt::format(
      "'{}' is not a source (self_declaration, cadre_visit, department_screening)", name));
}

absl::StatusOr<Catalogue> Catalogue::Of(std::vector<Indicator> indicators) {
  Catalogue catalogue;
  std::ranges::sort(indicators, {}, &Indicator::id);
  catalogue.indicators_ = std::move(indicators);
  for (size_t i = 0; i < catalogue.indicators_.size(); ++i) {
    const Indicator& indicator = catalogue.indicators_[i];
    if (absl::Status status = CheckIndicator(indicator); !status.ok()) return status;
    if (!catalogue.by_name_.emplace(indicator.name, i).second) {
      return absl::InvalidArgumentError(
          fmt::format("indicator '{}' is given twice", indicator.name));
    }
    if (catalogue.Get(indicator.id) != nullptr) {
      return absl::InvalidArgumentError(fmt::format("indicator '{}': id {} belongs to '{}' already",
                                                    indicator.name, indicator.id,
                                                    catalogue.Get(indicator.id)->name));
    }
    catalogue.by_id_.resize(indicator.id + size_t{1}, -1);
    catalogue.by_id_[indicator.id] = static_cast<int32_t>(i);
  }
  return catalogue;
}

const Indicator* Catalogue::Find(std::string_view name) const {
  const auto it = by_name_.find(std::string(name));
  return it == by_name_.end() ? nullptr : &indicators_[it->second];
}

const Indicator* Catalogue::Get(IndicatorId id) const {
  if (id >= by_id_.size() || by_id_[id] < 0) return nullptr;
  return &indicators_[static_cast<size_t>(by_id_[id])];
}

}  // namespace shouwang
