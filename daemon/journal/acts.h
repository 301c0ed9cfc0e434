// What the audit trail says of acts that concern the daemon as a whole: the chain "admin". Names of
// facts are those of the configuration and of the wire. Pure but for LastPolicyDigest; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/audit_log.h"
#include "storage/contract/backups.h"
#include "storage/contract/trimming.h"

namespace shouwang {

// Appends one act to the chain; durable when it returns OK.
absl::Status AppendAct(AuditLog* log, const AuditRecord& record);

// SHA-256, in hexadecimal, over the parts and the hashes of the rulebook's files, whatever their
// paths: the same digest, the same files.
std::string DigestOf(const Rulebook& rulebook);
// Facts: the digest, and of each file its path and its SHA-256; of policies also version and day.
AuditRecord PolicyAct(const Rulebook& rulebook, Instant now);
AuditRecord PolicyRefusedAct(std::string_view why, Instant now);
// The digest of the latest PolicyAct; nullopt where there is none. DataLoss where the chain cannot
// be read.
absl::StatusOr<std::optional<std::string>> LastPolicyDigest(const AuditLog& log);

AuditRecord StartAct(std::string_view version, std::string_view policy_digest, Instant now);
AuditRecord StopAct(Instant now);
// A retention that begins to drop what is older, and one that has dropped it.
AuditRecord RetentionBeganAct(const Retention& retention, Instant now);
AuditRecord RetentionDoneAct(const Retention& retention, const TrimTotals& totals, Instant now);
// `operation`: "create" or "verify". `backup` is what came of it, or why it failed.
AuditRecord BackupAct(std::string_view operation, const absl::StatusOr<Backup>& backup,
                      Instant now);
AuditRecord RestoreAct(std::string_view from, const Backup& backup, Instant now);

}  // namespace shouwang
