// How sheets write the day or the span that a row is about.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"

namespace shouwang {

enum class PeriodFormat { kDate, kMonth, kQuarter, kYear };

// "date", "month", "quarter", "year"; InvalidArgument for any other word.
absl::StatusOr<PeriodFormat> ParsePeriodFormat(std::string_view name);

// The day itself (2026-10-05, 2026/10/5), else the last day of the month (2026-10, 2026/10),
// quarter (2009-Q3) or year (2026). InvalidArgument, naming the text and the format, for any other.
absl::StatusOr<Date> ParsePeriod(std::string_view text, PeriodFormat format);

}  // namespace shouwang
