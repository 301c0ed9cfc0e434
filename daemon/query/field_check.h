// Gathers what is wrong with a request, field by field, so that a caller mends it in one go.
//
//   FieldCheck check("ListDivisions");
//   const Division region = check.Region("region", request.region(), divisions);
//   if (!check.ok()) return check.ToStatus();
//
// A value, used by one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "daemon/query/page_token.h"
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
  // Months since January 1970, within Date::Min() to `last`.
  Month AsMonth(std::string_view field, int32_t index, Month last = Date::Max().month());
  // "from_month" and "to_month", both included: each as above, in order, at most `limit` of them.
  std::pair<Month, Month> Months(int32_t from, int32_t to, int limit,
                                 Month last = Date::Max().month());
  // Milliseconds since 1970-01-01T00:00Z; an instant after today in China, by `now`, is a fault,
  // and one before `first`, if that is given (JudgedFrom, answers.h).
  Instant AsOf(std::string_view field, int64_t ms, Instant now, Date first = Date::Min());
  // 0 gives `by_default`; more than `limit` is a fault.
  size_t PageSize(uint32_t asked, size_t by_default, size_t limit);
  // Where `listing` goes on after "page_token": what `decode` (string_view to an optional position)
  // makes of the token. The beginning, Position(), where the token is empty or at fault.
  template <typename Decode>
  auto PageStart(std::string_view token, uint64_t listing, Decode decode) {
    using Position = typename decltype(decode(token))::value_type;
    if (token.empty()) return Position();
    const std::optional<std::string> bytes = DecodePageToken(listing, token);
    const std::optional<Position> position = bytes ? decode(*bytes) : std::nullopt;
    if (!position) Fault("page_token", "not one that this listing gave out");
    return position.value_or(Position());
  }

  // OK, or InvalidArgument with a BadRequest detail for each fault.
  absl::Status ToStatus() const;

 private:
  std::string method_;
  std::vector<wire::FieldViolation> violations_;
};

}  // namespace shouwang::query
