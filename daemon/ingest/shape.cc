#include "daemon/ingest/shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "daemon/wire/status.h"
#include "daemon/wire/text.h"

namespace shouwang::ingest {
namespace {

constexpr std::chrono::hours kMaxAhead{24};
// 1990-01-01T00:00Z, the first instant at which a report can have been made.
constexpr int64_t kFirstReportedAtMs = 631'152'000'000;

constexpr int kFewNames = 32;

class Violations {
 public:
  void Add(std::string field, std::string description) {
    if (list_.size() < kMaxViolations) list_.push_back({std::move(field), std::move(description)});
  }
  absl::Status ToStatus(std::string_view request_id) const {
    if (list_.empty()) return absl::OkStatus();
    const std::string more =
        list_.size() == 1 ? "" : fmt::format(" (and {} more)", list_.size() - 1);
    return wire::BadRequest(
        fmt::format("batch '{}' refused: {}: {}{}", wire::CleanText(request_id, kMaxNameBytes),
                    list_[0].field, list_[0].description, more),
        list_);
  }

 private:
  std::vector<wire::FieldViolation> list_;
};

void CheckName(std::string_view field, std::string_view value, Violations* violations) {
  if (value.empty()) {
    violations->Add(std::string(field), "is empty; 1 to 64 bytes are needed");
  } else if (value.size() > kMaxNameBytes) {
    violations->Add(std::string(field),
                    fmt::format("has {} bytes; the limit is {}", value.size(), kMaxNameBytes));
  }
}

void CheckTownship(const std::string& code, const DivisionTree& divisions, Violations* violations) {
  const absl::StatusOr<Division> township = Division::Parse(code);
  if (!township.ok() || township->level() != DivisionLevel::kTownship) {
    violations->Add("township", fmt::format("'{}' is not a township code of 9 digits",
                                            wire::CleanText(code, 40)));
  } else if (!divisions.Has(*township)) {
    violations->Add("township", fmt::format("{} is not a known division", code));
  }
}

void CheckReportedAt(int64_t reported_at_ms, Instant now, Violations* violations) {
  const Instant latest = now + kMaxAhead;
  if (reported_at_ms > latest.time_since_epoch().count()) {
    violations->Add("reported_at_ms",
                    fmt::format("{} is more than a day ahead of the server's clock, {} ({})",
                                reported_at_ms, now.time_since_epoch().count(), ToString(now)));
  } else if (reported_at_ms < kFirstReportedAtMs) {
    violations->Add(
        "reported_at_ms",
        fmt::format("{} is before 1990-01-01; milliseconds since 1970 are needed", reported_at_ms));
  }
}

void CheckIndicators(const v1::Batch& batch, Violations* violations) {
  if (batch.indicators_size() > kMaxIndicators) {
    violations->Add("indicators", fmt::format("has {} names; the limit is {}",
                                              batch.indicators_size(), kMaxIndicators));
    return;
  }
  const auto& names = batch.indicators();
  absl::flat_hash_set<std::string_view> seen;
  const auto is_new = [&](int i) {
    // Hashing few costs more than comparing them.
    if (names.size() > kFewNames) return seen.insert(names[i]).second;
    return std::find(names.begin(), names.begin() + i, names[i]) == names.begin() + i;
  };
  for (int i = 0; i < names.size(); ++i) {
    if (is_new(i)) continue;
    violations->Add(fmt::format("indicators[{}]", i),
                    fmt::format("'{}' is given twice", wire::CleanText(names[i], kMaxNameBytes)));
  }
}

void CheckEnvelope(const v1::Batch& batch, const Rulebook& rulebook, Instant now,
                   Violations* violations) {
  CheckName("request_id", batch.request_id(), violations);
  CheckTownship(batch.township(), rulebook.reg.divisions, violations);
  CheckName("collector", batch.collector(), violations);
  if (batch.source() == v1::SOURCE_UNSPECIFIED) {
    violations->Add("source", "is not set");
  } else if (!v1::Source_IsValid(batch.source())) {
    violations->Add("source", fmt::format("{} is not a source", static_cast<int>(batch.source())));
  }
  CheckReportedAt(batch.reported_at_ms(), now, violations);
  CheckIndicators(batch, violations);
}

// False where the batch is past a bound: it is then not looked into any further.
bool CheckSizes(const v1::Batch& batch, const IngestBounds& bounds, Violations* violations) {
  if (batch.sections_size() > kMaxSections) {
    violations->Add("sections", fmt::format("has {} sections; the limit is {}",
                                            batch.sections_size(), kMaxSections));
    return false;
  }
  int64_t reports = 0;
  int64_t values = 0;
  for (const v1::Section& section : batch.sections()) {
    reports += section.numbers_size();
    for (const v1::Column& column : section.columns()) values += column.values_size();
  }
  bool fits = true;
  const auto check = [&](std::string_view field, int64_t size, std::string_view what, int limit) {
    if (size <= limit) return;
    violations->Add(std::string(field),
                    fmt::format("{} {} in all; the limit of a batch is {}", size, what, limit));
    fits = false;
  };
  check("sections", reports, "reports", bounds.max_reports);
  check("sections", values, "values", bounds.max_values);
  check("residences", batch.residences_size(), "residences", bounds.max_reports);
  return fits;
}

// How many values the column must have; -1 where `present` itself does not fit.
int64_t ExpectedValues(const v1::Column& column, int reports, absl::FunctionRef<std::string()> path,
                       Violations* violations) {
  const std::string& present = column.present();
  if (present.empty()) return reports;
  const size_t bytes = (static_cast<size_t>(reports) + 7) / 8;
  if (present.size() != bytes) {
    violations->Add(path() + ".present", fmt::format("has {} bytes; {} reports need {}",
                                                     present.size(), reports, bytes));
    return -1;
  }
  int64_t count = 0;
  for (const char byte : present) count += std::popcount(static_cast<uint8_t>(byte));
  if (reports % 8 != 0 && (static_cast<uint8_t>(present.back()) >> (reports % 8)) != 0) {
    violations->Add(path() + ".present",
                    fmt::format("has a bit set past the last of {} reports", reports));
    return -1;
  }
  return count;
}

void CheckSection(const v1::Section& section, int index, int indicators, Violations* violations) {
  // Written where there is something to say only.
  const auto path = [index] { return fmt::format("sections[{}]", index); };
  const int reports = section.numbers_size();
  if (section.kind() != v1::SUBJECT_KIND_HOUSEHOLD && section.kind() != v1::SUBJECT_KIND_SITE) {
    violations->Add(path() + ".kind", section.kind() == v1::SUBJECT_KIND_UNSPECIFIED
                                          ? "is not set"
                                          : fmt::format("{} is not a kind of subject",
                                                        static_cast<int>(section.kind())));
  }
  if (section.dates_size() != 1 && section.dates_size() != reports) {
    violations->Add(path() + ".dates",
                    fmt::format("has {} dates; one, or one for each of {} reports, is needed",
                                section.dates_size(), reports));
  }
  std::vector<bool> seen(static_cast<size_t>(indicators));
  for (int c = 0; c < section.columns_size(); ++c) {
    const v1::Column& column = section.columns(c);
    const auto column_path = [&] { return fmt::format("{}.columns[{}]", path(), c); };
    if (column.indicator() >= static_cast<uint32_t>(indicators)) {
      violations->Add(column_path() + ".indicator",
                      fmt::format("is {}; the batch lists {} indicators, the first is 0",
                                  column.indicator(), indicators));
    } else if (seen[column.indicator()]) {
      violations->Add(column_path() + ".indicator",
                      fmt::format("{} has a column in this section already", column.indicator()));
    } else {
      seen[column.indicator()] = true;
    }
    const int64_t expected = ExpectedValues(column, reports, column_path, violations);
    if (expected >= 0 && column.values_size() != expected) {
      violations->Add(column_path() + ".values",
                      fmt::format("has {} values; {} reports are marked as having one",
                                  column.values_size(), expected));
    }
  }
}

}  // namespace

absl::Status CheckShape(const v1::Batch& batch, const Rulebook& rulebook, Instant now,
                        const IngestBounds& bounds) {
  Violations violations;
  CheckEnvelope(batch, rulebook, now, &violations);
  if (CheckSizes(batch, bounds, &violations) && batch.indicators_size() <= kMaxIndicators) {
    for (int s = 0; s < batch.sections_size(); ++s) {
      CheckSection(batch.sections(s), s, batch.indicators_size(), &violations);
    }
  }
  return violations.ToStatus(batch.request_id());
}

}  // namespace shouwang::ingest
