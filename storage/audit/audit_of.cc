#include "storage/audit/audit_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "storage/audit/subject_list.h"

namespace shouwang {
namespace {

using Report = ObservationList::Report;

Division TownshipOf(const Subject& subject) { return subject.In(DivisionLevel::kTownship); }

Instant LatestOf(const Transaction& transaction) {
  Instant latest{};
  for (const BatchRecord& batch : transaction.batches) latest = std::max(latest, batch.known_at);
  for (const SupersededValue& value : transaction.superseded)
    latest = std::max(latest, value.until);
  for (const auto* warnings : {&transaction.opened, &transaction.closed}) {
    for (const Warning& warning : *warnings) latest = std::max(latest, warning.known_at);
  }
  return latest;
}

// What stands after the commit in the cells that it corrects.
class Standing {
 public:
  struct Value {
    int64_t value;
    uint64_t batch;
  };

  explicit Standing(const Transaction& transaction) {
    if (transaction.superseded.empty()) return;
    for (const SupersededValue& value : transaction.superseded) {
      const Observation& old = value.observation;
      reports_[{old.subject, old.date}];
    }
    const ObservationList& observations = transaction.observations;
    for (const Report& report : observations.reports()) {
      const auto it = reports_.find({report.subject, report.date});
      if (it == reports_.end()) continue;
      // Of one cell twice, the last stands.
      for (const ObservationList::Cell& cell : observations.CellsOf(report)) {
        it->second[cell.indicator] = {cell.value, observations.arrivals()[report.arrival].batch};
      }
    }
  }

  const Value* Find(const Observation& old) const {
    const auto report = reports_.find({old.subject, old.date});
    if (report == reports_.end()) return nullptr;
    const auto cell = report->second.find(old.indicator);
    return cell == report->second.end() ? nullptr : &cell->second;
  }

 private:
  struct Key {
    Subject subject;
    Date date;
    friend bool operator==(const Key&, const Key&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const Key& key) {
      return H::combine(std::move(h), key.subject, key.date.days());
    }
  };
  absl::flat_hash_map<Key, absl::flat_hash_map<IndicatorId, Value>> reports_;
};

AuditCorrection CorrectionOf(const SupersededValue& superseded, const Standing& standing) {
  const Observation& old = superseded.observation;
  AuditCorrection correction;
  correction.subject = old.subject;
  correction.indicator = old.indicator;
  correction.date = old.date;
  correction.value = old.value;
  correction.stood = old.arrival.known_at < superseded.until;
  correction.batch = old.arrival.batch;
  if (const Standing::Value* now = standing.Find(old)) {
    correction.standing = now->value;
    correction.batch = now->batch;
  }
  return correction;
}

AuditTransition TransitionOf(const Warning& warning, AuditTransition::Kind kind) {
  AuditTransition transition;
  transition.subject = warning.subject;
  transition.rule = warning.rule;
  transition.kind = kind;
  transition.severity = warning.severity;
  transition.policy_version = warning.policy_version;
  transition.opened_on = warning.opened_on;
  if (kind == AuditTransition::Kind::kCleared) {
    transition.cleared_on = warning.cleared_on.value_or(warning.opened_on);
  }
  return transition;
}

// [begin, end) of the elements that lie in the township, which come first of those that are left.
template <typename T>
std::span<const T> TakeTownship(const Division& township, std::span<const T>* left) {
  size_t count = 0;
  while (count < left->size() && TownshipOf((*left)[count].subject) == township) ++count;
  const std::span<const T> taken = left->first(count);
  *left = left->subspan(count);
  return taken;
}

template <typename T>
std::vector<T> Piece(std::span<const T>* left) {
  const std::span<const T> piece = left->first(std::min(left->size(), kMaxAuditChanges));
  *left = left->subspan(piece.size());
  return {piece.begin(), piece.end()};
}

AuditFact Fact(std::string name, std::string_view value) {
  return {std::move(name), std::string(value.substr(0, kMaxAuditFactBytes))};
}

void SayPeer(std::string_view peer, AuditRecord* record) {
  if (!peer.empty()) record->facts.push_back(Fact("peer", peer));
}

// Who sent what corrects: each collector and each source once, as many as a record holds.
std::vector<AuditFact> SendersOf(std::span<const AuditCorrection> corrections,
                                 const Transaction& transaction) {
  absl::flat_hash_set<uint64_t> numbers;
  for (const AuditCorrection& correction : corrections) numbers.insert(correction.batch);
  std::set<std::string_view> collectors;
  std::set<Source> sources;
  for (const BatchRecord& batch : transaction.batches) {
    if (!numbers.contains(batch.number)) continue;
    if (!batch.collector.empty()) collectors.insert(batch.collector);
    sources.insert(batch.source);
  }
  std::vector<AuditFact> facts;
  facts.reserve(sources.size());
  for (const Source source : sources) facts.push_back(Fact("source", SourceName(source)));
  for (const std::string_view collector : collectors) {
    if (facts.size() < kMaxAuditFacts) facts.push_back(Fact("collector", collector));
  }
  return facts;
}

}  // namespace

std::vector<ChainedRecord> AuditOf(const Transaction& transaction) {
  std::vector<ChainedRecord> records;
  if (transaction.superseded.empty() && transaction.opened.empty() && transaction.closed.empty()) {
    return records;
  }
  const Instant at =
      transaction.known_at == Instant{} ? LatestOf(transaction) : transaction.known_at;
  const Standing standing(transaction);
  std::vector<AuditCorrection> corrections;
  corrections.reserve(transaction.superseded.size());
  for (const SupersededValue& superseded : transaction.superseded) {
    corrections.push_back(CorrectionOf(superseded, standing));
  }
  std::vector<AuditTransition> transitions;
  transitions.reserve(transaction.opened.size() + transaction.closed.size());
  for (const Warning& warning : transaction.closed) {
    transitions.push_back(TransitionOf(warning, AuditTransition::Kind::kCleared));
  }
  for (const Warning& warning : transaction.opened) {
    transitions.push_back(TransitionOf(warning, warning.known_at < at
                                                    ? AuditTransition::Kind::kChanged
                                                    : AuditTransition::Kind::kOpened));
  }
  std::ranges::stable_sort(corrections, [](const AuditCorrection& a, const AuditCorrection& b) {
    return std::tie(a.subject, a.date, a.indicator) < std::tie(b.subject, b.date, b.indicator);
  });
  std::ranges::stable_sort(transitions, {}, &AuditTransition::subject);

  std::span<const AuditCorrection> corrections_left = corrections;
  std::span<const AuditTransition> transitions_left = transitions;
  while (!corrections_left.empty() || !transitions_left.empty()) {
    const Subject& first =
        transitions_left.empty() || (!corrections_left.empty() &&
                                     corrections_left[0].subject < transitions_left[0].subject)
            ? corrections_left[0].subject
            : transitions_left[0].subject;
    const Division township = TownshipOf(first);
    std::span<const AuditCorrection> its_corrections = TakeTownship(township, &corrections_left);
    std::span<const AuditTransition> its_transitions = TakeTownship(township, &transitions_left);
    AuditRecord record;
    record.kind = transaction.batches.empty() ? AuditKind::kJudgement : AuditKind::kCommit;
    record.at = at;
    for (const BatchRecord& batch : transaction.batches) {
      if (batch.township == township && record.batches.size() < kMaxAuditBatches) {
        record.batches.push_back(batch.number);
      }
    }
    std::ranges::sort(record.batches);
    while (!its_corrections.empty() || !its_transitions.empty()) {
      record.corrections = Piece(&its_corrections);
      record.facts = SendersOf(record.corrections, transaction);
      record.transitions = Piece(&its_transitions);
      records.push_back({{AuditChainKind::kWarnings, township}, record});
    }
  }
  return records;
}

std::vector<ChainedRecord> AuditOf(const Subject& subject, uint32_t revision,
                                   std::span<const CaseEvent> events, std::string_view peer) {
  std::vector<ChainedRecord> records;
  for (const CaseEvent& event : events) {
    AuditRecord record;
    record.kind = AuditKind::kCase;
    record.at = event.at;
    record.actor = event.actor;
    record.subject = subject;
    const char* const what = event.kind == CaseEventKind::kOpened  ? "opened"
                             : event.kind == CaseEventKind::kMoved ? "moved"
                                                                   : "measure";
    record.facts = {Fact("event", what), Fact("revision", std::to_string(++revision)),
                    Fact("state", CaseStateName(event.state))};
    if (event.role) record.facts.push_back(Fact("role", RoleName(*event.role)));
    if (event.category) record.facts.push_back(Fact("category", CategoryName(*event.category)));
    if (!event.reason.empty()) record.facts.push_back(Fact("reason", event.reason));
    if (!event.note.empty()) record.facts.push_back(Fact("note", event.note));
    if (!event.measure.empty()) {
      record.facts.push_back(Fact("measure", event.measure));
      record.facts.push_back(Fact("measured_on", event.measured_on.ToString()));
    }
    std::string warnings;
    for (const CaseWarning& warning : event.warnings) {
      warnings += fmt::format("{}{}@{}", warnings.empty() ? "" : " ", warning.rule,
                              warning.opened_on.ToString());
    }
    if (!warnings.empty()) {
      record.facts.push_back(Fact("warnings", warnings));
    }
    if (event.role) SayPeer(peer, &record);
    records.push_back({{AuditChainKind::kCases, TownshipOf(subject)}, std::move(record)});
  }
  return records;
}

std::vector<ChainedRecord> AuditOf(const Draw& draw, const AuditCaller& by) {
  AuditRecord record;
  record.kind = AuditKind::kDraw;
  record.at = draw.drawn_at;
  record.actor = by.actor.substr(0, kMaxAuditActorBytes);
  record.facts = {Fact("month", draw.month.ToString()),
                  Fact("policy_version", std::to_string(draw.policy_version)),
                  Fact("households", std::to_string(draw.households)),
                  Fact("unflagged", std::to_string(draw.unflagged)),
                  Fact("drawn", std::to_string(draw.drawn.size()))};
  SayPeer(by.peer, &record);
  ListSubjects(draw.drawn, &record);
  return {{{AuditChainKind::kCases, draw.township}, std::move(record)}};
}

std::vector<ChainedRecord> AuditOf(const Division& township, Month month, const DrawVisit& visit,
                                   std::string_view peer) {
  AuditRecord record;
  record.kind = AuditKind::kVisit;
  record.at = visit.at;
  record.actor = visit.actor;
  record.subject = visit.subject;
  record.facts = {Fact("month", month.ToString()), Fact("outcome", OutcomeName(visit.outcome)),
                  Fact("role", RoleName(visit.role))};
  if (!visit.note.empty()) record.facts.push_back(Fact("note", visit.note));
  SayPeer(peer, &record);
  return {{{AuditChainKind::kCases, township}, std::move(record)}};
}

}  // namespace shouwang
