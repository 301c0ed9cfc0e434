// FollowUpService.ListDraws and RecordVisit: requests checked, draws as the wire shows them. Any
// thread.
#pragma once

#include <shouwang/v1/follow_up.pb.h>

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/cases/draw_desk.h"
#include "daemon/query/caller.h"
#include "daemon/rulebook/rulebook.h"

namespace shouwang::query {

// A page ends with the township in which it reached one of these.
inline constexpr size_t kMaxDrawnOfPage = 5'000;
inline constexpr size_t kMaxTownshipsDrawnForPage = 20;

// InvalidArgument names the fields at fault; Cancelled once `cancelled` says so, which is asked
// before each township; the rest as draw_desk.h says. Of a region larger than a township, those
// that did not draw in a month that is over are left out. The audit trail names the caller of what
// is drawn, and the visitor with the address `peer` of what is recorded.
absl::Status AnswerListDraws(cases::DrawDesk* desk, const Rulebook& rulebook, Instant now,
                             const v1::ListDrawsRequest& request, const Caller& caller,
                             absl::FunctionRef<bool()> cancelled, v1::ListDrawsResponse* response);
absl::Status AnswerRecordVisit(cases::DrawDesk* desk, const Rulebook& rulebook, Instant now,
                               const v1::RecordVisitRequest& request, std::string_view peer,
                               v1::RecordVisitResponse* response);

}  // namespace shouwang::query
