#include "daemon/ingest/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "daemon/ingest/rejections.h"
#include "daemon/ingest/residence_check.h"
#include "daemon/ingest/shape.h"
#include "daemon/wire/text.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::ingest {
namespace {

struct Report {
  Subject subject;
  Date date;
  uint32_t section = 0;
  uint32_t position = 0;  // in its section
  bool kept = false;
  uint32_t count = 0;  // values
  size_t begin = 0;    // its values stand in [begin, end) of BatchCheck::cells_
  size_t end = 0;
};

using Cell = ObservationList::Cell;

// A value with the report that has it.
struct SourcedCell {
  Cell cell;
  uint32_t report = 0;
};

class BatchCheck {
 public:
  BatchCheck(const v1::Batch& batch, const Rulebook& rulebook, Date today)
      : batch_(batch), rulebook_(rulebook), today_(today) {}

  CheckedBatch Run() {
    checked_.township = *Division::Parse(batch_.township());
    checked_.collector = batch_.collector();
    checked_.receipt.set_request_id(batch_.request_id());
    for (const std::string& name : batch_.indicators()) {
      indicators_.push_back(rulebook_.reg.catalogue.Find(name));
    }
    for (int s = 0; s < batch_.sections_size(); ++s) AdmitSection(s);
    PlaceReports();
    size_t first = 0;
    for (const v1::Section& section : batch_.sections()) {
      TakeSection(section, first);
      first += static_cast<size_t>(section.numbers_size());
    }
    PackReports();
    checked_.residences =
        CheckResidences(batch_, rulebook_.reg, checked_.township, today_, &rejections_);
    rejections_.MoveInto(&checked_.receipt);
    return std::move(checked_);
  }

 private:
  void AdmitSection(int index);
  std::optional<Refusal> RefusalOfPlace(const v1::Section& section, SubjectKind kind,
                                        uint64_t* place) const;
  std::optional<Refusal> RefusalOfSite(const Subject& site) const;
  void PlaceReports();
  void TakeSection(const v1::Section& section, size_t first);
  void RefuseColumn(const v1::Column& column, size_t first, int reports,
                    const std::string& indicator, v1::RejectionReason reason,
                    const std::string& message);
  void RefuseRange(const Report& report, const Indicator& indicator, int64_t value);
  void RefuseConflict(const SourcedCell& value, const SourcedCell& standing);
  void PackReports();
  void PackRepeated(std::span<const uint32_t> reports, uint32_t arrival);

  const v1::Batch& batch_;
  const Rulebook& rulebook_;
  const Date today_;
  std::vector<const Indicator*> indicators_;  // as the batch lists them; nullptr: unknown
  std::vector<Report> reports_;               // as the batch gives them
  std::vector<uint32_t> order_;               // of the kept ones, by (subject, date, position)
  std::vector<Cell> cells_;                   // of the kept ones, report by report
  Rejections rejections_;
  CheckedBatch checked_;
};

// What cannot be turned into a Subject is shown as it was sent.
std::string SubjectText(const v1::Section& section, uint32_t number) {
  return fmt::format("{}/{}{}", wire::CleanText(section.place(), 40),
                     section.kind() == v1::SUBJECT_KIND_SITE ? "S" : "", number);
}

std::vector<uint32_t> ValuesPerReport(const v1::Section& section) {
  uint32_t in_all = 0;
  for (const v1::Column& column : section.columns()) in_all += column.present().empty() ? 1 : 0;
  std::vector<uint32_t> counts(static_cast<size_t>(section.numbers_size()), in_all);
  for (const v1::Column& column : section.columns()) {
    if (column.present().empty()) continue;
    for (int r = 0; r < section.numbers_size(); ++r) counts[r] += IsPresent(column, r) ? 1 : 0;
  }
  return counts;
}

std::optional<Refusal> BatchCheck::RefusalOfPlace(const v1::Section& section, SubjectKind kind,
                                                  uint64_t* place) const {
  const bool household = kind == SubjectKind::kHousehold;
  const std::string text = wire::CleanText(section.place(), 40);
  const absl::StatusOr<Division> division = Division::Parse(section.place());
  const bool fits =
      division.ok() && (division->level() == DivisionLevel::kVillage ||
                        (!household && division->level() == DivisionLevel::kTownship));
  if (!fits) {
    return Refusal{v1::REJECTION_REASON_UNKNOWN_DIVISION, text,
                   household
                       ? fmt::format("'{}' is not a village code of 12 digits", text)
                       : fmt::format("'{}' is not a settlement code of 9 or 12 digits", text)};
  }
  if (!checked_.township.Contains(*division)) {
    return Refusal{v1::REJECTION_REASON_OUTSIDE_TOWNSHIP, text,
                   fmt::format("{} {} lies outside the batch's township {}",
                               household ? "village" : "settlement", text, batch_.township())};
  }
  if (!rulebook_.reg.divisions.Has(*division)) {
    return Refusal{
        v1::REJECTION_REASON_UNKNOWN_DIVISION, text,
        fmt::format("{} {} is not a known division", household ? "village" : "settlement", text)};
  }
  *place = division->FirstVillageCode();
  return std::nullopt;
}

std::optional<Refusal> BatchCheck::RefusalOfSite(const Subject& site) const {
  if (site.kind != SubjectKind::kSite || rulebook_.reg.sites.Find(site) != nullptr) {
    return std::nullopt;
  }
  return Refusal{v1::REJECTION_REASON_UNKNOWN_SITE, site.ToString(),
                 fmt::format("site {} is not registered", site.ToString())};
}

void BatchCheck::AdmitSection(int index) {
  const v1::Section& section = batch_.sections(index);
  const SubjectKind kind =
      section.kind() == v1::SUBJECT_KIND_SITE ? SubjectKind::kSite : SubjectKind::kHousehold;
  uint64_t place = 0;
  const std::optional<Refusal> bad_place = RefusalOfPlace(section, kind, &place);
  const std::vector<uint32_t> counts = ValuesPerReport(section);
  reports_.reserve(reports_.size() + counts.size());
  for (int r = 0; r < section.numbers_size(); ++r) {
    Report report;
    report.subject = Subject{place, kind, section.numbers(r)};
    report.date = Date::OfDays(section.dates(section.dates_size() == 1 ? 0 : r));
    report.section = static_cast<uint32_t>(index);
    report.position = static_cast<uint32_t>(r);
    report.count = counts[r];
    std::optional<Refusal> refusal = bad_place;
    if (!refusal && report.subject.number == 0) {
      refusal = Refusal{v1::REJECTION_REASON_INVALID_SUBJECT, "0",
                        fmt::format("{} number 0: numbers start at 1", KindName(kind))};
    }
    if (!refusal) refusal = RefusalOfSite(report.subject);
    if (!refusal) refusal = RefusalOfDate(report.date, today_);
    report.kept = !refusal;
    if (refusal && report.count > 0) {
      rejections_.Add({report.section, report.position}, SubjectText(section, section.numbers(r)),
                      "", *std::move(refusal), report.count);
    }
    reports_.push_back(report);
  }
}

// Gives every kept report a range of the cells, subject by subject.
void BatchCheck::PlaceReports() {
  for (uint32_t i = 0; i < reports_.size(); ++i) {
    if (reports_[i].kept) order_.push_back(i);
  }
  const auto before = [&](uint32_t a, uint32_t b) {
    return std::tie(reports_[a].subject, reports_[a].date, a) <
           std::tie(reports_[b].subject, reports_[b].date, b);
  };
  if (!std::ranges::is_sorted(order_, before)) std::ranges::sort(order_, before);
  size_t end = 0;
  for (const uint32_t i : order_) {
    reports_[i].begin = reports_[i].end = end;
    end += reports_[i].count;
  }
  cells_.resize(end);
}

void BatchCheck::TakeSection(const v1::Section& section, size_t first) {
  const SubjectKind kind =
      section.kind() == v1::SUBJECT_KIND_SITE ? SubjectKind::kSite : SubjectKind::kHousehold;
  std::vector<int> columns(static_cast<size_t>(section.columns_size()));
  std::iota(columns.begin(), columns.end(), 0);
  std::ranges::stable_sort(columns, {}, [&](int c) {
    const Indicator* indicator = indicators_[section.columns(c).indicator()];
    return indicator == nullptr ? 0 : indicator->id;
  });
  for (const int c : columns) {
    const v1::Column& column = section.columns(c);
    const Indicator* indicator = indicators_[column.indicator()];
    const std::string& name = batch_.indicators(static_cast<int>(column.indicator()));
    if (indicator == nullptr) {
      RefuseColumn(
          column, first, section.numbers_size(), wire::CleanText(name, kMaxNameBytes),
          v1::REJECTION_REASON_UNKNOWN_INDICATOR,
          fmt::format("'{}' is not a catalogued indicator", wire::CleanText(name, kMaxNameBytes)));
      continue;
    }
    if (indicator->applies_to != kind) {
      RefuseColumn(column, first, section.numbers_size(), name, v1::REJECTION_REASON_NOT_APPLICABLE,
                   fmt::format("{} applies to a {}, not to a {}", name,
                               KindName(indicator->applies_to), KindName(kind)));
      continue;
    }
    const int64_t* value = column.values().data();
    for (int r = 0; r < section.numbers_size(); ++r) {
      if (!IsPresent(column, r)) continue;
      const int64_t v = *value++;
      Report& report = reports_[first + static_cast<size_t>(r)];
      if (!report.kept) continue;
      if (v < indicator->min || v > indicator->max) {
        RefuseRange(report, *indicator, v);
        continue;
      }
      cells_[report.end++] = {indicator->id, v};
    }
  }
}

void BatchCheck::RefuseColumn(const v1::Column& column, size_t first, int reports,
                              const std::string& indicator, v1::RejectionReason reason,
                              const std::string& message) {
  int value = 0;
  for (int r = 0; r < reports; ++r) {
    if (!IsPresent(column, r)) continue;
    const int64_t v = column.values(value++);
    const Report& report = reports_[first + static_cast<size_t>(r)];
    if (!report.kept) continue;
    // Without the indicator its decimals are unknown, so the value is shown as it was sent.
    rejections_.Add({report.section, report.position}, report.subject, indicator, [&] {
      return Refusal{reason, fmt::format("{}", v), message};
    });
  }
}

void BatchCheck::RefuseRange(const Report& report, const Indicator& indicator, int64_t value) {
  rejections_.Add({report.section, report.position}, report.subject, indicator.name, [&] {
    const std::string text = FormatDecimal(value, indicator.decimals);
    return Refusal{v1::REJECTION_REASON_OUT_OF_RANGE, text,
                   fmt::format("{} is {} {}; {} to {} is valid", indicator.name, text,
                               indicator.unit, FormatDecimal(indicator.min, indicator.decimals),
                               FormatDecimal(indicator.max, indicator.decimals))};
  });
}

void BatchCheck::RefuseConflict(const SourcedCell& value, const SourcedCell& standing) {
  const Report& report = reports_[value.report];
  const Indicator& indicator = *rulebook_.reg.catalogue.Get(value.cell.indicator);
  rejections_.Add({report.section, report.position}, report.subject, indicator.name, [&] {
    const Report& first = reports_[standing.report];
    const std::string text = FormatDecimal(value.cell.value, indicator.decimals);
    return Refusal{
        v1::REJECTION_REASON_CONFLICT, text,
        fmt::format("{} on {} is {} here and {} in sections[{}], report {}, which stands",
                    indicator.name, report.date.ToString(), text,
                    FormatDecimal(standing.cell.value, indicator.decimals), first.section,
                    first.position)};
  });
}

void BatchCheck::PackReports() {
  ObservationList& list = checked_.observations;
  list.Reserve(order_.size(), cells_.size());
  const uint32_t arrival =
      list.AddArrival({Instant(std::chrono::milliseconds(batch_.reported_at_ms())), Instant(), 0,
                       static_cast<Source>(batch_.source())});
  for (size_t i = 0; i < order_.size();) {
    const Report& report = reports_[order_[i]];
    size_t j = i + 1;
    while (j < order_.size() && reports_[order_[j]].subject == report.subject &&
           reports_[order_[j]].date == report.date) {
      ++j;
    }
    if (j - i > 1) {
      PackRepeated(std::span(order_).subspan(i, j - i), arrival);
    } else if (report.begin != report.end) {
      list.BeginReport(report.subject, report.date, arrival);
      list.AddCells(std::span(cells_).subspan(report.begin, report.end - report.begin));
    }
    i = j;
  }
}

// Several reports of one subject and date become one. Of a cell given twice the first stands.
void BatchCheck::PackRepeated(std::span<const uint32_t> reports, uint32_t arrival) {
  std::vector<SourcedCell> all;
  for (const uint32_t r : reports) {
    for (size_t c = reports_[r].begin; c < reports_[r].end; ++c) all.push_back({cells_[c], r});
  }
  if (all.empty()) return;
  std::ranges::stable_sort(all, {}, [](const SourcedCell& c) { return c.cell.indicator; });
  const Report& report = reports_[reports[0]];
  checked_.observations.BeginReport(report.subject, report.date, arrival);
  const SourcedCell* standing = nullptr;
  for (const SourcedCell& value : all) {
    if (standing == nullptr || standing->cell.indicator != value.cell.indicator) {
      checked_.observations.AddCell(value.cell.indicator, value.cell.value);
      standing = &value;
    } else if (standing->cell.value == value.cell.value) {
      checked_.receipt.set_unchanged(checked_.receipt.unchanged() + 1);
    } else {
      RefuseConflict(value, *standing);
    }
  }
}

}  // namespace

absl::StatusOr<CheckedBatch> CheckBatch(const v1::Batch& batch, const Rulebook& rulebook,
                                        Instant now, const IngestBounds& bounds) {
  if (absl::Status status = CheckShape(batch, rulebook, now, bounds); !status.ok()) return status;
  return BatchCheck(batch, rulebook, DateOf(now)).Run();
}

}  // namespace shouwang::ingest
