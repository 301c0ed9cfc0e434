#include "daemon/journal/acts.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "storage/audit/audit_chain.h"
#include "storage/audit/audit_query.h"

namespace shouwang {
namespace {

const AuditChain kAdmin{AuditChainKind::kAdmin, {}};
constexpr std::string_view kDigest = "digest";

AuditRecord Act(AuditKind kind, Instant now) {
  AuditRecord record;
  record.kind = kind;
  record.at = now;
  return record;
}

// Past their bounds facts are left out, long values cut: an act is never refused for its words.
void Say(AuditRecord* record, std::string_view name, std::string_view value) {
  if (record->facts.size() >= kMaxAuditFacts) return;
  record->facts.push_back({std::string(name), std::string(value.substr(0, kMaxAuditFactBytes))});
}

void SayNumber(AuditRecord* record, std::string_view name, uint64_t value) {
  Say(record, name, std::to_string(value));
}

}  // namespace

absl::Status AppendAct(AuditLog* log, const AuditRecord& record) {
  return log->Append(kAdmin, {&record, 1});
}

std::string DigestOf(const Rulebook& rulebook) {
  std::string lines;
  for (const RulebookFile& file : rulebook.files) {
    lines += fmt::format("{} {}\n", file.part, HashText(file.sha256));
  }
  return HashText(Sha256(lines));
}

AuditRecord PolicyAct(const Rulebook& rulebook, Instant now) {
  AuditRecord record = Act(AuditKind::kPolicy, now);
  Say(&record, kDigest, DigestOf(rulebook));
  for (const RulebookFile& file : rulebook.files) {
    Say(&record, file.part, fmt::format("{} sha256:{}", file.path, HashText(file.sha256)));
  }
  for (const risk::Policy& policy : rulebook.policies.All()) {
    Say(&record, fmt::format("policy_{}", policy.version),
        fmt::format("effective from {}, {} rules", policy.effective_from.ToString(),
                    policy.rules.size()));
  }
  return record;
}

AuditRecord PolicyRefusedAct(std::string_view why, Instant now) {
  AuditRecord record = Act(AuditKind::kPolicyRefused, now);
  Say(&record, "reason", why);
  return record;
}

absl::StatusOr<std::optional<std::string>> LastPolicyDigest(const AuditLog& log) {
  AuditQuery query;
  query.kinds = {AuditKind::kPolicy};
  std::optional<std::string> digest;
  const absl::Status status =
      ReadAudit(log, query, std::nullopt, [&](const AuditEntry& entry, bool matches) {
        const auto fact = std::ranges::find(entry.record.facts, kDigest, &AuditFact::name);
        if (matches && fact != entry.record.facts.end()) digest = fact->value;
        return true;
      });
  if (!status.ok()) return status;
  return digest;
}

AuditRecord StartAct(std::string_view version, std::string_view policy_digest, Instant now) {
  AuditRecord record = Act(AuditKind::kStart, now);
  Say(&record, "version", version);
  Say(&record, kDigest, policy_digest);
  return record;
}

AuditRecord StopAct(Instant now) { return Act(AuditKind::kStop, now); }

AuditRecord RetentionBeganAct(const Retention& retention, Instant now) {
  AuditRecord record = Act(AuditKind::kRetention, now);
  Say(&record, "event", "began");
  Say(&record, "all_kept_from", retention.AllKeptFrom().ToString());
  return record;
}

AuditRecord RetentionDoneAct(const Retention& retention, const TrimTotals& totals, Instant now) {
  AuditRecord record = Act(AuditKind::kRetention, now);
  Say(&record, "event", "done");
  Say(&record, "all_kept_from", retention.AllKeptFrom().ToString());
  SayNumber(&record, "observations", totals.observations);
  SayNumber(&record, "superseded", totals.superseded);
  SayNumber(&record, "forgotten_subjects", totals.forgotten);
  return record;
}

AuditRecord BackupAct(std::string_view operation, const absl::StatusOr<Backup>& backup,
                      Instant now) {
  AuditRecord record = Act(AuditKind::kBackup, now);
  Say(&record, "operation", operation);
  Say(&record, "outcome", backup.ok() ? "ok" : "failed");
  if (!backup.ok()) {
    Say(&record, "reason", std::string(backup.status().message()));
    return record;
  }
  SayNumber(&record, "id", backup->id);
  SayNumber(&record, "bytes", backup->bytes);
  SayNumber(&record, "batches", backup->batches);
  return record;
}

AuditRecord RestoreAct(std::string_view from, const Backup& backup, Instant now) {
  AuditRecord record = Act(AuditKind::kRestore, now);
  Say(&record, "from", from);
  SayNumber(&record, "id", backup.id);
  Say(&record, "taken_at", ToString(backup.taken_at));
  SayNumber(&record, "batches", backup.batches);
  return record;
}

}  // namespace shouwang
