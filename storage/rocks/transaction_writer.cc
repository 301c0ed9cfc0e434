#include "storage/rocks/transaction_writer.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "storage/blocks/sheet_writer.h"
#include "storage/rocks/records.h"
#include "storage/rocks/reporter_records.h"
#include "storage/rocks/states.h"
#include "storage/rocks/warning_groups.h"

namespace shouwang::rocks {
namespace {

// A report with the year of its date, which is asked for more often than it changes.
struct Dated {
  ObservationList::Report report;
  int32_t year;
};

std::vector<Dated> InBlockOrder(std::span<const ObservationList::Report> reports) {
  std::vector<Dated> dated;
  dated.reserve(reports.size());
  int32_t year = 0;
  DateRange known{Date::Max(), Date::Min()};
  for (const ObservationList::Report& report : reports) {
    if (!known.Contains(report.date)) {
      year = report.date.year();
      const Month january = Month::OfIndex((year - 1970) * 12);
      known = {Date::FirstOf(january), Date::LastOf(january + 11)};
    }
    if (report.begin != report.end) dated.push_back({report, year});
  }
  const auto before = [](const Dated& a, const Dated& b) {
    const Subject& x = a.report.subject;
    const Subject& y = b.report.subject;
    const uint32_t x_group = x.number / kSubjectsPerGroup;
    const uint32_t y_group = y.number / kSubjectsPerGroup;
    return std::tie(x.place, x.kind, x_group, a.year, x.number, a.report.date) <
           std::tie(y.place, y.kind, y_group, b.year, y.number, b.report.date);
  };
  // Stable: of two values of one cell the later one stands.
  if (!std::ranges::is_sorted(dated, before)) std::ranges::stable_sort(dated, before);
  return dated;
}

template <typename T>
std::vector<const T*> InSubjectOrder(const std::vector<T>& items, Subject T::*subject) {
  std::vector<const T*> ordered;
  ordered.reserve(items.size());
  for (const T& item : items) ordered.push_back(&item);
  const auto before = [&](const T* a, const T* b) { return a->*subject < b->*subject; };
  // Stable: of two of one subject the later one stands.
  if (!std::ranges::is_sorted(ordered, before)) std::ranges::stable_sort(ordered, before);
  return ordered;
}

// One that is closed and opened again stands.
std::vector<ChangedWarning> InSubjectAndRuleOrder(const Transaction& transaction) {
  std::vector<ChangedWarning> changes;
  changes.reserve(transaction.closed.size() + transaction.opened.size());
  for (const Warning& warning : transaction.closed) changes.push_back({&warning, false});
  for (const Warning& warning : transaction.opened) changes.push_back({&warning, true});
  std::ranges::stable_sort(changes, [](const ChangedWarning& a, const ChangedWarning& b) {
    return std::tie(a.warning->subject, a.warning->rule) <
           std::tie(b.warning->subject, b.warning->rule);
  });
  return changes;
}

class TransactionWriter {
 public:
  TransactionWriter(const Database& database, const LongPiles::Turn& turn,
                    rocksdb::WriteBatch* batch)
      : database_(database), turn_(turn), batch_(batch) {}

  const absl::Status& status() const { return status_; }

  void AddObservations(const ObservationList& observations) {
    const std::vector<Dated> dated = InBlockOrder(observations.reports());
    std::vector<ObservationList::Report> of_block;
    for (size_t begin = 0; begin < dated.size();) {
      const BlockKey key{SubjectGroup::Of(dated[begin].report.subject), dated[begin].year};
      of_block.clear();
      size_t end = begin;
      while (end < dated.size() && dated[end].year == key.year &&
             SubjectGroup::Of(dated[end].report.subject) == key.group) {
        of_block.push_back(dated[end++].report);
      }
      key_.clear();
      AppendBlockKey(key, &key_);
      AddToPile(Family::kBlocks, key_, sheets_.Write(key, observations, of_block));
      begin = end;
    }
  }

  void AddStates(const Transaction& transaction) {
    const auto risks = InSubjectOrder(transaction.risks, &SubjectRisk::subject);
    const auto residences = InSubjectOrder(transaction.residences, &Residence::household);
    auto risk = risks.begin();
    auto residence = residences.begin();
    while (risk != risks.end() || residence != residences.end()) {
      const Subject& first =
          residence == residences.end() ||
                  (risk != risks.end() && (*risk)->subject < (*residence)->household)
              ? (*risk)->subject
              : (*residence)->household;
      const SubjectGroup group = SubjectGroup::Of(first);
      for (; risk != risks.end() && SubjectGroup::Of((*risk)->subject) == group; ++risk) {
        states_.AddRisk(SubjectGroup::LowOf((*risk)->subject), **risk);
      }
      for (; residence != residences.end() && SubjectGroup::Of((*residence)->household) == group;
           ++residence) {
        states_.AddResidence(SubjectGroup::LowOf((*residence)->household), **residence);
      }
      key_.clear();
      AppendGroupKey(group, &key_);
      AddToPile(Family::kStates, key_, states_.Finish());
    }
  }

  void AddSuperseded(const Transaction& transaction) {
    for (const SupersededValue& superseded : transaction.superseded) {
      Put(Family::kSuperseded, SupersededKey(superseded), "");
    }
  }

  void AddWarnings(const Transaction& transaction) {
    const std::vector<ChangedWarning> changes = InSubjectAndRuleOrder(transaction);
    const auto group_of = [](const ChangedWarning& changed) {
      return SubjectGroup::Of(changed.warning->subject);
    };
    for (size_t begin = 0; begin < changes.size();) {
      const SubjectGroup group = group_of(changes[begin]);
      size_t end = begin + 1;
      while (end < changes.size() && group_of(changes[end]) == group) ++end;
      key_.clear();
      AppendGroupKey(group, &key_);
      Merge(Family::kWarnings, key_, WriteWarnings(std::span(changes).subspan(begin, end - begin)));
      begin = end;
    }
  }

  void AddBatches(std::span<const BatchRecord> batches) {
    std::map<Reporter, LastHeard> heard;
    for (const BatchRecord& batch : batches) {
      Put(Family::kBatches, NumberKey(batch.number), WriteBatch(batch));
      if (!batch.request_id.empty()) {
        Put(Family::kRequests, batch.request_id, NumberKey(batch.number));
      }
      // A township has one writer, so what comes last is what was known last.
      if (batch.township.level() == DivisionLevel::kTownship) {
        heard[{batch.township, batch.source, batch.collector}] = {batch.known_at, batch.number};
      }
    }
    for (const auto& [reporter, last] : heard) {
      Put(Family::kReporters, ReporterKey(reporter), WriteLastHeard(last));
    }
  }

  void AddCounts(const Transaction& transaction) {
    std::map<RollupKey, std::vector<const RollupDelta*>> rollups;
    for (const RollupDelta& delta : transaction.rollups) {
      rollups[{delta.place, delta.indicator, delta.month.year()}].push_back(&delta);
    }
    for (const auto& [key, deltas] : rollups) {
      Merge(Family::kRollups, WriteRollupKey(key), WriteRollup(deltas));
    }
    std::map<HistogramKey, std::vector<const PlaceHistogram*>> histograms;
    for (const PlaceHistogram& delta : transaction.histograms) {
      histograms[{delta.place, delta.indicator, delta.month.year()}].push_back(&delta);
    }
    for (const auto& [key, deltas] : histograms) {
      Merge(Family::kHistograms, WriteHistogramKey(key), WriteHistograms(deltas));
    }
    std::map<RollupPlace, Tally> tallies;
    for (const Tally& delta : transaction.tallies) AddTally(delta, &tallies[delta.place]);
    for (const auto& [place, tally] : tallies) {
      Merge(Family::kTallies, TallyKey(place), WriteTally(tally));
    }
  }

 private:
  void Put(Family family, std::string_view key, std::string_view value) {
    batch_->Put(database_.Handle(family), SliceOf(key), SliceOf(value));
  }
  void Merge(Family family, std::string_view key, std::string_view value) {
    batch_->Merge(database_.Handle(family), SliceOf(key), SliceOf(value));
  }

  void AddToPile(Family family, std::string_view key, std::string_view part) {
    if (!turn_.Folds(family, key)) return Merge(family, key, part);
    const absl::StatusOr<std::optional<std::string>> pile = database_.Get(family, key);
    if (!pile.ok()) {
      status_.Update(pile.status());
    } else if (pile->has_value()) {
      Put(family, key, FoldParts(family, key, std::vector<std::string_view>{**pile, part}));
    } else {
      Merge(family, key, part);
    }
  }

  const Database& database_;
  const LongPiles::Turn& turn_;
  rocksdb::WriteBatch* const batch_;
  absl::Status status_;
  std::string key_;
  SheetWriter sheets_;
  StateWriter states_;
};

}  // namespace

absl::Status AddTransaction(const Transaction& transaction, const Database& database,
                            const LongPiles::Turn& turn, rocksdb::WriteBatch* batch) {
  TransactionWriter writer(database, turn, batch);
  writer.AddObservations(transaction.observations);
  writer.AddStates(transaction);
  writer.AddSuperseded(transaction);
  writer.AddWarnings(transaction);
  writer.AddBatches(transaction.batches);
  writer.AddCounts(transaction);
  return writer.status();
}

}  // namespace shouwang::rocks
