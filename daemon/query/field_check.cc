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

Instant FieldCheck::AsOf(std::string_view field, int64_t ms, Instant now) {
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
