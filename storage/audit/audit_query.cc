#include "storage/audit/audit_query.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/audit/subject_list.h"

namespace shouwang {
namespace {

bool MayHold(const AuditQuery& query, const AuditChain& chain) {
  if (!query.chains.empty() && std::ranges::find(query.chains, chain) == query.chains.end()) {
    return false;
  }
  if (!query.kinds.empty() && std::ranges::none_of(query.kinds, [&](AuditKind kind) {
        return ChainOf(kind) == chain.kind;
      })) {
    return false;
  }
  if (chain.township.level() == DivisionLevel::kNation) return true;
  if (query.subject && query.subject->In(DivisionLevel::kTownship) != chain.township) return false;
  return query.region.Contains(chain.township) || chain.township.Contains(query.region);
}

// When the entry was made; nullopt where it cannot be read or is not there.
std::optional<Instant> TimeOf(const AuditLog& log, const AuditChain& chain, uint64_t sequence) {
  std::optional<Instant> at;
  log.ScanAudit(AuditKey(chain, sequence), AuditKey(chain, sequence + 1),
                [&](auto key, auto value) {
                  const auto entry = ReadAuditEntry(key, value, {});
                  if (entry) at = entry->record.at;
                  return false;
                })
      .IgnoreError();
  return at;
}

// No later than the first entry at or after `from`: times of a chain never go back. One that cannot
// be read counts as late, so that none behind which it stands is passed over; then some earlier
// ones are looked at too.
uint64_t FirstFrom(const AuditLog& log, const AuditHead& head, Instant from) {
  uint64_t first = 1;
  uint64_t end = head.sequence + 1;
  while (first < end) {
    const uint64_t middle = first + (end - first) / 2;
    const std::optional<Instant> at = TimeOf(log, head.chain, middle);
    if (at && *at < from) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return first;
}

bool Names(const AuditRecord& record, const Subject& subject) {
  const auto of = [&](const auto& item) { return item.subject == subject; };
  return record.subject == subject || std::ranges::any_of(record.corrections, of) ||
         std::ranges::any_of(record.transitions, of) ||
         AnyListed(record, [&](const Subject& listed) { return listed == subject; });
}

// Whether somebody was shown what is in the region: of one subject or several by what they are,
// else by the region that was looked at, which may be a larger one.
bool ShowsSomeOf(const Division& region, const AuditRecord& record) {
  if (record.kind != AuditKind::kRead && record.kind != AuditKind::kWhatIf) return false;
  return !record.subject && !HasSubjectList(record) && record.region.Contains(region);
}

bool Concerns(const Division& region, const AuditEntry& entry) {
  const AuditRecord& record = entry.record;
  if (region.Contains(entry.region()) || ShowsSomeOf(region, record)) return true;
  // Of a chain of a township, what concerns a village of it.
  const auto lies_in = [&](const Subject& subject) {
    return region.Contains(subject.In(DivisionLevel::kVillage));
  };
  return (record.subject && lies_in(*record.subject)) || AnyListed(record, lies_in) ||
         std::ranges::any_of(record.corrections, lies_in, &AuditCorrection::subject) ||
         std::ranges::any_of(record.transitions, lies_in, &AuditTransition::subject);
}

}  // namespace

bool Matches(const AuditQuery& query, const AuditEntry& entry) {
  const AuditRecord& record = entry.record;
  if (!query.kinds.empty() && std::ranges::find(query.kinds, record.kind) == query.kinds.end()) {
    return false;
  }
  if ((query.from && record.at < *query.from) || (query.to && *query.to < record.at)) return false;
  return query.subject ? Names(record, *query.subject) : Concerns(query.region, entry);
}

absl::Status ReadAudit(const AuditLog& log, const AuditQuery& query,
                       const std::optional<AuditPosition>& behind,
                       absl::FunctionRef<bool(const AuditEntry&, bool matches)> visit,
                       uint64_t* unreadable) {
  const absl::StatusOr<std::vector<AuditHead>> heads = log.LoadHeads();
  if (!heads.ok()) return heads.status();
  absl::Status damage;
  bool stopped = false;
  for (const AuditHead& head : *heads) {
    if (stopped || !MayHold(query, head.chain)) continue;
    if (behind && head.chain < behind->chain) continue;
    uint64_t first = query.from ? FirstFrom(log, head, *query.from) : 1;
    if (behind && head.chain == behind->chain) first = std::max(first, behind->sequence + 1);
    if (first > head.sequence) continue;
    AuditHash previous{};
    bool past = false;
    // The one before is read for its hash.
    const uint64_t begin = std::max<uint64_t>(first, 2) - 1;
    const absl::Status status = log.ScanAudit(
        AuditKey(head.chain, begin), AuditKeyPast(head.chain),
        [&](std::string_view key, std::string_view value) {
          const auto position = ReadAuditKey(key);
          const AuditHash before = previous;
          previous = EndBehind(key, value).hash;
          if (!position || position->sequence < first) return true;
          const auto entry = ReadAuditEntry(key, value, before);
          if (!entry) {
            if (unreadable != nullptr) ++*unreadable;
            damage.Update(absl::DataLossError(fmt::format(
                "audit entry {} of {} cannot be read", position->sequence, head.chain.ToString())));
            return true;
          }
          past = query.to && *query.to < entry->record.at;
          if (past) return false;
          stopped = !visit(*entry, Matches(query, *entry));
          return !stopped;
        });
    if (!status.ok()) return status;
  }
  return unreadable != nullptr ? absl::OkStatus() : damage;
}

}  // namespace shouwang
