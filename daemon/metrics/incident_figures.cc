#include "daemon/metrics/incident_figures.h"

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <utility>

namespace shouwang::metrics {
namespace {

constexpr std::array<DivisionLevel, 4> kLevels = {DivisionLevel::kProvince,
                                                  DivisionLevel::kPrefecture,
                                                  DivisionLevel::kCounty, DivisionLevel::kTownship};

enum Family : size_t { kOpen, kMembers, kLeftOut, kPastLimit, kPlaces, kTimestamp, kDuration };

std::vector<prometheus::MetricFamily> EmptyFamilies() {
  constexpr std::array<std::pair<const char*, const char*>, 7> kWords = {{
      {"shouwang_incidents_open", "Open incidents at places in the division, by kind of risk."},
      {"shouwang_incident_members",
       "Households newly warned in an open incident; division is its township or above."},
      {"shouwang_incidents_left_out", "Open incidents that are too many or too small to be told."},
      {"shouwang_incidents_past_limit",
       "Incidents, open ones last, that a look left out as there were too many; told nowhere."},
      {"shouwang_incident_places",
       "Places that could be judged this month, or not: too short a past, or no reports."},
      {"shouwang_incidents_refresh_timestamp_seconds", "When incidents were last looked for."},
      {"shouwang_incidents_refresh_duration_seconds", "How long looking for incidents took."},
  }};
  std::vector<prometheus::MetricFamily> families;
  for (const auto& [name, help] : kWords) {
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = prometheus::MetricType::Gauge;
    families.push_back(std::move(family));
  }
  return families;
}

void Add(std::initializer_list<std::pair<const char*, std::string>> labels, double value,
         prometheus::MetricFamily* family) {
  prometheus::ClientMetric metric;
  for (const auto& [name, text] : labels) metric.label.push_back({name, text});
  metric.gauge.value = value;
  family->metric.push_back(std::move(metric));
}

// Open incidents by division, at every level that contains all of their place.
using OpenCounts = std::map<std::pair<Division, RiskKind>, int64_t>;

OpenCounts CountOpen(const incidents::Look& look) {
  OpenCounts open;
  for (const auto& [id, membership] : look.open) {
    for (const DivisionLevel level : kLevels) {
      if (level <= id.place.division.level()) ++open[{id.place.division.At(level), id.kind}];
    }
  }
  return open;
}

bool TooSmall(const incidents::Look& look, const Division& division, int min_cell) {
  const auto found = look.households.find(division);
  return found != look.households.end() && found->second > 0 && found->second < min_cell;
}

void AddMembers(const incidents::Look& look, int min_cell,
                std::vector<prometheus::MetricFamily>* families) {
  std::vector<std::pair<IncidentId, incidents::Membership>> told;
  for (const auto& [id, membership] : look.open) {
    if (membership.members >= min_cell) told.emplace_back(id, membership);
  }
  std::ranges::stable_sort(told, std::greater<>(),
                           [](const auto& entry) { return entry.second.members; });
  if (told.size() > kMaxIncidentSeries) told.resize(kMaxIncidentSeries);
  Add({}, static_cast<double>(look.open.size() - told.size()), &(*families)[kLeftOut]);
  for (const auto& [id, membership] : told) {
    const IncidentPlace& place = id.place;
    const std::string level(place.IsSite() ? "site" : LevelName(place.division.level()));
    Add({{"incident", id.ToString()},
         {"place", place.ToString()},
         {"level", level},
         {"division", place.division.At(DivisionLevel::kTownship).ToString()},
         {"risk_kind", std::string(RiskKindName(id.kind))}},
        static_cast<double>(membership.members), &(*families)[kMembers]);
  }
}

}  // namespace

std::vector<prometheus::MetricFamily> IncidentFigures::Collect() const {
  std::vector<prometheus::MetricFamily> families = EmptyFamilies();
  const std::shared_ptr<const incidents::Look> look = watch_->Latest();
  if (look == nullptr) return families;
  Add({}, std::chrono::duration<double>(look->looked_at.time_since_epoch()).count(),
      &families[kTimestamp]);
  Add({}, look->took.count(), &families[kDuration]);
  if (!look->looked_for) return families;
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  const OpenCounts open = CountOpen(*look);
  for (const DivisionLevel level : kLevels) {
    if (level > settings_.depth) break;
    for (const Division& division : rulebook->reg.divisions.Within(Division(), level)) {
      if (TooSmall(*look, division, settings_.min_cell)) continue;
      for (const RiskKind kind : incidents::KindsOfHouseholds(rulebook->policies)) {
        const auto count = open.find({division, kind});
        Add({{"division", division.ToString()}, {"risk_kind", std::string(RiskKindName(kind))}},
            count == open.end() ? 0 : static_cast<double>(count->second), &families[kOpen]);
      }
    }
  }
  AddMembers(*look, settings_.min_cell, &families);
  Add({}, static_cast<double>(look->findings.left_out), &families[kPastLimit]);
  Add({{"state", "judged"}}, static_cast<double>(look->findings.judged), &families[kPlaces]);
  Add({{"state", "unjudged"}}, static_cast<double>(look->findings.unjudged), &families[kPlaces]);
  return families;
}

}  // namespace shouwang::metrics
