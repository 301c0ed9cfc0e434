#include "daemon/incidents/onset_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "daemon/incidents/exposure.h"
#include "daemon/incidents/onsets.h"

namespace shouwang::incidents {
namespace {

constexpr size_t kKindNumbers = 256;

Subject VillageKey(uint64_t village) { return Subject{village, SubjectKind::kHousehold, 0}; }

}  // namespace

void OnsetTable::FillCounts(size_t kind, int month, std::vector<int64_t>* counts) const {
  counts->assign(places_.size(), 0);
  for (size_t i = places_.size(); i > 0; --i) {
    const size_t p = i - 1;
    if (row_of_[p] >= 0) {
      const bool settled = exposure(p, month) > 0;
      const auto row = static_cast<size_t>(row_of_[p]);
      (*counts)[p] = settled ? counts_[Cell(row, kind, month)] : 0;
    }
    if (places_[p].parent >= 0 && !places_[p].place.IsSite()) {
      (*counts)[static_cast<size_t>(places_[p].parent)] += (*counts)[p];
    }
  }
}

int64_t OnsetTable::Shared(size_t village, size_t site, size_t kind, int month) const {
  const auto found = shared_.find({village, site});
  if (found == shared_.end()) return 0;
  return counts_[Cell(static_cast<size_t>(found->second), kind, month)];
}

OnsetTableBuilder::OnsetTableBuilder(OnsetTableShape shape)
    : shape_(std::move(shape)), kind_index_(kKindNumbers, -1) {
  for (size_t i = 0; i < shape_.kinds.size(); ++i) {
    kind_index_[static_cast<size_t>(shape_.kinds[i])] = static_cast<int16_t>(i);
  }
}

OnsetTableBuilder::Row* OnsetTableBuilder::RowOf(const Subject& place) {
  const auto [it, added] = rows_.try_emplace(place);
  if (added) {
    it->second.row = row_count_++;
    it->second.through.assign(static_cast<size_t>(shape_.months) + 1, 0);
  }
  return &it->second;
}

void OnsetTableBuilder::Count(int32_t row, const SubjectRisk& risk) {
  const size_t width = shape_.kinds.size() * static_cast<size_t>(shape_.months);
  counts_.resize(std::max(counts_.size(), (static_cast<size_t>(row) + 1) * width), 0);
  for (const Onset& onset : OnsetsOf(risk)) {
    const int kind = kind_index_[static_cast<size_t>(onset.kind)];
    const int month = onset.on.month().index() - shape_.first.index();
    if (kind < 0 || month < 0 || month >= shape_.months) continue;
    uint16_t& count = counts_[static_cast<size_t>(row) * width +
                              static_cast<size_t>(kind * shape_.months + month)];
    if (count < std::numeric_limits<uint16_t>::max()) ++count;
  }
}

absl::Status OnsetTableBuilder::Add(const Subject& household, const SubjectRisk& risk,
                                    const Subject& site) {
  Row* village = RowOf(VillageKey(household.place));
  ++village->households;
  const int month = risk.evaluated_through.month().index() - shape_.first.index();
  ++village->through[static_cast<size_t>(std::clamp(month + 1, 0, shape_.months))];
  Count(village->row, risk);
  if (site.number != 0) {
    Row* at_site = RowOf(site);
    ++at_site->households;
    Count(at_site->row, risk);
    const auto [it, added] = shared_.try_emplace({VillageKey(household.place), site}, row_count_);
    if (added) ++row_count_;
    Count(it->second, risk);
  }
  if (static_cast<size_t>(row_count_) > kMaxRows) {
    return absl::ResourceExhaustedError(fmt::format(
        "incidents: more than {} villages and sites at {}", kMaxRows, household.ToString()));
  }
  return absl::OkStatus();
}

void OnsetTableBuilder::Note(Reported* reported, Month month, int64_t households) const {
  if (households <= 0) return;
  if (reported->households.empty()) {
    reported->households.assign(static_cast<size_t>(shape_.months), 0);
    reported->since = month;
  }
  reported->since = std::min(reported->since, month);
  const int index = month.index() - shape_.first.index();
  if (index < 0 || index >= shape_.months) return;
  reported->households[static_cast<size_t>(index)] += static_cast<double>(households);
}

void OnsetTableBuilder::AddReported(const Division& township, Month month, int64_t households) {
  Note(&townships_[township], month, households);
}

void OnsetTableBuilder::AddReportedAtSite(const Subject& site, Month month, int64_t households) {
  Note(&sites_[site], month, households);
}

int OnsetTableBuilder::SettledFrom(const Reported& reported) const {
  return std::max(0, reported.since.index() + shape_.settle_months - shape_.first.index());
}

OnsetTable OnsetTableBuilder::Close() && {
  OnsetTable table;
  table.shape_ = shape_;
  table.counts_ = std::move(counts_);
  std::vector<const Row*> rows;
  PlaceDivisions(&table, &rows);
  if (table.places_.empty()) return table;
  PlaceSites(&table);
  table.exposure_.assign(table.places_.size() * static_cast<size_t>(shape_.months), 0);
  ExposeVillages(rows, &table);
  ExposeOthers(&table);
  return table;
}

// `rows` gets the villages' rows, in the order of places.
void OnsetTableBuilder::PlaceDivisions(OnsetTable* table, std::vector<const Row*>* rows) const {
  std::map<Division, const Row*> divisions;  // with those above the villages
  for (const auto& [key, row] : rows_) {
    if (key.kind == SubjectKind::kSite) continue;
    divisions[Division::OfVillageCode(key.place)] = &row;
  }
  if (divisions.empty()) return;
  Division top = divisions.begin()->first.Parent();
  while (!top.Contains(divisions.rbegin()->first)) top = top.Parent();
  const std::map<Division, const Row*> villages = divisions;
  for (const auto& [village, row] : villages) {
    for (Division above = village.Parent();; above = above.Parent()) {
      divisions.try_emplace(above, nullptr);
      if (above == top) break;
    }
  }
  std::map<Division, int32_t> index;
  for (const auto& [division, row] : divisions) {
    const auto parent = index.find(division.Parent());
    index[division] = static_cast<int32_t>(table->places_.size());
    table->places_.push_back({.place = {division, {}},
                              .parent = division == top ? -1 : parent->second,
                              .households = row == nullptr ? 0 : row->households});
    table->row_of_.push_back(row == nullptr ? -1 : row->row);
    rows->push_back(row);
  }
  for (size_t i = table->places_.size(); i > 1; --i) {
    const TablePlace& place = table->places_[i - 1];
    table->places_[static_cast<size_t>(place.parent)].households += place.households;
  }
}

void OnsetTableBuilder::PlaceSites(OnsetTable* table) const {
  std::map<Division, int32_t> index;
  for (size_t p = 0; p < table->places_.size(); ++p) {
    index[table->places_[p].place.division] = static_cast<int32_t>(p);
  }
  std::map<Subject, const Row*> sites;
  for (const auto& [key, row] : rows_) {
    if (key.kind == SubjectKind::kSite) sites[key] = &row;
  }
  std::map<Subject, size_t> site_index;
  for (const auto& [site, row] : sites) {
    const auto township = index.find(site.In(DivisionLevel::kTownship));
    // Its households have been settled in villages elsewhere: nothing to hold it against.
    if (township == index.end()) continue;
    site_index[site] = table->places_.size();
    table->places_.push_back({.place = {township->first, site},
                              .parent = township->second,
                              .households = row->households});
    table->row_of_.push_back(row->row);
  }
  for (const auto& [pair, row] : shared_) {
    const auto site = site_index.find(pair.second);
    if (site == site_index.end()) continue;
    const auto village = static_cast<size_t>(index.at(Division::OfVillageCode(pair.first.place)));
    table->shared_[{village, site->second}] = row;
  }
}

// What a township reported is spread over its villages by the households that were still reporting
// then, and exactly so in the last month.
void OnsetTableBuilder::ExposeVillages(const std::vector<const Row*>& rows,
                                       OnsetTable* table) const {
  const auto months = static_cast<size_t>(shape_.months);
  // Households whose last report lies in the month or later.
  const auto still = [&](const Row& row) {
    std::vector<double> count(months, 0);
    double sum = 0;
    for (size_t m = months; m > 0; --m) count[m - 1] = sum += row.through[m];
    return count;
  };
  std::map<Division, std::vector<double>> of_township;
  for (size_t p = 0; p < rows.size(); ++p) {
    if (rows[p] == nullptr) continue;
    const std::vector<double> count = still(*rows[p]);
    auto& sum = of_township[table->places_[p].place.division.Parent()];
    sum.resize(months, 0);
    for (size_t m = 0; m < months; ++m) sum[m] += count[m];
  }
  for (size_t p = 0; p < rows.size(); ++p) {
    if (rows[p] == nullptr) continue;
    const Division township = table->places_[p].place.division.Parent();
    const auto reported = townships_.find(township);
    if (reported == townships_.end() || reported->second.households.empty()) continue;
    const std::vector<double> count = still(*rows[p]);
    const std::vector<double>& all = of_township[township];
    std::vector<double> own(months, 0);
    for (size_t m = 0; m < months; ++m) {
      if (all[m] > 0) own[m] = reported->second.households[m] * count[m] / all[m];
    }
    const std::vector<float> exposure = Exposure(own, SettledFrom(reported->second));
    std::ranges::copy(exposure, table->exposure_.begin() + static_cast<std::ptrdiff_t>(p * months));
  }
}

void OnsetTableBuilder::ExposeOthers(OnsetTable* table) const {
  const auto months = static_cast<size_t>(shape_.months);
  for (size_t i = table->places_.size(); i > 0; --i) {
    const size_t p = i - 1;
    const TablePlace& place = table->places_[p];
    if (place.place.IsSite()) {
      const auto reported = sites_.find(place.place.site);
      if (reported == sites_.end() || reported->second.households.empty()) continue;
      const std::vector<float> exposure =
          Exposure(reported->second.households, SettledFrom(reported->second));
      for (size_t m = 0; m < months; ++m) {
        // A site is a part of its township, but estimated by itself: it may be more than all of
        // that, and whoever takes it off sees to it that no less than nothing is left.
        table->exposure_[p * months + m] = exposure[m];
      }
    } else if (place.parent >= 0) {
      for (size_t m = 0; m < months; ++m) {
        table->exposure_[static_cast<size_t>(place.parent) * months + m] +=
            table->exposure_[p * months + m];
      }
    }
  }
}

}  // namespace shouwang::incidents
