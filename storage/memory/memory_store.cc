#include "storage/memory/memory_store.h"

#include <algorithm>

#include "storage/audit/audit_of.h"
namespace shouwang {
namespace {

Subject FirstOf(const Division& region) {
  return Subject{region.FirstVillageCode(), SubjectKind::kHousehold, 0};
}

bool LiesIn(const Subject& subject, const Division& region) {
  return subject.place >= region.FirstVillageCode() && subject.place < region.EndVillageCode();
}

void Cut(const History& whole, DateRange range, History* part) {
  for (const IndicatorId indicator : whole.indicators()) {
    for (const Point& point : whole.Of(indicator, range)) {
      part->Put(indicator, point.date, point.value, whole.ArrivalOf(point));
    }
  }
}

}  // namespace

bool MemoryStore::BySupersession::operator()(const SupersededValue& a,
                                             const SupersededValue& b) const {
  const auto key = [](const SupersededValue& s) {
    return std::tuple(s.observation.indicator, s.observation.date, s.until, s.observation.value,
                      s.observation.arrival);
  };
  return key(a) < key(b);
}

absl::Status MemoryStore::FillHistories(std::span<const Subject> subjects, DateRange range,
                                        std::vector<History>* histories) const {
  absl::MutexLock lock(&mutex_);
  if (histories->size() < subjects.size()) histories->resize(subjects.size());
  for (size_t i = 0; i < subjects.size(); ++i) {
    const auto it = histories_.find(subjects[i]);
    (*histories)[i].Reset(subjects[i]);
    if (it != histories_.end()) Cut(it->second, range, &(*histories)[i]);
  }
  return absl::OkStatus();
}

namespace {

// Each window as of when it is read.
class MemoryWindowReader final : public WindowReader {
 public:
  explicit MemoryWindowReader(const MemoryStore& store) : store_(store) {}

  absl::StatusOr<bool> Fill(DateRange range, std::span<const IndicatorId> indicators,
                            GroupWindow* window) override {
    const SubjectGroup group = window->group();
    std::vector<Subject> subjects;
    for (size_t low = 0; low < kSubjectsPerGroup; ++low) {
      subjects.push_back(group.At(static_cast<uint8_t>(low)));
    }
    std::vector<History> histories;
    absl::Status status = store_.MemoryStore::FillHistories(subjects, range, &histories);
    if (!status.ok()) return status;
    for (const History& history : histories) {
      if (!history.empty() && !window->Add(history, indicators)) return false;
    }
    return window->dates().size() <= GroupWindow::kMostRows &&
           window->indicators().size() <= GroupWindow::kMostColumns;
  }

 private:
  const MemoryStore& store_;
};

}  // namespace

std::unique_ptr<WindowReader> MemoryStore::ReadWindows() const {
  return std::make_unique<MemoryWindowReader>(*this);
}

absl::Status MemoryStore::FillStates(std::span<const Subject> subjects,
                                     std::vector<SubjectState>* states) const {
  absl::MutexLock lock(&mutex_);
  if (states->size() < subjects.size()) states->resize(subjects.size());
  for (size_t i = 0; i < subjects.size(); ++i) {
    const auto it = states_.find(subjects[i]);
    (*states)[i].risk.reset();
    (*states)[i].residence.reset();
    if (it != states_.end()) (*states)[i] = it->second;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> MemoryStore::FindReceipt(
    std::string_view request_id) const {
  absl::MutexLock lock(&mutex_);
  const auto it = requests_.find(request_id);
  if (it == requests_.end()) return std::nullopt;
  return batches_.at(it->second).receipt;
}

absl::StatusOr<std::optional<BatchRecord>> MemoryStore::FindBatch(uint64_t number) const {
  absl::MutexLock lock(&mutex_);
  const auto it = batches_.find(number);
  if (it == batches_.end()) return std::nullopt;
  return it->second;
}

uint64_t MemoryStore::ReserveBatchNumbers(uint64_t count) {
  absl::MutexLock lock(&mutex_);
  const uint64_t first = next_batch_;
  next_batch_ += count;
  return first;
}

absl::Status MemoryStore::BindCatalogue(const Catalogue& catalogue) {
  absl::MutexLock lock(&mutex_);
  absl::StatusOr<IndicatorBinding> bound = Bind(indicators_, catalogue);
  if (!bound.ok()) return bound.status();
  indicators_ = *std::move(bound);
  return absl::OkStatus();
}

absl::Status MemoryStore::Commit(const Transaction& transaction) {
  if (absl::Status status = CheckTransaction(transaction); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  for (const BatchRecord& batch : transaction.batches) {
    batches_[batch.number] = batch;
    if (!batch.request_id.empty()) requests_[batch.request_id] = batch.number;
    next_batch_ = std::max(next_batch_, batch.number + 1);
  }
  ApplyObservations(transaction);
  for (const Residence& residence : transaction.residences) {
    states_[residence.household].residence = residence;
  }
  for (const SubjectRisk& risk : transaction.risks) states_[risk.subject].risk = risk;
  ApplyWarnings(transaction);
  ApplyCounts(transaction);
  audit_.Add(AuditOf(transaction));
  return absl::OkStatus();
}

void MemoryStore::ApplyObservations(const Transaction& transaction) {
  const ObservationList& observations = transaction.observations;
  for (const ObservationList::Report& report : observations.reports()) {
    History& history =
        histories_.try_emplace(report.subject, History(report.subject)).first->second;
    for (const ObservationList::Cell& cell : observations.CellsOf(report)) {
      history.Put(cell.indicator, report.date, cell.value, observations.arrivals()[report.arrival]);
    }
  }
  for (const SupersededValue& superseded : transaction.superseded) {
    superseded_[superseded.observation.subject].insert(superseded);
  }
}

void MemoryStore::ApplyWarnings(const Transaction& transaction) {
  for (const Warning& warning : transaction.closed) {
    warnings_.erase({warning.subject, warning.rule});
  }
  for (const Warning& warning : transaction.opened) {
    warnings_[{warning.subject, warning.rule}] = warning;
  }
}

void MemoryStore::ApplyCounts(const Transaction& transaction) {
  for (const RollupDelta& delta : transaction.rollups) {
    Sum& sum = rollups_[{delta.indicator, delta.place, delta.month}];
    sum.count += delta.count;
    sum.sum += delta.sum;
  }
  for (const PlaceHistogram& delta : transaction.histograms) {
    histograms_[{delta.indicator, delta.place, delta.month}].Add(delta.histogram);
  }
  for (const Tally& delta : transaction.tallies) {
    const auto it = tallies_.try_emplace(delta.place).first;
    it->second.place = delta.place;
    AddTally(delta, &it->second);
  }
}

absl::Status MemoryStore::ScanHistories(const Division& region, DateRange range,
                                        absl::FunctionRef<bool(const History&)> visit) const {
  std::vector<History> found;
  {
    absl::MutexLock lock(&mutex_);
    for (auto it = histories_.lower_bound(FirstOf(region));
         it != histories_.end() && LiesIn(it->first, region); ++it) {
      History history(it->first);
      Cut(it->second, range, &history);
      if (!history.empty()) found.push_back(std::move(history));
    }
  }
  for (const History& history : found) {
    if (!visit(history)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::ScanStates(
    const Division& region,
    absl::FunctionRef<bool(const Subject&, const SubjectState&)> visit) const {
  std::vector<std::pair<Subject, SubjectState>> found;
  {
    absl::MutexLock lock(&mutex_);
    for (auto it = states_.lower_bound(FirstOf(region));
         it != states_.end() && LiesIn(it->first, region); ++it) {
      found.emplace_back(*it);
    }
  }
  for (const auto& [subject, state] : found) {
    if (!visit(subject, state)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::ScanWarnings(const Division& region, const Subject& from_subject,
                                       RuleId from_rule,
                                       absl::FunctionRef<bool(const Warning&)> visit) const {
  std::vector<Warning> found;
  {
    absl::MutexLock lock(&mutex_);
    const std::pair from =
        std::max(std::pair(FirstOf(region), RuleId{0}), std::pair(from_subject, from_rule));
    for (auto it = warnings_.lower_bound(from);
         it != warnings_.end() && LiesIn(it->first.first, region); ++it) {
      found.push_back(it->second);
    }
  }
  for (const Warning& warning : found) {
    if (!visit(warning)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<SupersededValue>> MemoryStore::LoadSuperseded(
    const Subject& subject) const {
  absl::MutexLock lock(&mutex_);
  const auto it = superseded_.find(subject);
  if (it == superseded_.end()) return std::vector<SupersededValue>();
  return std::vector<SupersededValue>(it->second.begin(), it->second.end());
}

absl::Status MemoryStore::ScanWithSuperseded(
    const Division& region, const Subject& from_subject,
    absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit) const {
  std::vector<std::pair<History, std::vector<SupersededValue>>> found;
  {
    absl::MutexLock lock(&mutex_);
    for (auto it = histories_.lower_bound(std::max(FirstOf(region), from_subject));
         it != histories_.end() && LiesIn(it->first, region); ++it) {
      if (it->second.empty()) continue;
      found.emplace_back(it->second, std::vector<SupersededValue>());
      const auto old = superseded_.find(it->first);
      if (old != superseded_.end()) {
        found.back().second.assign(old->second.begin(), old->second.end());
      }
    }
  }
  for (const auto& [history, superseded] : found) {
    if (!visit(history, superseded)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryStore::ScanRollups(
    const RollupQuery& query, absl::FunctionRef<bool(std::span<const RollupCell>)> visit) const {
  std::vector<RollupCell> found;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, sum] : rollups_) {
      const auto& [indicator, place, month] = key;
      if (sum.count == 0 || indicator != query.indicator || place.view != query.view) continue;
      if (!query.region.Contains(place.township) || month < query.from || month > query.to)
        continue;
      if (query.view == RollupView::kSite && query.site && *query.site != place.site) continue;
      found.push_back({place, indicator, month, sum.count, sum.sum});
    }
  }
  for (const RollupCell& cell : found) {
    if (!visit(std::span(&cell, 1))) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PlaceHistogram>> MemoryStore::ReadHistograms(
    const HistogramQuery& query) const {
  if (absl::Status status = CheckQuery(query); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  std::vector<PlaceHistogram> found;
  for (const auto& [key, histogram] : histograms_) {
    const auto& [indicator, place, month] = key;
    if (histogram.empty() || indicator != query.indicator || place.view != query.view) continue;
    if (!query.region.Contains(place.division) || month < query.from || month > query.to) continue;
    if (query.view != RollupView::kSite && place.division.level() != query.level) continue;
    if (query.view == RollupView::kSite && query.site && *query.site != place.site) continue;
    found.push_back({place, indicator, month, histogram});
  }
  return found;
}

absl::Status MemoryStore::ScanTallies(RollupView view, const Division& region,
                                      absl::FunctionRef<void(const Tally&)> visit) const {
  std::vector<Tally> found;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [place, tally] : tallies_) {
      if (place.view == view && region.Contains(place.township)) found.push_back(tally);
    }
  }
  for (const Tally& tally : found) visit(tally);
  return absl::OkStatus();
}

StoreStatistics MemoryStore::Statistics() const {
  absl::MutexLock lock(&mutex_);
  StoreStatistics statistics;
  statistics.engine = "memory";
  statistics.batches = batches_.empty() ? 0 : batches_.rbegin()->first;
  return statistics;
}

}  // namespace shouwang
