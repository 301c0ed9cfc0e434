#include "daemon/query/rollup_answer.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/query/field_check.h"
#include "daemon/query/series_service.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::query {
namespace {

struct Question {
  RollupQuery query;
  DivisionLevel group = DivisionLevel::kNation;
  const Indicator* indicator = nullptr;  // nullptr: any observation
  bool with_spread = false;
  std::optional<int64_t> below;  // scaled
};

struct Cell {
  int64_t count = 0;
  int64_t sum = 0;
  Histogram spread;
};

// (place, month); a place is a division, or a site of it.
using Key = std::pair<std::pair<Division, Subject>, Month>;
using Cells = std::map<Key, Cell>;

void CheckGroup(const v1::ListRollupsRequest& request, Question* question, FieldCheck* check) {
  const Division& region = question->query.region;
  switch (request.group_digits()) {
    case 0:
      question->group = region.level();
      return;
    case 2:
    case 4:
    case 6:
    case 9:
      question->group = static_cast<DivisionLevel>(request.group_digits());
      break;
    default:
      check->Fault("group_digits",
                   fmt::format("{} is not 0, 2, 4, 6 or 9", request.group_digits()));
      return;
  }
  if (question->group < region.level()) {
    check->Fault("group_digits", fmt::format("{} digits name more than region {}",
                                             request.group_digits(), region.ToString()));
  }
}

void CheckSpread(const v1::ListRollupsRequest& request, Question* question, FieldCheck* check) {
  question->with_spread = request.with_spread();
  if (request.with_spread() && request.indicator().empty()) {
    check->Fault("with_spread", "needs an indicator, whose values are spread");
  }
  if (request.below().empty()) return;
  if (!request.with_spread()) check->Fault("below", "is counted only with with_spread");
  if (question->indicator == nullptr) return;
  const absl::StatusOr<int64_t> line = ParseDecimal(request.below(), question->indicator->decimals);
  if (line.ok()) {
    question->below = *line;
  } else {
    check->Fault("below", std::string(line.status().message()));
  }
}

Question Check(const v1::ListRollupsRequest& request, const Register& reg, FieldCheck* check) {
  Question question;
  switch (request.view()) {
    case v1::ROLLUP_VIEW_SETTLEMENT:
      question.query.view = RollupView::kSettlement;
      break;
    case v1::ROLLUP_VIEW_ORIGIN:
      question.query.view = RollupView::kOrigin;
      break;
    case v1::ROLLUP_VIEW_SITE:
      question.query.view = RollupView::kSite;
      break;
    default:
      check->Fault("view", "must be settlement (1), origin (2) or site (3)");
  }
  question.query.region = check->Region("region", request.region(), reg.divisions);
  if (question.query.region.level() == DivisionLevel::kVillage) {
    check->Fault("region",
                 fmt::format("{} is a village; rollups are kept by township", request.region()));
  }
  CheckGroup(request, &question, check);
  if (!request.indicator().empty()) {
    question.indicator = reg.catalogue.Find(request.indicator());
    if (question.indicator == nullptr) {
      check->Fault("indicator",
                   fmt::format("the catalogue has no '{}'", request.indicator().substr(0, 64)));
    } else {
      question.query.indicator = question.indicator->id;
    }
  }
  CheckSpread(request, &question, check);
  std::tie(question.query.from, question.query.to) =
      check->Months(request.from_month(), request.to_month(), SeriesService::kMaxMonths);
  return question;
}

// The parts whose histograms are read one after the other: the whole country by its provinces, so
// that never more than one province's counties or townships are in memory.
std::vector<Division> PartsOf(const Division& region) {
  if (region.level() != DivisionLevel::kNation) return {region};
  std::vector<Division> provinces;
  for (int code = 0; code <= 99; ++code) {
    provinces.push_back(*Division::Parse(fmt::format("{:02}", code)));
  }
  return provinces;
}

absl::Status AddSums(const Store& store, const Question& question, Cells* cells) {
  const bool site = question.query.view == RollupView::kSite;
  absl::Status fault;
  // A place's months come one after another, and those of the next place in the same group again
  // from the first on: mostly the cell is the one after the last.
  auto at = cells->end();
  absl::Status read = store.ScanRollups(question.query, [&](std::span<const RollupCell> year) {
    const RollupPlace& place = year.front().place;
    Key key{{place.township.At(site ? DivisionLevel::kTownship : question.group),
             site ? place.site : Subject()},
            Month()};
    for (const RollupCell& cell : year) {
      key.second = cell.month;
      if (at != cells->end()) ++at;
      if (at == cells->end() || at->first != key) at = cells->try_emplace(key).first;
      Cell& total = at->second;
      total.count += cell.count;
      if (__builtin_add_overflow(total.sum, cell.sum, &total.sum)) {
        fault = absl::OutOfRangeError(
            fmt::format("ListRollups: the sum of division '{}' in {} is over 64 bits; group by "
                        "more digits",
                        key.first.first.ToString(), cell.month.ToString()));
        return false;
      }
    }
    if (cells->size() <= SeriesService::kMaxRollups) return true;
    fault = absl::OutOfRangeError(fmt::format(
        "ListRollups: more than {} rollups, which is the limit; ask for a smaller region, fewer "
        "months or fewer digits",
        SeriesService::kMaxRollups));
    return false;
  });
  read.Update(fault);
  return read;
}

// Of places that AddSums has added.
absl::Status AddSpreads(const Store& store, const Question& question, Cells* cells) {
  const bool site = question.query.view == RollupView::kSite;
  HistogramQuery query;
  query.view = question.query.view;
  query.level = question.group == DivisionLevel::kTownship ||
                        question.query.region.level() == DivisionLevel::kTownship
                    ? DivisionLevel::kTownship
                    : DivisionLevel::kCounty;
  query.region = question.query.region;
  query.indicator = question.query.indicator;
  query.from = question.query.from;
  query.to = question.query.to;
  const auto read = store.ReadHistograms(query);
  if (!read.ok()) return read.status();
  for (const PlaceHistogram& part : *read) {
    const Key key{{part.place.division.At(site ? DivisionLevel::kTownship : question.group),
                   site ? part.place.site : Subject()},
                  part.month};
    const auto cell = cells->find(key);
    if (cell != cells->end()) cell->second.spread.Add(part.histogram);
  }
  return absl::OkStatus();
}

void FillRange(const Histogram& histogram, double share, v1::ValueRange* out) {
  const std::optional<BucketEnds> ends = histogram.Quantile(share);
  if (!ends) return;
  out->set_least(ends->least);
  out->set_greatest(ends->greatest);
}

void FillSpread(const Histogram& histogram, std::optional<int64_t> below, v1::Spread* out) {
  if (below) {
    const Histogram::Count count = histogram.Below(*below);
    out->set_below_at_least(static_cast<uint64_t>(count.least));
    out->set_below_at_most(static_cast<uint64_t>(count.greatest));
  }
  FillRange(histogram, 0.1, out->mutable_p10());
  FillRange(histogram, 0.5, out->mutable_p50());
  FillRange(histogram, 0.9, out->mutable_p90());
}

}  // namespace

absl::Status AnswerRollups(const Store& store, const Rulebook& rulebook,
                           const v1::ListRollupsRequest& request,
                           v1::ListRollupsResponse* response) {
  FieldCheck check("ListRollups");
  Question question = Check(request, rulebook.reg, &check);
  if (!check.ok()) return check.ToStatus();

  Cells cells;
  if (absl::Status added = AddSums(store, question, &cells); !added.ok()) return added;
  if (question.with_spread) {
    for (const Division& part : PartsOf(question.query.region)) {
      question.query.region = part;
      if (absl::Status added = AddSpreads(store, question, &cells); !added.ok()) return added;
    }
  }
  for (const auto& [key, cell] : cells) {
    const auto& [place, month] = key;
    v1::Rollup* out = response->add_rollups();
    if (question.query.view == RollupView::kSite) {
      out->set_place(place.second.ToString());
      const Site* site = rulebook.reg.sites.Find(place.second);
      if (site != nullptr) out->set_name(site->name_zh);
    } else {
      out->set_place(place.first.ToString());
      const std::string* name = rulebook.reg.divisions.NameOf(place.first);
      if (name != nullptr) out->set_name(*name);
    }
    out->set_month(month.index());
    out->set_count(static_cast<uint64_t>(cell.count));
    out->set_sum(cell.sum);
    if (!cell.spread.empty()) FillSpread(cell.spread, question.below, out->mutable_spread());
  }
  response->set_unit(question.indicator == nullptr ? "subjects" : question.indicator->unit);
  response->set_decimals(
      question.indicator == nullptr ? 0 : static_cast<uint32_t>(question.indicator->decimals));
  return absl::OkStatus();
}

}  // namespace shouwang::query
