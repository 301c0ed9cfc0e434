// What the audit trail says of a call that shows values or warnings of households: who was shown
// how much of which region, never the values. Pure; any thread.
#pragma once

#include <shouwang/v1/case.pb.h>
#include <shouwang/v1/follow_up.pb.h>
#include <shouwang/v1/incident.pb.h>
#include <shouwang/v1/reporting.pb.h>
#include <shouwang/v1/risk.pb.h>
#include <shouwang/v1/screening.pb.h>
#include <shouwang/v1/series.pb.h>
#include <shouwang/v1/whatif.pb.h>

#include "absl/status/status.h"
#include "daemon/query/caller.h"
#include "daemon/query/query_metrics.h"
#include "storage/vocabulary/audit.h"

namespace shouwang::query {

// Facts: call, peer, and what each says. A region or subject that is none is left out: such a call
// is refused anyway.
AuditRecord ReadingOf(Method method, const Caller& caller);
// One subject is named as such; of several their number, all of them and the region they share.
AuditRecord ReadingOf(const Caller& caller, const v1::GetHistoryRequest& request);
AuditRecord ReadingOf(const Caller& caller, const v1::ListWarningsRequest& request,
                      const v1::ListWarningsResponse& response);
AuditRecord ReadingOf(const Caller& caller, const v1::WatchWarningsRequest& request);
AuditRecord ReadingOf(const Caller& caller, const v1::ExplainSubjectRequest& request);
AuditRecord ReadingOf(const Caller& caller, const v1::ListWorklistRequest& request,
                      const v1::ListWorklistResponse& response);
AuditRecord ReadingOf(const Caller& caller, const v1::GetCaseRequest& request);
AuditRecord ReadingOf(const Caller& caller, const v1::ListCasesRequest& request,
                      const v1::ListCasesResponse& response);
AuditRecord ReadingOf(const Caller& caller, const v1::GetIncidentRequest& request,
                      const v1::GetIncidentResponse& response);
AuditRecord ReadingOf(const Caller& caller, const v1::ListSilentHouseholdsRequest& request,
                      const v1::ListSilentHouseholdsResponse& response);
AuditRecord ReadingOf(const Caller& caller, const v1::ListDrawsRequest& request,
                      const v1::ListDrawsResponse& response);
// Of a screening that was answered: how many reporters were told of.
AuditRecord ReadingOf(const Caller& caller, const v1::ScreenRequest& request, int64_t reporters);
// A what-if that was answered, given up or refused: the SHA-256 of the policy asked about, the
// region, `summary` of what came out where it was answered.
AuditRecord WhatIfOf(const Caller& caller, const v1::WhatIfRequest& request,
                     const absl::Status& status, const v1::WhatIfSummary* summary);

}  // namespace shouwang::query
