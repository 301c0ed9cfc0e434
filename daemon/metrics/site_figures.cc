#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "daemon/metrics/figures.h"
#include "daemon/metrics/place_count.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::metrics {
namespace {

// Yearly indicators that are a little late still show.
constexpr int kMonthsBack = 24;
constexpr size_t kChunk = 256;

absl::Status AddIndicators(const Store& store, const Catalogue& catalogue,
                           std::span<const Subject> sites, Date today, Gauges* gauges) {
  const DateRange range{today.PlusMonths(-kMonthsBack), today};
  for (size_t from = 0; from < sites.size(); from += kChunk) {
    const auto chunk = sites.subspan(from, std::min(kChunk, sites.size() - from));
    const auto histories = store.LoadHistories(chunk, range);
    if (!histories.ok()) return histories.status();
    for (size_t i = 0; i < chunk.size(); ++i) {
      for (const IndicatorId id : (*histories)[i].indicators()) {
        const Indicator* indicator = catalogue.Get(id);
        const std::vector<Point> points = (*histories)[i].Of(id, range);
        if (indicator == nullptr || points.empty()) continue;
        gauges->Add(Gauge::kSiteIndicator,
                    {{"site", chunk[i].ToString()}, {"indicator", indicator->name}},
                    ToDouble(points.back().value, indicator->decimals));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddSiteFigures(const Store& store, const Rulebook& rulebook,
                            const FigureSettings& settings, Date today, Gauges* gauges) {
  const auto tallies = store.ReadTallies(RollupView::kSite, Division());
  if (!tallies.ok()) return tallies.status();
  std::map<Subject, PlaceCount> counts;
  for (const Tally& tally : *tallies) counts[tally.place.site].Add(tally);

  std::vector<Subject> sites;
  for (const auto& [subject, site] : rulebook.reg.sites.All()) {
    if (sites.size() == kMaxSites) break;
    sites.push_back(subject);
    const std::string label = subject.ToString();
    gauges->Add(Gauge::kSiteInfo,
                {{"site", label},
                 {"division", subject.In(settings.depth).ToString()},
                 {"name", site.name_zh}},
                1);
    PlaceCount count = counts[subject];
    if (count.TooSmall(settings.min_cell)) continue;
    count.sites = 1;
    gauges->Add(Gauge::kSiteHouseholds, {{"site", label}}, static_cast<double>(count.households));
    for (const auto& [key, open] : WithZeros(count, rulebook.policies.InForce(today))) {
      gauges->Add(Gauge::kSiteWarningsOpen,
                  {{"site", label},
                   {"rule", RuleLabel(rulebook.policies, key.first)},
                   {"severity", SeverityName(key.second)}},
                  static_cast<double>(open));
    }
  }
  return AddIndicators(store, rulebook.reg.catalogue, sites, today, gauges);
}

void AddRules(const Rulebook& rulebook, Date today, Gauges* gauges) {
  for (const risk::Rule& rule : rulebook.policies.InForce(today).rules) {
    gauges->Add(Gauge::kRuleInfo,
                {{"rule", rule.name},
                 {"title_zh", rule.title_zh},
                 {"title_en", rule.title_en},
                 {"severity", SeverityName(rule.severity)},
                 {"risk_kind", RiskKindName(rule.kind)}},
                1);
  }
}

void AddStoreFigures(const StoreStatistics& statistics, Gauges* gauges) {
  gauges->Add(Gauge::kStoreBytes, {}, static_cast<double>(statistics.bytes_on_disk));
  gauges->Add(Gauge::kStoreMemoryBytes, {}, static_cast<double>(statistics.memory_bytes));
  gauges->Add(Gauge::kStorePendingCompactionBytes, {},
              static_cast<double>(statistics.pending_compaction_bytes));
  gauges->Add(Gauge::kStoreWriteStalled, {}, statistics.write_stalled ? 1 : 0);
  gauges->Add(Gauge::kStoreWritable, {}, statistics.read_only_reason.empty() ? 1 : 0);
  gauges->Add(Gauge::kStoreDamage, {}, static_cast<double>(statistics.damage));
}

}  // namespace shouwang::metrics
