// Gathers what is wrong with a request, field by field, so that a caller mends it in one go.
//
//   FieldCheck check("ListDivisions");
//   const Division region = check.Region("region", request.region(), divisions);
//   if (!check.ok()) return check.ToStatus();
//
// A value, used by one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/wire/status.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division_tree.h"
#include "storage/vocabulary/subject.h"

namespace shouwang::query {

class FieldCheck {
 public:
  explicit FieldCheck(std::string_view method) : method_(method) {}

  bool ok() const { return violations_.empty(); }
  void Fault(std::string_view field, std::string_view description);

  // Each returns a harmless value where the field is at fault.
  // "" is the whole tree; a code that is not in `divisions` is a fault.
  Division Region(std::string_view field, std::string_view code, const DivisionTree& divisions);
  Subject ParseSubject(std::string_view field, std::string_view text);
  // Days since 1970-01-01, within Date::Min() to Date::Max().
  Date Day(std::string_view field, int32_t days);
  // Milliseconds since 1970-01-01T00:00Z; an instant after today in China, by `now`, is a fault.
  Instant AsOf(std::string_view field, int64_t ms, Instant now);
  // 0 gives `by_default`; more than `limit` is a fault.
  size_t PageSize(uint32_t asked, size_t by_default, size_t limit);

  // OK, or InvalidArgument with a BadRequest detail for each fault.
  absl::Status ToStatus() const;

 private:
  std::string method_;
  std::vector<wire::FieldViolation> violations_;
};

}  // namespace shouwang::query
