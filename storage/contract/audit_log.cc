#include "storage/contract/audit_log.h"

#include <fmt/format.h>

#include <algorithm>

namespace shouwang {
namespace {

bool IsOfTownship(AuditChainKind kind) {
  return kind == AuditChainKind::kWarnings || kind == AuditChainKind::kCases;
}

// What is wrong with the record alone; empty where nothing is.
std::string FaultOf(const AuditRecord& record) {
  const Date day = DateOf(record.at);
  if (day < Date::Min() || Date::Max() < day) return "instant outside 1900 to 2199";
  const auto past = [](std::string_view what, size_t size, size_t limit) {
    return size <= limit ? std::string() : fmt::format("{} {}; the limit is {}", size, what, limit);
  };
  std::string fault = past("bytes of actor", record.actor.size(), kMaxAuditActorBytes);
  if (fault.empty()) fault = past("facts", record.facts.size(), kMaxAuditFacts);
  if (fault.empty()) fault = past("batches", record.batches.size(), kMaxAuditBatches);
  if (fault.empty()) fault = past("corrections", record.corrections.size(), kMaxAuditChanges);
  if (fault.empty()) fault = past("transitions", record.transitions.size(), kMaxAuditChanges);
  for (const AuditFact& fact : record.facts) {
    if (fault.empty()) fault = past("bytes of a name", fact.name.size(), kMaxAuditFactNameBytes);
    if (fault.empty()) fault = past("bytes of " + fact.name, fact.value.size(), kMaxAuditFactBytes);
  }
  return fault;
}

}  // namespace

AuditChainKind ChainOf(AuditKind kind) {
  switch (kind) {
    case AuditKind::kCommit:
    case AuditKind::kJudgement:
      return AuditChainKind::kWarnings;
    case AuditKind::kCase:
    case AuditKind::kDraw:
    case AuditKind::kVisit:
      return AuditChainKind::kCases;
    case AuditKind::kRead:
    case AuditKind::kWhatIf:
      return AuditChainKind::kReads;
    default:
      return AuditChainKind::kAdmin;
  }
}

absl::Status CheckAuditRecord(const AuditChain& chain, const AuditRecord& record) {
  const auto refused = [&](std::string_view why) {
    return absl::InvalidArgumentError(
        fmt::format("audit entry for {} refused: {}", chain.ToString(), why));
  };
  if (std::ranges::find(AllAuditKinds(), record.kind) == AllAuditKinds().end()) {
    return refused(fmt::format("no such kind: {}", static_cast<int>(record.kind)));
  }
  if (ChainOf(record.kind) != chain.kind) {
    return refused(fmt::format("kind {} is of another chain", AuditKindName(record.kind)));
  }
  if (chain.township.level() !=
      (IsOfTownship(chain.kind) ? DivisionLevel::kTownship : DivisionLevel::kNation)) {
    return refused(fmt::format("'{}' is not the chain's division", chain.township.ToString()));
  }
  const std::string fault = FaultOf(record);
  return fault.empty() ? absl::OkStatus() : refused(fault);
}

}  // namespace shouwang
