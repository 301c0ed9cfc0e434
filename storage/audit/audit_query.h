// Which entries of an audit trail are asked for, and reading them. One thread a call; reads only.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/audit/audit_chain.h"
#include "storage/contract/audit_log.h"

namespace shouwang {

struct AuditQuery {
  // Entries that concern it or anything in it, and reads and what-ifs of a larger region: they
  // showed this one too.
  Division region;
  std::optional<Subject> subject;  // entries that name it
  std::vector<AuditKind> kinds;    // empty: all
  std::vector<AuditChain> chains;  // empty: all
  std::optional<Instant> from;     // at or after
  std::optional<Instant> to;       // at or before
};
// Whether the entry is one of those.
bool Matches(const AuditQuery& query, const AuditEntry& entry);

// A matching entry and the next, chain by chain, each chain from its beginning, behind `behind` on
// (sequence 0: all of that chain and those after it). `visit` is called for every entry that is
// looked at, whether it `matches` or not, until it gives false. Chains and times outside the query
// are not looked at. An entry that cannot be read is left out, and counted in `unreadable`, or told
// as DataLoss at the end where that is nullptr. Fails at once as the log's reads fail: what is
// behind such a failure was not looked at.
absl::Status ReadAudit(const AuditLog& log, const AuditQuery& query,
                       const std::optional<AuditPosition>& behind,
                       absl::FunctionRef<bool(const AuditEntry&, bool matches)> visit,
                       uint64_t* unreadable = nullptr);

// As ReadAudit, but each chain from its end towards its beginning, until `visit` has had enough of
// the chain or of all: for the latest entries of long chains. Some entries that are not visited may
// be counted as unreadable.
enum class Onwards { kGoOn, kNextChain, kStop };
absl::Status ReadAuditBackwards(const AuditLog& log, const AuditQuery& query,
                                absl::FunctionRef<Onwards(AuditEntry, bool matches)> visit,
                                uint64_t* unreadable = nullptr);

}  // namespace shouwang
