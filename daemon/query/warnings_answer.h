// RiskService.ListWarnings: open warnings of a region, by pages; as they are now, or as they follow
// from what was known at an instant. Pure but for reading the store; any thread.
#pragma once

#include <shouwang/v1/risk.pb.h>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

inline constexpr size_t kDefaultWarningsPage = 100;
inline constexpr size_t kMaxWarningsPage = 10'000;
// Warnings looked at for one page; past it the page is given as it is, with a token to go on.
inline constexpr size_t kMaxWarningsLookedAt = 500'000;
// Subjects judged afresh for one page of an as-of listing; as above.
inline constexpr size_t kMaxSubjectsJudged = 20'000;

// InvalidArgument names the fields at fault; Cancelled once `cancelled` says so, which an as-of
// listing asks now and then.
absl::Status AnswerWarnings(const Store& store, const Rulebook& rulebook, Instant now,
                            const v1::ListWarningsRequest& request,
                            absl::FunctionRef<bool()> cancelled,
                            v1::ListWarningsResponse* response);

}  // namespace shouwang::query
