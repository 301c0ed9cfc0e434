#include "storage/audit/audit_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "storage/audit/subject_list.h"

namespace shouwang {
namespace {

// Entries that are read at once on the way back; each may have 10,000 changes.
constexpr uint64_t kReadTogether = 64;

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

// The first entry at or after `from`: times of a chain never go back. One that cannot be read
// counts as late or as early; then some entries before the first, or behind it, are looked at too,
// and none is passed over.
enum class Damaged { kIsLate, kIsEarly };
uint64_t FirstFrom(const AuditLog& log, const AuditHead& head, Instant from, Damaged damaged) {
  uint64_t first = 1;
  uint64_t end = head.sequence + 1;
  while (first < end) {
    const uint64_t middle = first + (end - first) / 2;
    const std::optional<Instant> at = TimeOf(log, head.chain, middle);
    if (at ? *at < from : damaged == Damaged::kIsEarly) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return first;
}

// What cannot be read: counted, or kept to be told at the end.
class Unreadable {
 public:
  explicit Unreadable(uint64_t* count) : count_(count) {}
  void Add(const AuditPosition& position) {
    if (count_ != nullptr) {
      ++*count_;
      return;
    }
    damage_.Update(absl::DataLossError(fmt::format("audit entry {} of {} cannot be read",
                                                   position.sequence, position.chain.ToString())));
  }
  const absl::Status& damage() const { return damage_; }

 private:
  uint64_t* const count_;
  absl::Status damage_;
};

// The entries of a chain from the one at `first` on, up to the key `past`, until `take` gives
// false. The one before is read for its hash.
absl::Status ScanChain(const AuditLog& log, const AuditChain& chain, uint64_t first,
                       std::string_view past, Unreadable* unreadable,
                       absl::FunctionRef<bool(AuditEntry)> take) {
  AuditHash previous{};
  const uint64_t begin = std::max<uint64_t>(first, 2) - 1;
  return log.ScanAudit(AuditKey(chain, begin), past, [&](auto key, auto value) {
    const auto position = ReadAuditKey(key);
    if (!position) return true;
    const AuditHash before = std::exchange(previous, EndBehind(key, value).hash);
    if (position->sequence < first) return true;
    auto entry = ReadAuditEntry(key, value, before);
    if (entry) return take(*std::move(entry));
    unreadable->Add(*position);
    return true;
  });
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
  Unreadable left_out(unreadable);
  bool stopped = false;
  for (const AuditHead& head : *heads) {
    if (stopped || !MayHold(query, head.chain)) continue;
    if (behind && head.chain < behind->chain) continue;
    uint64_t first = query.from ? FirstFrom(log, head, *query.from, Damaged::kIsLate) : 1;
    if (behind && head.chain == behind->chain) first = std::max(first, behind->sequence + 1);
    if (first > head.sequence) continue;
    absl::Status status = ScanChain(log, head.chain, first, AuditKeyPast(head.chain), &left_out,
                                    [&](const AuditEntry& entry) {
                                      if (query.to && *query.to < entry.record.at) return false;
                                      stopped = !visit(entry, Matches(query, entry));
                                      return !stopped;
                                    });
    if (!status.ok()) return status;
  }
  return left_out.damage();
}

absl::Status ReadAuditBackwards(const AuditLog& log, const AuditQuery& query,
                                absl::FunctionRef<Onwards(AuditEntry, bool matches)> visit,
                                uint64_t* unreadable) {
  const absl::StatusOr<std::vector<AuditHead>> heads = log.LoadHeads();
  if (!heads.ok()) return heads.status();
  Unreadable left_out(unreadable);
  constexpr Instant::duration kMoment(1);
  for (const AuditHead& head : *heads) {
    if (!MayHold(query, head.chain)) continue;
    const uint64_t first = query.from ? FirstFrom(log, head, *query.from, Damaged::kIsLate) : 1;
    uint64_t end =
        query.to ? FirstFrom(log, head, *query.to + kMoment, Damaged::kIsEarly) : head.sequence + 1;
    Onwards onwards = Onwards::kGoOn;
    while (first < end && onwards == Onwards::kGoOn) {
      const uint64_t begin = end - std::min(kReadTogether, end - first);
      std::vector<AuditEntry> entries;
      absl::Status status = ScanChain(log, head.chain, begin, AuditKey(head.chain, end), &left_out,
                                      [&](AuditEntry entry) {
                                        entries.push_back(std::move(entry));
                                        return true;
                                      });
      if (!status.ok()) return status;
      for (auto it = entries.rbegin(); it != entries.rend() && onwards == Onwards::kGoOn; ++it) {
        const bool matches = Matches(query, *it);
        onwards = visit(std::move(*it), matches);
      }
      end = begin;
    }
    if (onwards == Onwards::kStop) break;
  }
  return left_out.damage();
}

}  // namespace shouwang
