// Where the audit trail is kept: entries of chains, which are added and never changed or taken
// away. Beside the Store contract: what a Store commits and what a CaseBook or a DrawBook adds is
// recorded by them, in the same atomic write; whoever does anything else appends it here. No
// retention touches it.
//
// A log keeps keys and values as storage/audit/audit_format.h describes them, and links what is
// appended to the entry before it; it does not judge what it has, so that damage can be told of
// (storage/audit/verification.h). One suite (tests/storage/contract/audit_log_test.cc) holds every
// log to this.
//
// Threads: any. Who appends to one chain at the same time waits for the one before.
//
// Failures: as Store's.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/vocabulary/audit.h"

namespace shouwang {

class AuditLog {
 public:
  virtual ~AuditLog() = default;

  // Appends all of `records` in order, or none; durable (fsynced) when it returns OK. An `at`
  // before that of the entry before is moved to it. InvalidArgument for what CheckAuditRecord
  // refuses.
  virtual absl::Status Append(const AuditChain& chain, std::span<const AuditRecord> records) = 0;

  // The last entry of every chain, by chain.
  virtual absl::StatusOr<std::vector<AuditHead>> LoadHeads() const = 0;

  // The keys and values of [from, to), as they are stored, in order, on one snapshot. Stops early
  // when `visit` returns false.
  virtual absl::Status ScanAudit(
      std::string_view from, std::string_view to,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const = 0;

  // How many entries were added since the log was opened, those of commits and cases included.
  virtual std::map<AuditKind, uint64_t> Added() const = 0;
};

// What every log refuses: InvalidArgument for a kind that does not exist or belongs to another
// chain, a chain whose division is no township, an instant outside 1900 to 2199, texts and lists
// past the bounds of storage/vocabulary/audit.h.
absl::Status CheckAuditRecord(const AuditChain& chain, const AuditRecord& record);
// Whether entries of this kind go to chains of that kind.
AuditChainKind ChainOf(AuditKind kind);

}  // namespace shouwang
