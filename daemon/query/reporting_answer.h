// ReportingService's answers: daemon/reporting on the wire. Pure but for reading; any thread.
#pragma once

#include <shouwang/v1/reporting.pb.h>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/reporters.h"
#include "storage/contract/store.h"

namespace shouwang::query {

inline constexpr int kMaxReportingMonths = 120;
inline constexpr size_t kMaxReportingRows = 100'000;
inline constexpr size_t kDefaultSilentPage = 100;
inline constexpr size_t kMaxSilentPage = 10'000;
inline constexpr size_t kDefaultReportersPage = 1'000;
inline constexpr size_t kMaxReportersPage = 10'000;

// Each: InvalidArgument names the fields at fault.
// OutOfRange past kMaxReportingRows.
absl::Status AnswerListReporting(const Store& store, const Rulebook& rulebook,
                                 const v1::ListReportingRequest& request,
                                 v1::ListReportingResponse* response);
// FailedPrecondition where the policy in force on the day expects nothing; Cancelled once
// `cancelled` says so, which is asked now and then.
absl::Status AnswerListSilent(const Store& store, const Rulebook& rulebook, Instant now,
                              const v1::ListSilentHouseholdsRequest& request,
                              absl::FunctionRef<bool()> cancelled,
                              v1::ListSilentHouseholdsResponse* response);
// FailedPrecondition as above.
absl::Status AnswerListReporters(const Reporters& reporters, const Rulebook& rulebook, Instant now,
                                 const v1::ListReportersRequest& request,
                                 v1::ListReportersResponse* response);

}  // namespace shouwang::query
