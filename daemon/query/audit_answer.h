// AuditService's answers. Pure but for reading the log; any thread.
#pragma once

#include <shouwang/v1/audit.pb.h>

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/audit_log.h"

namespace shouwang::query {

inline constexpr size_t kDefaultAuditPage = 100;
inline constexpr size_t kMaxAuditPage = 1'000;
// Of one page; past one of them it is given as it is, with a token to go on.
inline constexpr size_t kMaxAuditLookedAt = 200'000;
inline constexpr size_t kMaxAuditPageBytes = size_t{4} << 20;
// Entries that are looked at for the latest ones.
inline constexpr size_t kMaxAuditLookedAtForLatest = 1'000'000;
inline constexpr int kMaxKeptHeads = 200'000;
inline constexpr size_t kChainsAMessage = 1'000;

// InvalidArgument names the fields at fault; Cancelled once `cancelled` says so. Entries that
// cannot be read are counted and left out; where the log itself cannot be read on, that fails.
absl::Status AnswerListAudit(const AuditLog& log, const Rulebook& rulebook,
                             const v1::ListAuditRequest& request,
                             absl::FunctionRef<bool()> cancelled, v1::ListAuditResponse* response);

absl::Status AnswerAuditHeads(const AuditLog& log, Instant now,
                              v1::GetAuditHeadsResponse* response);

// The messages of the answer, progress not among them: that is told to `progress` (entries done, of
// how many) some hundred times a second, until it gives false (Cancelled).
absl::StatusOr<std::vector<v1::VerifyAuditResponse>> AnswerVerifyAudit(
    const AuditLog& log, const v1::VerifyAuditRequest& request,
    absl::FunctionRef<bool(uint64_t, uint64_t)> progress);

}  // namespace shouwang::query
