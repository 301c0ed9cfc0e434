#include "daemon/query/audit_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/wire/convert.h"
#include "daemon/wire/text.h"
#include "storage/audit/audit_query.h"
#include "storage/audit/verification.h"

namespace shouwang::query {
namespace {

// How many entries are looked at between two questions whether the caller is still there.
constexpr size_t kUnasked = 1'024;
// That the latest entries have together; some megabytes.
constexpr size_t kMaxChangesOfLatest = 40'000;

std::string BytesOf(const AuditHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

v1::AuditTransitionKind ToProto(AuditTransition::Kind kind) {
  switch (kind) {
    case AuditTransition::Kind::kOpened:
      return v1::AUDIT_TRANSITION_KIND_OPENED;
    case AuditTransition::Kind::kCleared:
      return v1::AUDIT_TRANSITION_KIND_CLEARED;
    case AuditTransition::Kind::kChanged:
      return v1::AUDIT_TRANSITION_KIND_CHANGED;
  }
  return v1::AUDIT_TRANSITION_KIND_UNSPECIFIED;
}

void FillCorrection(const AuditCorrection& correction, const Catalogue& catalogue,
                    v1::AuditCorrection* out) {
  out->set_subject(correction.subject.ToString());
  const Indicator* indicator = catalogue.Get(correction.indicator);
  out->set_indicator(indicator != nullptr ? indicator->name
                                          : fmt::format("indicator_{}", correction.indicator));
  if (indicator != nullptr) out->set_decimals(static_cast<uint32_t>(indicator->decimals));
  out->set_date(correction.date.days());
  out->set_value(correction.value);
  out->set_stood(correction.stood);
  if (correction.standing) out->set_standing(*correction.standing);
  out->set_batch(correction.batch);
}

void FillTransition(const AuditTransition& transition, const risk::PolicySet& policies,
                    v1::AuditTransition* out) {
  out->set_subject(transition.subject.ToString());
  out->set_rule(policies.RuleName(transition.rule));
  out->set_rule_id(transition.rule);
  out->set_kind(ToProto(transition.kind));
  out->set_severity(wire::ToProto(transition.severity));
  out->set_policy_version(transition.policy_version);
  out->set_opened_on(transition.opened_on.days());
  if (transition.cleared_on) out->set_cleared_on(transition.cleared_on->days());
}

void FillEntry(const AuditEntry& entry, const Rulebook& rulebook, v1::AuditEntry* out) {
  const AuditRecord& record = entry.record;
  out->set_chain(entry.chain.ToString());
  out->set_sequence(entry.sequence);
  out->set_previous(BytesOf(entry.previous));
  out->set_hash(BytesOf(entry.hash));
  out->set_key(AuditKey(entry.chain, entry.sequence));
  out->set_record(entry.bytes);
  out->set_kind(std::string(AuditKindName(record.kind)));
  out->set_kind_title_zh(std::string(AuditKindTitleZh(record.kind)));
  out->set_at_ms(wire::ToMs(record.at));
  out->set_actor(wire::CleanText(record.actor, kMaxAuditActorBytes));
  out->set_division(entry.region().ToString());
  if (record.subject) out->set_subject(record.subject->ToString());
  for (const AuditFact& fact : record.facts) {
    v1::AuditFact* said = out->add_facts();
    said->set_name(wire::CleanText(fact.name, kMaxAuditFactNameBytes));
    said->set_value(wire::CleanText(fact.value, kMaxAuditFactBytes));
  }
  for (const uint64_t batch : record.batches) out->add_batches(batch);
  for (const AuditCorrection& correction : record.corrections) {
    FillCorrection(correction, rulebook.reg.catalogue, out->add_corrections());
  }
  for (const AuditTransition& transition : record.transitions) {
    FillTransition(transition, rulebook.policies, out->add_transitions());
  }
}

AuditQuery QueryOf(const v1::AuditFilter& filter, const Rulebook& rulebook, FieldCheck* check) {
  AuditQuery query;
  query.region = check->Region("filter.region", filter.region(), rulebook.reg.divisions);
  if (!filter.subject().empty()) {
    query.subject = check->ParseSubject("filter.subject", filter.subject());
  }
  for (const std::string& name : filter.kinds()) {
    const absl::StatusOr<AuditKind> kind = ParseAuditKind(name.substr(0, 64));
    if (!kind.ok()) check->Fault("filter.kinds", std::string(kind.status().message()));
    query.kinds.push_back(kind.value_or(AuditKind::kCommit));
  }
  for (const std::string& name : filter.chains()) {
    const absl::StatusOr<AuditChain> chain = AuditChain::Parse(name.substr(0, 64));
    if (!chain.ok()) check->Fault("filter.chains", std::string(chain.status().message()));
    query.chains.push_back(chain.value_or(AuditChain()));
  }
  const auto instant = [&](const char* field, bool has, int64_t ms) -> std::optional<Instant> {
    if (!has) return std::nullopt;
    const absl::StatusOr<Instant> at = wire::InstantFromMs(ms);
    if (!at.ok()) check->Fault(field, std::string(at.status().message()));
    return at.value_or(Instant());
  };
  query.from = instant("filter.from_ms", filter.has_from_ms(), filter.from_ms());
  query.to = instant("filter.to_ms", filter.has_to_ms(), filter.to_ms());
  return query;
}

// A page's end is told by the key of the last entry that was looked at.
std::string EncodeBehind(const AuditEntry& entry) { return AuditKey(entry.chain, entry.sequence); }

size_t ChangesIn(const AuditEntry& entry) {
  return entry.record.corrections.size() + entry.record.transitions.size();
}

// The latest entries that were met, in bounded memory.
class Latest {
 public:
  explicit Latest(size_t size) : size_(size) {}

  // Whether later ones took all the place that an entry of that instant could have.
  bool IsPast(Instant at) const { return left_out_ && at < *left_out_; }

  void Take(AuditEntry entry) {
    changes_ += ChangesIn(entry);
    const std::tuple place(entry.record.at, entry.chain, entry.sequence);
    entries_.emplace(place, std::move(entry));
    while (entries_.size() > size_ || (changes_ > kMaxChangesOfLatest && entries_.size() > 1)) {
      const AuditEntry& earliest = entries_.begin()->second;
      left_out_ = std::max(left_out_.value_or(earliest.record.at), earliest.record.at);
      changes_ -= ChangesIn(earliest);
      entries_.erase(entries_.begin());
    }
  }

  // In the order of time.
  void Fill(const Rulebook& rulebook, v1::ListAuditResponse* response) const {
    size_t bytes = 0;
    for (auto it = entries_.rbegin(); it != entries_.rend() && bytes <= kMaxAuditPageBytes; ++it) {
      FillEntry(it->second, rulebook, response->add_entries());
      bytes += response->entries(response->entries_size() - 1).ByteSizeLong();
    }
    std::reverse(response->mutable_entries()->begin(), response->mutable_entries()->end());
  }

 private:
  const size_t size_;
  std::map<std::tuple<Instant, AuditChain, uint64_t>, AuditEntry> entries_;
  size_t changes_ = 0;               // in all of them
  std::optional<Instant> left_out_;  // of the latest entry that was met and had no place
};

// Looks at each chain from its end, as far back as entries can be among the latest.
absl::Status AnswerLatest(const AuditLog& log, const Rulebook& rulebook, const AuditQuery& query,
                          size_t size, absl::FunctionRef<bool()> cancelled,
                          v1::ListAuditResponse* response) {
  Latest latest(size);
  size_t looked_at = 0;
  absl::Status ended;
  uint64_t unreadable = 0;
  const auto look = [&](AuditEntry entry, bool matches) {
    if (++looked_at > kMaxAuditLookedAtForLatest) {
      ended = absl::OutOfRangeError(fmt::format(
          "ListAudit: more than {} entries would have to be looked at for the latest; "
          "name a chain of some township (--chain, filter.chains), fewer kinds (--kind, "
          "filter.kinds) or a later beginning (--since, filter.from_ms)",
          kMaxAuditLookedAtForLatest));
    } else if (looked_at % kUnasked == 0 && cancelled()) {
      ended = absl::CancelledError("the caller has left");
    }
    if (!ended.ok()) return Onwards::kStop;
    if (latest.IsPast(entry.record.at)) return Onwards::kNextChain;
    if (matches) latest.Take(std::move(entry));
    return Onwards::kGoOn;
  };
  absl::Status status = ReadAuditBackwards(log, query, look, &unreadable);
  if (!ended.ok()) return ended;
  if (!status.ok()) return status;
  response->set_unreadable(unreadable);
  latest.Fill(rulebook, response);
  return absl::OkStatus();
}

}  // namespace

absl::Status AnswerListAudit(const AuditLog& log, const Rulebook& rulebook,
                             const v1::ListAuditRequest& request,
                             absl::FunctionRef<bool()> cancelled, v1::ListAuditResponse* response) {
  FieldCheck check("ListAudit");
  const AuditQuery query = QueryOf(request.filter(), rulebook, &check);
  const size_t page_size = check.PageSize(request.page_size(), kDefaultAuditPage, kMaxAuditPage);
  const uint64_t listing = Fingerprint("ListAudit " + request.filter().SerializeAsString());
  if (request.latest() && !request.page_token().empty()) {
    check.Fault("page_token", "the latest entries have no pages");
  }
  const AuditPosition behind = check.PageStart(request.page_token(), listing, ReadAuditKey);
  if (!check.ok()) return check.ToStatus();
  if (request.latest()) {
    return AnswerLatest(log, rulebook, query, page_size, cancelled, response);
  }
  size_t looked_at = 0;
  size_t bytes = 0;
  bool left = false;
  const std::optional<AuditPosition> from =
      request.page_token().empty() ? std::nullopt : std::optional(behind);
  uint64_t unreadable = 0;
  const auto look = [&](const AuditEntry& entry, bool matches) {
    if (matches) {
      FillEntry(entry, rulebook, response->add_entries());
      bytes += response->entries(response->entries_size() - 1).ByteSizeLong();
    }
    const bool full = static_cast<size_t>(response->entries_size()) == page_size ||
                      bytes >= kMaxAuditPageBytes || ++looked_at == kMaxAuditLookedAt;
    if (full) response->set_next_page_token(EncodePageToken(listing, EncodeBehind(entry)));
    left = !full && looked_at % kUnasked == 0 && cancelled();
    return !full && !left;
  };
  absl::Status status = ReadAudit(log, query, from, look, &unreadable);
  if (left) return absl::CancelledError("the caller has left");
  // One that cannot be read is for a verification to name, and must not hide the others.
  response->set_unreadable(unreadable);
  return status;
}

absl::Status AnswerAuditHeads(const AuditLog& log, Instant now,
                              v1::GetAuditHeadsResponse* response) {
  const absl::StatusOr<std::vector<AuditHead>> heads = log.LoadHeads();
  if (!heads.ok()) return heads.status();
  for (const AuditHead& head : *heads) {
    v1::AuditHead* out = response->add_heads();
    out->set_chain(head.chain.ToString());
    out->set_sequence(head.sequence);
    out->set_hash(BytesOf(head.hash));
  }
  response->set_root(BytesOf(RootOf(*heads)));
  response->set_at_ms(wire::ToMs(now));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::VerifyAuditResponse>> AnswerVerifyAudit(
    const AuditLog& log, const v1::VerifyAuditRequest& request,
    absl::FunctionRef<bool(uint64_t, uint64_t)> progress) {
  FieldCheck check("VerifyAudit");
  if (request.heads_size() > kMaxKeptHeads) {
    check.Fault("heads",
                fmt::format("{} are over the limit of {}", request.heads_size(), kMaxKeptHeads));
    return check.ToStatus();
  }
  std::vector<AuditHead> expected;
  for (int i = 0; i < request.heads_size(); ++i) {
    const v1::AuditHead& head = request.heads(i);
    const absl::StatusOr<AuditChain> chain = AuditChain::Parse(head.chain().substr(0, 64));
    AuditHead& kept = expected.emplace_back();
    if (!chain.ok()) {
      check.Fault(fmt::format("heads[{}].chain", i), std::string(chain.status().message()));
    } else if (head.sequence() == 0 || head.hash().size() != kept.hash.size()) {
      check.Fault(fmt::format("heads[{}]", i), "a head has a sequence and a hash of 32 bytes");
    } else {
      kept.chain = *chain;
      kept.sequence = head.sequence();
      std::memcpy(kept.hash.data(), head.hash().data(), kept.hash.size());
    }
  }
  if (!check.ok()) return check.ToStatus();
  const absl::StatusOr<std::vector<AuditHead>> heads = log.LoadHeads();
  if (!heads.ok()) return heads.status();
  uint64_t total = 0;
  for (const AuditHead& head : *heads) total += head.sequence;
  const absl::StatusOr<VerifiedAudit> verified =
      VerifyAudit(log, expected, [&](uint64_t done) { return progress(done, total); });
  if (!verified.ok()) return verified.status();
  std::vector<v1::VerifyAuditResponse> messages(1);
  for (const VerifiedChain& chain : verified->chains) {
    if (static_cast<size_t>(messages.back().chains_size()) == kChainsAMessage) {
      messages.emplace_back();
    }
    v1::AuditChainResult* out = messages.back().add_chains();
    out->set_chain(chain.chain.ToString());
    out->set_entries(chain.entries);
    out->set_head_sequence(chain.head_sequence);
    out->set_head_hash(BytesOf(chain.head));
    out->set_faults(chain.faults);
    out->set_first_fault(chain.first_fault);
    out->set_fault(chain.fault);
  }
  v1::VerifyAuditResponse& last = messages.back();
  last.set_entries_done(verified->entries);
  last.set_entries_total(verified->entries);
  for (const std::string& stray : verified->strays) last.add_strays(stray);
  last.set_sound(verified->sound());
  last.set_done(true);
  return messages;
}

}  // namespace shouwang::query
