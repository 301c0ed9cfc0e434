// RiskService.ListWorklist: which households of a township to visit first. Open warnings as they
// are stored, ranked by risk::Ranker from the households' histories; of each township only the best
// are kept while its households go by. Pure but for reading the store; any thread.
#pragma once

#include <shouwang/v1/risk.pb.h>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

inline constexpr size_t kDefaultVisits = 30;  // of a township
inline constexpr size_t kMaxVisits = 1'000;
// A page ends with the township in which it reaches one of these.
inline constexpr size_t kMaxVisitsOfPage = 5'000;
inline constexpr size_t kMaxHouseholdsRanked = 20'000;

// InvalidArgument names the fields at fault; FailedPrecondition where the policy in force ranks
// nothing; Cancelled once `cancelled` says so, which is asked now and then.
absl::Status AnswerWorklist(const Store& store, const Rulebook& rulebook, Instant now,
                            const v1::ListWorklistRequest& request,
                            absl::FunctionRef<bool()> cancelled,
                            v1::ListWorklistResponse* response);

}  // namespace shouwang::query
