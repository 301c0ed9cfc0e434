#include "daemon/query/field_check.h"

#include <fmt/format.h>

#include "daemon/wire/convert.h"
#include "storage/vocabulary/division.h"

namespace shouwang::query {
namespace {

// A request can hold thousands of bad subjects; the first few tell enough.
constexpr size_t kMaxViolations = 100;

}  // namespace

void FieldCheck::Fault(std::string_view field, std::string_view description) {
  if (violations_.size() >= kMaxViolations) return;
  violations_.push_back({std::string(field), std::string(description)});
}

Division FieldCheck::Region(std::string_view field, std::string_view code,
                            const DivisionTree& divisions) {
  const absl::StatusOr<Division> region = Division::Parse(code);
  if (!region.ok()) {
    Fault(field, std::string(region.status().message()));
    return Division();
  }
  if (region->level() != DivisionLevel::kNation && !divisions.Has(*region)) {
    Fault(field, fmt::format("division {} is not in the register", code));
    return Division();
  }
  return *region;
}

Subject FieldCheck::ParseSubject(std::string_view field, std::string_view text) {
  const absl::StatusOr<Subject> subject = Subject::Parse(text);
  if (subject.ok()) return *subject;
  Fault(field, std::string(subject.status().message()));
  return Subject();
}

Date FieldCheck::Day(std::string_view field, int32_t days) {
  const Date date = Date::OfDays(days);
  if (date >= Date::Min() && date <= Date::Max()) return date;
  Fault(field, fmt::format("{} days since 1970-01-01 is outside {} to {}", days,
                           Date::Min().ToString(), Date::Max().ToString()));
  return Date();
}

Month FieldCheck::AsMonth(std::string_view field, int32_t index, Month last) {
  const Month first = Date::Min().month();
  if (index >= first.index() && index <= last.index()) return Month::OfIndex(index);
  Fault(field, fmt::format("{} months since January 1970 is outside {} to {}", index,
                           first.ToString(), last.ToString()));
  return Month();
}

std::pair<Month, Month> FieldCheck::Months(int32_t from, int32_t to, int limit, Month last) {
  const size_t faults = violations_.size();
  const std::pair months{AsMonth("from_month", from, last), AsMonth("to_month", to, last)};
  if (violations_.size() > faults) return months;
  const int32_t count = to - from + 1;
  if (count < 1) {
    Fault("to_month", fmt::format("{} is before from_month, {}", months.second.ToString(),
                                  months.first.ToString()));
  } else if (count > limit) {
    Fault("to_month", fmt::format("{} months are over the limit of {}", count, limit));
  }
  return months;
}

Instant FieldCheck::AsOf(std::string_view field, int64_t ms, Instant now, Date first) {
  const absl::StatusOr<Instant> instant = wire::InstantFromMs(ms);
  if (!instant.ok()) {
    Fault(field, std::string(instant.status().message()));
    return now;
  }
  // To the end of the day, as that is what a date means; and clocks differ a little.
  if (DateOf(*instant) > DateOf(now)) {
    Fault(field,
          fmt::format("{} is in the future; here it is {}", ToString(*instant), ToString(now)));
  }
  if (first > Date::Min() && DateOf(*instant) < first) {
    Fault(field, fmt::format("{}: what rules looked back on then is past its retention; judged can "
                             "be as of {} and later",
                             ToString(*instant), first.ToString()));
  }
  return *instant;
}

size_t FieldCheck::PageSize(uint32_t asked, size_t by_default, size_t limit) {
  if (asked > limit) Fault("page_size", fmt::format("{} is over the limit of {}", asked, limit));
  return asked == 0 ? by_default : asked;
}

absl::Status FieldCheck::ToStatus() const {
  if (ok()) return absl::OkStatus();
  const wire::FieldViolation& first = violations_.front();
  std::string message = fmt::format("{}: {}: {}", method_, first.field, first.description);
  if (violations_.size() > 1) message += fmt::format(" (and {} more)", violations_.size() - 1);
  return wire::BadRequest(message, violations_);
}

}  // namespace shouwang::query
