// A checked ScreenRequest: whose reporters are told, of which months, by which policy. A value; any
// thread.
#pragma once

#include <shouwang/v1/screening.pb.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/rulebook/rulebook.h"
#include "daemon/screening/township_tally.h"

namespace shouwang::query {

inline constexpr int32_t kMaxScreenedMonths = 36;
inline constexpr int32_t kDefaultScreenedMonths = 6;
inline constexpr size_t kMaxCollectorBytes = 64;

struct ScreeningQuestion {
  std::shared_ptr<const Rulebook> rulebook;
  const risk::Policy* policy = nullptr;  // of the rulebook; has a section `screening`
  Division region;                       // whose reporters are told
  Division compared;  // the county that it lies in, or itself where it is more: who is compared
  screening::MonthRange months;
  std::string collector;  // empty: all
};

// InvalidArgument names the fields at fault; FailedPrecondition where the policy in force at the
// end of the months says nothing of screening.
absl::StatusOr<ScreeningQuestion> CheckScreening(const v1::ScreenRequest& request,
                                                 std::shared_ptr<const Rulebook> rulebook,
                                                 Instant now);

}  // namespace shouwang::query
