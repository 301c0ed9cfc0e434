// FollowUpService.GetPrecision: counts the rounds of a region's cases by what verification found,
// and the visits to drawn households. Reads the store; any thread.
#pragma once

#include <shouwang/v1/follow_up.pb.h>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/cases/desk.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/draw_book.h"

namespace shouwang::query {

// InvalidArgument names the fields at fault; Cancelled once `cancelled` says so, which is asked now
// and then; DataLoss where not every case or draw can be read, since a count of some of them would
// pass for one of all.
absl::Status AnswerPrecision(const cases::CaseDesk& desk, const DrawBook& draws,
                             const Rulebook& rulebook, Instant now,
                             const v1::GetPrecisionRequest& request,
                             absl::FunctionRef<bool()> cancelled,
                             v1::GetPrecisionResponse* response);

}  // namespace shouwang::query
