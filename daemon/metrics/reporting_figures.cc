#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "daemon/metrics/figures.h"
#include "daemon/reporting/completeness.h"
#include "daemon/reporting/reporter_watch.h"

namespace shouwang::metrics {
namespace {

constexpr std::array<DivisionLevel, 4> kLevels = {DivisionLevel::kProvince,
                                                  DivisionLevel::kPrefecture,
                                                  DivisionLevel::kCounty, DivisionLevel::kTownship};

struct Share {
  int64_t part = 0;
  int64_t whole = 0;
};

// A share of few households tells about each of them.
void AddShares(Gauge gauge, const std::map<Division, Share>& shares, const Rulebook& rulebook,
               const FigureSettings& settings, Gauges* gauges) {
  for (const auto& [division, share] : shares) {
    if (!rulebook.reg.divisions.Has(division)) continue;
    if (share.whole < settings.min_cell || share.whole == 0) continue;
    gauges->Add(gauge, {{"division", division.ToString()}},
                static_cast<double>(share.part) / static_cast<double>(share.whole));
  }
}

absl::Status AddMonths(const Store& store, const Rulebook& rulebook, const FigureSettings& settings,
                       Date today, Gauges* gauges) {
  const std::optional<risk::ReportingPolicy>& policy = rulebook.policies.InForce(today).reporting;
  const Month full = today.month() - 1;
  const Month due = policy ? policy->households.LastDue(today) : full;
  reporting::CompletenessQuery query;
  query.level = DivisionLevel::kTownship;
  query.from = std::min(full, due);
  query.to = full;
  const auto rows = reporting::ReadCompleteness(store, rulebook, query);
  if (!rows.ok()) return rows.status();
  std::map<Division, Share> complete;
  std::map<Division, Share> timely;
  for (const reporting::MonthReporting& row : *rows) {
    for (const DivisionLevel level : kLevels) {
      if (level > settings.depth) break;
      const Division division = row.division.At(level);
      if (row.period == full && row.expected) {
        complete[division].part += row.reported;
        complete[division].whole += *row.expected;
      }
      if (row.period == due && policy && row.on_time) {
        timely[division].part += *row.on_time;
        timely[division].whole += row.heard;
      }
    }
  }
  AddShares(Gauge::kCompleteness, complete, rulebook, settings, gauges);
  AddShares(Gauge::kTimeliness, timely, rulebook, settings, gauges);
  return absl::OkStatus();
}

absl::Status AddSilentHouseholds(const Store& store, const Rulebook& rulebook,
                                 const risk::Expectation& expected, const FigureSettings& settings,
                                 Date today, Gauges* gauges) {
  const auto counts = reporting::CountSilent(store, Division(), settings.depth, expected, today);
  if (!counts.ok()) return counts.status();
  for (const DivisionLevel level : kLevels) {
    if (level > settings.depth) break;
    for (const Division& division : rulebook.reg.divisions.Within(Division(), level)) {
      const auto found = counts->find(division);
      const reporting::SilentCount count =
          found == counts->end() ? reporting::SilentCount() : found->second;
      if (count.watched > 0 && count.watched < settings.min_cell) continue;
      gauges->Add(Gauge::kHouseholdsSilent, {{"division", division.ToString()}},
                  static_cast<double>(count.silent));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddReportingFigures(const Store& store, const Rulebook& rulebook,
                                 const FigureSettings& settings, Date today, Gauges* gauges) {
  absl::Status status = AddMonths(store, rulebook, settings, today, gauges);
  const std::optional<risk::ReportingPolicy>& policy = rulebook.policies.InForce(today).reporting;
  if (!status.ok() || !policy) return status;
  return AddSilentHouseholds(store, rulebook, policy->households, settings, today, gauges);
}

absl::Status AddReporterFigures(const Reporters& reporters, const Rulebook& rulebook,
                                const FigureSettings& settings, Date today, Gauges* gauges) {
  const std::optional<risk::ReportingPolicy>& policy = rulebook.policies.InForce(today).reporting;
  if (!policy) return absl::OkStatus();
  reporting::SilentReporters silent;
  absl::Status status = reporting::CountSilentReporters(reporters, rulebook.reg.divisions, *policy,
                                                        settings.depth, today, &silent);
  if (!status.ok() && !absl::IsDataLoss(status)) return status;
  for (const auto& [key, count] : silent) {
    gauges->Add(Gauge::kReportersSilent,
                {{"division", key.first.ToString()}, {"source", SourceName(key.second)}},
                static_cast<double>(count));
  }
  return status;
}

}  // namespace shouwang::metrics
