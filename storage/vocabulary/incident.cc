#include "storage/vocabulary/incident.h"

#include <fmt/format.h>

#include "absl/status/status.h"

namespace shouwang {

std::string IncidentPlace::ToString() const {
  return IsSite() ? site.ToString() : division.ToString();
}

std::string IncidentId::ToString() const {
  return fmt::format("{}:{}:{}", place.ToString(), RiskKindName(kind), first.ToString());
}

absl::StatusOr<IncidentId> IncidentId::Parse(std::string_view text) {
  const auto fault = [&](std::string_view what) {
    return absl::InvalidArgumentError(
        fmt::format("'{}' names no incident: {}; it is written 520502001:disaster:2026-07",
                    text.substr(0, 64), what));
  };
  const size_t first_colon = text.find(':');
  const size_t last_colon = text.rfind(':');
  if (first_colon == std::string_view::npos || first_colon == last_colon) {
    return fault("place, risk kind and month are expected");
  }
  const std::string_view place = text.substr(0, first_colon);
  IncidentId id;
  if (place.find('/') != std::string_view::npos) {
    const auto site = Subject::Parse(place);
    if (!site.ok() || site->kind != SubjectKind::kSite) return fault("no division and no site");
    id.place = {site->In(DivisionLevel::kTownship), *site};
  } else {
    const auto division = Division::Parse(place);
    if (!division.ok() || division->level() == DivisionLevel::kNation) {
      return fault("no division and no site");
    }
    id.place.division = *division;
  }
  const auto kind = ParseRiskKind(text.substr(first_colon + 1, last_colon - first_colon - 1));
  if (!kind.ok()) return fault("no risk kind");
  id.kind = *kind;
  const auto month = Month::Parse(text.substr(last_colon + 1));
  if (!month.ok()) return fault("no month");
  id.first = *month;
  return id;
}

}  // namespace shouwang
