// Between the vocabulary and the messages of proto/shouwang/v1. FromProto checks what the wire does
// not: an enum that is unset or unknown and a key that is malformed are InvalidArgument, worded for
// the caller, who adds the field's name.
//
// Pure functions, any thread.
#pragma once

#include <shouwang/v1/catalogue.pb.h>
#include <shouwang/v1/report.pb.h>
#include <shouwang/v1/risk.pb.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/site.h"
#include "storage/vocabulary/subject.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::wire {

v1::Source ToProto(Source source);
absl::StatusOr<Source> FromProto(v1::Source source);

v1::SubjectKind ToProto(SubjectKind kind);
absl::StatusOr<SubjectKind> FromProto(v1::SubjectKind kind);

v1::Severity ToProto(Severity severity);
absl::StatusOr<Severity> FromProto(v1::Severity severity);

v1::Cadence ToProto(Cadence cadence);
absl::StatusOr<Cadence> FromProto(v1::Cadence cadence);

// The nation is DIVISION_LEVEL_UNSPECIFIED on the wire, and only that way round.
v1::DivisionLevel ToProto(DivisionLevel level);
absl::StatusOr<DivisionLevel> FromProto(v1::DivisionLevel level);

v1::Indicator ToProto(const Indicator& indicator);
// Checks the enums and that id and decimals fit; the rest is Catalogue::Of's to check.
absl::StatusOr<Indicator> FromProto(const v1::Indicator& indicator);

v1::Residence ToProto(const Residence& residence);
// Checks the form of each key, not whether site and origin exist.
absl::StatusOr<Residence> FromProto(const v1::Residence& residence);

// What a warning's listing shows beside the warning; the rulebook knows it.
struct WarningWords {
  std::string rule;  // the rule's name
  std::string rule_title_zh;
  std::string rule_title_en;
  std::string division_path;
};
v1::Warning ToProto(const Warning& warning, const WarningWords& words);

int64_t ToMs(Instant instant);
// InvalidArgument outside 1900 to 2199.
absl::StatusOr<Instant> InstantFromMs(int64_t ms);
// InvalidArgument outside 1900 to 2199.
absl::StatusOr<Date> DateFromDays(int32_t days);

}  // namespace shouwang::wire
