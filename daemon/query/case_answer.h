// What CaseService answers: requests checked, cases as the wire shows them. Any thread.
#pragma once

#include <shouwang/v1/case.pb.h>

#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/cases/desk.h"
#include "daemon/rulebook/rulebook.h"

namespace shouwang::query {

inline constexpr size_t kDefaultCasesPage = 100;
inline constexpr size_t kMaxCasesPage = 10'000;
// Cases looked at for one page; past it the page is given as it is, with a token to go on.
inline constexpr size_t kMaxCasesLookedAt = 200'000;

// Each: InvalidArgument names the fields at fault; the rest as desk.h says.
absl::Status AnswerGetCase(const cases::CaseDesk& desk, const Rulebook& rulebook, Instant now,
                           const v1::GetCaseRequest& request, v1::GetCaseResponse* response);
// Cancelled once `cancelled` says so, which is asked now and then.
absl::Status AnswerListCases(const cases::CaseDesk& desk, const Rulebook& rulebook, Instant now,
                             const v1::ListCasesRequest& request,
                             absl::FunctionRef<bool()> cancelled, v1::ListCasesResponse* response);
// `peer` is the address of who asks, for the audit trail.
absl::Status AnswerAdvanceCase(cases::CaseDesk* desk, const Rulebook& rulebook, Instant now,
                               const v1::AdvanceCaseRequest& request, std::string_view peer,
                               v1::AdvanceCaseResponse* response);
absl::Status AnswerAddMeasure(cases::CaseDesk* desk, const Rulebook& rulebook, Instant now,
                              const v1::AddMeasureRequest& request, std::string_view peer,
                              v1::AddMeasureResponse* response);

}  // namespace shouwang::query
