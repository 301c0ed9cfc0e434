// What incidents are found in: how many subjects were newly warned of each kind of risk, by place
// and month, and the exposure behind it. Places are the villages that have households, the
// divisions above them up to the one that holds them all, and the sites, each beside the rest of
// its township.
//
//   OnsetTableBuilder builder({.first = first, .months = 48, .settle_months = 12, .kinds = kinds});
//   for each household: builder.Add(household, risk, site);
//   for each township and month: builder.AddReported(township, month, households);
//   OnsetTable table = std::move(builder).Close();
//
// Whatever is added in whatever order gives the same table. Memory: 2 bytes for each village or
// site, kind and month: 80,000 villages, 11 kinds and 48 months are 84 MB. A count of a village
// past 65,535 stays there. A table is immutable; any thread. A builder belongs to one.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "storage/vocabulary/incident.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::incidents {

// Villages, sites, and pairs of a village and a site that share households.
inline constexpr size_t kMaxRows = 100'000;

struct OnsetTableShape {
  Month first;
  int months = 0;
  int settle_months = 0;  // of a township or site, from its first report on
  std::vector<RiskKind> kinds;
};

struct TablePlace {
  IncidentPlace place;
  int32_t parent = -1;     // before it in the table; -1: the top
  int32_t households = 0;  // that have ever been judged
};

class OnsetTable {
 public:
  Month first() const { return shape_.first; }
  int months() const { return shape_.months; }
  const std::vector<RiskKind>& kinds() const { return shape_.kinds; }
  // Parents before their parts; divisions in order, then sites. The first holds all of them.
  const std::vector<TablePlace>& places() const { return places_; }
  float exposure(size_t place, int month) const {
    return exposure_[place * static_cast<size_t>(shape_.months) + static_cast<size_t>(month)];
  }
  // Of every place, what its settled parts add up to.
  void FillCounts(size_t kind, int month, std::vector<int64_t>* counts) const;
  // Of those newly warned in a village, how many live at the site.
  int64_t Shared(size_t village, size_t site, size_t kind, int month) const;

 private:
  friend class OnsetTableBuilder;
  size_t Cell(size_t row, size_t kind, int month) const {
    return (row * shape_.kinds.size() + kind) * static_cast<size_t>(shape_.months) +
           static_cast<size_t>(month);
  }

  OnsetTableShape shape_;
  std::vector<TablePlace> places_;
  std::vector<int32_t> row_of_;   // by place; -1: a sum of others
  std::vector<uint16_t> counts_;  // see Cell
  std::vector<float> exposure_;
  std::map<std::pair<size_t, size_t>, int32_t> shared_;  // (village, site) as places -> row
};

class OnsetTableBuilder {
 public:
  explicit OnsetTableBuilder(OnsetTableShape shape);

  // A household with what was concluded of it, and the site it lives at, number 0 for none.
  // ResourceExhausted past kMaxRows.
  absl::Status Add(const Subject& household, const SubjectRisk& risk, const Subject& site);
  // Households that reported in the month, which may lie before the table's first: that tells how
  // long a place has been reporting.
  void AddReported(const Division& township, Month month, int64_t households);
  void AddReportedAtSite(const Subject& site, Month month, int64_t households);
  OnsetTable Close() &&;

 private:
  struct Row {
    int32_t row = 0;
    std::vector<int32_t> through;  // households by the month of their last report
    int32_t households = 0;
  };
  struct Reported {
    Month since;
    std::vector<double> households;  // by month of the table
  };
  Row* RowOf(const Subject& place);
  void Count(int32_t row, const SubjectRisk& risk);
  void Note(Reported* reported, Month month, int64_t households) const;
  int SettledFrom(const Reported& reported) const;
  void PlaceDivisions(OnsetTable* table, std::vector<const Row*>* rows) const;
  void PlaceSites(OnsetTable* table) const;
  void ExposeVillages(const std::vector<const Row*>& rows, OnsetTable* table) const;
  void ExposeOthers(OnsetTable* table) const;

  const OnsetTableShape shape_;
  std::vector<int16_t> kind_index_;  // by the kind's number; -1: not counted
  std::vector<uint16_t> counts_;
  // Villages as (code, household 0), sites as themselves.
  absl::flat_hash_map<Subject, Row> rows_;
  std::map<std::pair<Subject, Subject>, int32_t> shared_;  // (village, site)
  std::map<Division, Reported> townships_;
  std::map<Subject, Reported> sites_;
  int32_t row_count_ = 0;
};

}  // namespace shouwang::incidents
