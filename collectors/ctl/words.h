// The wire's enums, dates and decimals as text for people and JSON. Pure functions, any thread.
#pragma once

#include <shouwang/v1/catalogue.pb.h>
#include <shouwang/v1/report.pb.h>
#include <shouwang/v1/risk.pb.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "collectors/ctl/session.h"

namespace shouwang::ctl {

// "red", "household", "cadre_visit", "monthly", "county", "unknown"; "" where unset.
std::string Word(v1::Severity severity);
std::string Word(v1::SubjectKind kind);
std::string Word(v1::Source source);
std::string Word(v1::Cadence cadence);
std::string Word(v1::DivisionLevel level);
std::string Word(v1::Truth truth);

// "红", "真" and the like in Chinese, else the word.
std::string Shown(v1::Severity severity, Language language);
std::string Shown(v1::Truth truth, Language language);
// "走访" in Chinese, "cadre visit" in English.
std::string Shown(v1::Source source, Language language);
// "因病"; the word itself where it is no risk kind.
std::string ShownRiskKind(const std::string& word, Language language);

// "2026-10-05" for days since 1970-01-01; "" outside 1900 to 2199.
std::string DateText(int32_t days);
// "2026-10" for months since January 1970.
std::string MonthText(int32_t month);
// "2026-10-05T08:30:00.000Z".
std::string InstantText(int64_t ms);
// With the decimals of the wire's 32-bit count, which a peer may get wrong: at most kMaxDecimals.
std::string DecimalText(int64_t scaled, uint32_t decimals);
// Up to six significant digits behind the point, no trailing zeros; features are doubles.
std::string NumberText(double number);

// A level's word as a wire value; InvalidArgument, listing the words, for any other.
absl::StatusOr<v1::DivisionLevel> LevelFromWord(std::string_view word);

}  // namespace shouwang::ctl
