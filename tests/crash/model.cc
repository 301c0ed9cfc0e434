#include "tests/crash/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/time/time.h"
#include "storage/vocabulary/date.h"
#include "tests/crash/derive.h"
#include "tests/crash/world.h"

namespace shouwang::crash {
namespace {

constexpr size_t kMostFindings = 100;
constexpr std::string_view kRequestPrefix = "crash-";

std::string NameOf(const Cell& cell) {
  return fmt::format("{} {} {}", SubjectOf(cell.household), IndicatorName(cell.indicator),
                     Date::OfDays(cell.day).ToString());
}

uint64_t NumberIn(std::string_view request_id) {
  uint64_t number = 0;
  if (!request_id.starts_with(kRequestPrefix)) return 0;
  request_id.remove_prefix(kRequestPrefix.size());
  std::from_chars(request_id.data(), request_id.data() + request_id.size(), number);
  return number;
}

bool SameCounts(const v1::Receipt& a, const v1::Receipt& b) {
  return a.batch() == b.batch() && a.accepted() == b.accepted() && a.corrected() == b.corrected() &&
         a.unchanged() == b.unchanged() && a.superseded() == b.superseded() &&
         a.known_at_ms() == b.known_at_ms();
}

std::string TextOf(const Sum& sum) { return fmt::format("count {} sum {}", sum.count, sum.sum); }
std::string TextOf(double value) { return fmt::format("{}", value); }
std::string TextOf(int32_t day) { return Date::OfDays(day).ToString(); }
std::string TextOf(const Home& home) {
  return fmt::format("{} from {} since {}", SiteOf(home.site), home.origin, TextOf(home.since));
}
std::string NameOf(const RollupKey& key) {
  return fmt::format("rollup {} {} '{}' {}", key.view, key.place, key.indicator,
                     Month::OfIndex(key.month).ToString());
}
std::string NameOf(const OpenWarning& warning) {
  return fmt::format("warning {} {}", SubjectOf(warning.household), warning.rule);
}
std::string NameOf(const std::string& series) { return series; }
std::string NameOf(int household) { return fmt::format("residence of {}", SubjectOf(household)); }

// Every entry that differs is one lost.
template <typename Map>
void CompareMaps(const Map& stored, const Map& expected, Verdict* verdict) {
  for (const auto& [key, value] : expected) {
    const auto found = stored.find(key);
    if (found == stored.end()) {
      verdict->Lost(fmt::format("{}: missing, must be {}", NameOf(key), TextOf(value)));
    } else if (found->second != value) {
      verdict->Lost(
          fmt::format("{}: is {}, must be {}", NameOf(key), TextOf(found->second), TextOf(value)));
    }
  }
  for (const auto& [key, value] : stored) {
    if (expected.contains(key)) continue;
    verdict->Lost(fmt::format("{}: is {}, must not be", NameOf(key), TextOf(value)));
  }
}

}  // namespace

void Verdict::Lost(std::string finding) {
  ++lost;
  if (findings.size() < kMostFindings) findings.push_back("lost: " + std::move(finding));
}

void Verdict::Half(std::string finding) {
  ++half;
  if (findings.size() < kMostFindings) findings.push_back("half: " + std::move(finding));
}

void Verdict::Add(const Verdict& other) {
  lost += other.lost;
  half += other.half;
  found += other.found;
  absent += other.absent;
  hidden += other.hidden;
  for (const std::string& finding : other.findings) {
    if (findings.size() < kMostFindings) findings.push_back(finding);
  }
}

Batch Model::New(std::mt19937_64* random) {
  absl::MutexLock lock(&mutex_);
  Sent& sent = sent_.emplace_back();
  sent.batch = MakeBatch(sent_.size(), random);
  return sent.batch;
}

void Model::Receive(const v1::Receipt& receipt) {
  absl::MutexLock lock(&mutex_);
  const uint64_t number = NumberIn(receipt.request_id());
  if (number == 0 || number > sent_.size()) {
    pending_.findings.push_back(fmt::format("a receipt for '{}'", receipt.request_id()));
    return;
  }
  Sent& sent = sent_[number - 1];
  if (receipt.has_error()) {
    pending_.findings.push_back(
        fmt::format("batch {} refused: {}", number, receipt.error().message()));
    return;
  }
  ++receipts_;
  ++receipts_since_check_;
  if (receipt.repeated()) ++repeats_;
  const uint64_t counted =
      receipt.accepted() + receipt.corrected() + receipt.unchanged() + receipt.superseded();
  if (counted != sent.batch.values.size() || receipt.rejected() != 0) {
    pending_.findings.push_back(fmt::format("batch {}: its receipt counts {} values of {}", number,
                                            counted, sent.batch.values.size()));
  }
  if (sent.receipted) {
    if (!receipt.repeated() || !SameCounts(receipt, sent.receipt)) {
      pending_.Lost(fmt::format("batch {}: its receipt, sent again it got another", number));
    }
    return;
  }
  if (sent.fate == Fate::kThere && !receipt.repeated()) {
    pending_.Half(fmt::format("batch {}: its values were there, its receipt was not", number));
  }
  if (sent.fate == Fate::kAbsent && receipt.repeated()) {
    pending_.Half(fmt::format("batch {}: its receipt was there, its values were not", number));
  }
  sent.receipted = true;
  sent.receipt = receipt;
  last_receipted_.push_back(number);
  if (sent.fate != Fate::kThere) Require(sent.batch);
  sent.fate = Fate::kThere;
}

bool Model::AwaitReceipt() {
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithTimeout(
      absl::Condition(
          +[](int64_t* receipts) { return *receipts > 0; }, &receipts_since_check_),
      absl::Minutes(1));
}

void Model::Require(const Batch& batch) {
  for (const Value& value : batch.values) {
    Winner& winner = winners_[value.cell];
    reports_[value.cell].push_back(value.value);
    if (winner.reported_at_ms > batch.reported_at_ms) continue;
    winner = {batch.reported_at_ms, value.value, batch.number};
  }
  if (!batch.move) return;
  const auto [home, fresh] = homes_.try_emplace(batch.move->first, batch.move->second);
  if (!fresh) home->second = std::max(home->second, batch.move->second);
}

// Where a batch is there, its own report or one made later stands in each of its cells.
Model::Evidence Model::EvidenceOf(const Batch& batch, const Stored& stored) const {
  Evidence evidence;
  for (const Value& value : batch.values) {
    const auto cell = stored.cells.find(value.cell);
    const int64_t stands = cell == stored.cells.end() ? 0 : cell->second.reported_at_ms;
    if (stands > batch.reported_at_ms) continue;
    (stands == batch.reported_at_ms ? evidence.there : evidence.missing) =
        fmt::format("{} = {}", NameOf(value.cell), value.value);
  }
  if (!batch.move) return evidence;
  const auto home = stored.homes.find(batch.move->first);
  const auto known = homes_.find(batch.move->first);
  if (home == stored.homes.end() || home->second < batch.move->second) {
    evidence.missing = NameOf(batch.move->first);
  } else if (home->second == batch.move->second &&
             (known == homes_.end() || known->second != home->second)) {
    evidence.there = NameOf(batch.move->first);
  }
  return evidence;
}

void Model::SettleFates(const Stored& stored, Verdict* verdict) {
  hidden_values_.clear();
  // Two that give a household the same residence must not vouch for each other: all are looked at
  // before any is settled.
  std::vector<std::pair<Sent*, Evidence>> unsettled;
  for (Sent& sent : sent_) {
    if (sent.fate != Fate::kThere) unsettled.emplace_back(&sent, EvidenceOf(sent.batch, stored));
  }
  for (auto& [sent, evidence] : unsettled) {
    const Batch& batch = sent->batch;
    if (!evidence.there.empty() && !evidence.missing.empty()) {
      verdict->Half(fmt::format("batch {}: {} is there, {} is not", batch.number, evidence.there,
                                evidence.missing));
    }
    if (!evidence.there.empty()) {
      sent->fate = Fate::kThere;
      Require(batch);
      ++verdict->found;
    } else if (!evidence.missing.empty()) {
      sent->fate = Fate::kAbsent;
      ++verdict->absent;
    } else {
      sent->fate = Fate::kHidden;
      ++verdict->hidden;
      for (const Value& value : batch.values) hidden_values_.emplace(value.cell, value.value);
    }
  }
}

void Model::CompareCells(const Stored& stored, Verdict* verdict) {
  for (const auto& [cell, winner] : winners_) {
    const auto found = stored.cells.find(cell);
    if (found == stored.cells.end()) {
      verdict->Lost(
          fmt::format("batch {}: {} = {} is missing", winner.number, NameOf(cell), winner.value));
    } else if (found->second.value != winner.value ||
               found->second.reported_at_ms != winner.reported_at_ms) {
      verdict->Lost(fmt::format("batch {}: {} = {} reported at {}, but {} reported at {} stands",
                                winner.number, NameOf(cell), winner.value, winner.reported_at_ms,
                                found->second.value, found->second.reported_at_ms));
    } else {
      CompareArrival(cell, winner, found->second, verdict);
    }
  }
  for (const auto& [cell, standing] : stored.cells) {
    if (winners_.contains(cell)) continue;
    verdict->Half(fmt::format("{} = {} of the daemon's batch {}: of no batch that is there",
                              NameOf(cell), standing.value, standing.batch));
  }
}

// A value that was reported once has the number and the time of its batch's receipt. One that was
// reported again keeps those of the report that came in first, which the model cannot know.
void Model::CompareArrival(const Cell& cell, const Winner& winner, const Standing& standing,
                           Verdict* verdict) {
  const Sent& sent = sent_[winner.number - 1];
  if (!sent.receipted || std::ranges::count(reports_[cell], winner.value) > 1 ||
      hidden_values_.contains({cell, winner.value})) {
    return;
  }
  if (standing.batch == sent.receipt.batch() &&
      standing.known_at_ms == sent.receipt.known_at_ms()) {
    return;
  }
  verdict->Lost(
      fmt::format("batch {}: {} is of the daemon's batch {} known at {}, receipted were "
                  "{} and {}",
                  winner.number, NameOf(cell), standing.batch, standing.known_at_ms,
                  sent.receipt.batch(), sent.receipt.known_at_ms()));
}

void Model::CompareDerived(const Stored& stored, Verdict* verdict) {
  Stored expected;
  for (const auto& [cell, winner] : winners_) expected.cells[cell].value = winner.value;
  expected.homes = homes_;
  Derive(&expected);
  CompareMaps(stored.warnings, expected.warnings, verdict);
  CompareMaps(stored.rollups, expected.rollups, verdict);
  CompareMaps(stored.figures, expected.figures, verdict);
  CompareMaps(stored.homes, expected.homes, verdict);
}

Verdict Model::Check(const Stored& stored) {
  absl::MutexLock lock(&mutex_);
  Verdict verdict = std::exchange(pending_, Verdict());
  receipts_since_check_ = 0;
  SettleFates(stored, &verdict);
  CompareCells(stored, &verdict);
  CompareDerived(stored, &verdict);
  return verdict;
}

Verdict Model::CheckSuperseded(int household,
                               const std::map<Cell, std::vector<int64_t>>& superseded) {
  absl::MutexLock lock(&mutex_);
  Verdict verdict;
  for (auto it = reports_.lower_bound(Cell{household, 0, 0});
       it != reports_.end() && it->first.household == household; ++it) {
    const auto kept = superseded.find(it->first);
    for (const int64_t value : it->second) {
      if (value == winners_[it->first].value) continue;
      if (kept != superseded.end() && std::ranges::count(kept->second, value) > 0) continue;
      verdict.Lost(
          fmt::format("{} = {}, which was replaced and must be kept", NameOf(it->first), value));
    }
  }
  return verdict;
}

std::vector<Batch> Model::Unreceipted() const {
  absl::MutexLock lock(&mutex_);
  std::vector<Batch> batches;
  for (const Sent& sent : sent_) {
    if (!sent.receipted) batches.push_back(sent.batch);
  }
  return batches;
}

std::vector<Batch> Model::LastReceipted(size_t count) const {
  absl::MutexLock lock(&mutex_);
  std::vector<Batch> batches;
  for (auto it = last_receipted_.rbegin(); it != last_receipted_.rend() && batches.size() < count;
       ++it) {
    batches.push_back(sent_[*it - 1].batch);
  }
  return batches;
}

int64_t Model::batches() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(sent_.size());
}

int64_t Model::receipts() const {
  absl::MutexLock lock(&mutex_);
  return receipts_;
}

int64_t Model::repeats() const {
  absl::MutexLock lock(&mutex_);
  return repeats_;
}

int64_t Model::values() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int64_t>(winners_.size());
}

}  // namespace shouwang::crash
