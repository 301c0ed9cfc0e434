#include "storage/rocks/rocks_trimming.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <utility>

#include "storage/audit/audit_of.h"
#include "storage/blocks/block_key.h"
#include "storage/rocks/audit_chains.h"
#include "storage/rocks/database.h"
#include "storage/rocks/long_piles.h"
#include "storage/rocks/records.h"
#include "storage/rocks/transaction_writer.h"

namespace shouwang {
namespace {

using rocks::Database;
using rocks::Family;
using rocks::SliceOf;

constexpr std::string_view kRetentionKey = "retention";

bool LosesAnything(const History& history, const Retention& retention) {
  const std::span<const Date> dates = history.dates();
  for (size_t column = 0; column < history.indicators().size(); ++column) {
    const Date kept_from = retention.KeptFrom(history.indicators()[column]);
    const std::span<const int64_t> values = history.ColumnAt(column);
    for (size_t row = 0; row < values.size() && dates[row] < kept_from; ++row) {
      if (values[row] != History::kAbsent) return true;
    }
  }
  return false;
}

// The subjects of one group that have anything in the years of which something goes.
struct Group {
  SubjectGroup group;
  std::vector<Subject> subjects;
  bool loses = false;
};

// One group's part of a Trim: what stays of each subject, then one write.
class GroupTrim {
 public:
  GroupTrim(const RocksStore& store, const Retention& retention, const SubjectGroup& group)
      : store_(store),
        database_(store.database()),
        retention_(retention),
        group_(group),
        turn_(group, &store.long_piles()) {}

  void Take(const History& history, SubjectState state) {
    TrimmedSubject trimmed{history.subject(), std::move(state), History(history.subject()), 0,
                           history.empty() ? Date::Max() : history.dates().front()};
    for (const IndicatorId indicator : history.indicators()) {
      const Date kept_from = retention_.KeptFrom(indicator);
      for (const Point& point : history.Of(indicator)) {
        if (point.date < kept_from) {
          ++trimmed.dropped;
          years_.insert(point.date.year());
          continue;
        }
        const Arrival& arrival = history.ArrivalOf(point);
        trimmed.kept.Put(indicator, point.date, point.value, arrival);
        kept_.push_back({history.subject(), indicator, point.date, point.value, arrival});
      }
    }
    if (trimmed.dropped > 0) trimmed_.push_back(std::move(trimmed));
  }

  std::span<const TrimmedSubject> trimmed() const { return trimmed_; }

  absl::Status Write(Transaction follows, TrimTotals* totals) {
    TrimTotals these;
    rocksdb::WriteBatch batch;
    DropYears(&batch, &follows);
    for (const TrimmedSubject& trimmed : trimmed_) {
      these.observations += trimmed.dropped;
      these.forgotten += trimmed.kept.empty() ? 1 : 0;
      absl::Status status = DropSuperseded(trimmed.subject, &batch, &these);
      if (!status.ok()) return status;
    }
    if (these.forgotten > 0) {
      if (absl::Status status = Forget(&batch, &follows); !status.ok()) return status;
    }
    if (absl::Status status = CheckTransaction(follows); !status.ok()) return status;
    rocks::AuditChains::Turn audit(AuditOf(follows), database_, &store_.audit_chains());
    absl::Status status = rocks::AddTransaction(follows, database_, turn_, &batch);
    if (status.ok()) status = audit.AddTo(&batch);
    if (status.ok()) status = database_.Write(&batch, "dropping old values");
    if (!status.ok()) return status;
    audit.Written();
    totals->observations += these.observations;
    totals->superseded += these.superseded;
    totals->forgotten += these.forgotten;
    return absl::OkStatus();
  }

 private:
  // Each year that loses something goes; what stays of it is written anew.
  void DropYears(rocksdb::WriteBatch* batch, Transaction* follows) {
    std::ranges::sort(kept_, {}, [](const Observation& o) {
      return std::tuple(o.subject, o.date, o.arrival, o.indicator);
    });
    for (const Observation& observation : kept_) {
      if (years_.contains(observation.date.year())) follows->observations.push_back(observation);
    }
    for (const int32_t year : years_) {
      std::string key;
      AppendBlockKey({group_, year}, &key);
      batch->Delete(database_.Handle(Family::kBlocks), key);
    }
  }

  absl::Status DropSuperseded(const Subject& subject, rocksdb::WriteBatch* batch,
                              TrimTotals* totals) {
    const absl::StatusOr<std::vector<SupersededValue>> superseded = store_.LoadSuperseded(subject);
    if (!superseded.ok()) return superseded.status();
    for (const SupersededValue& value : *superseded) {
      if (value.observation.date >= retention_.KeptFrom(value.observation.indicator)) continue;
      batch->Delete(database_.Handle(Family::kSuperseded), rocks::SupersededKey(value));
      ++totals->superseded;
    }
    return absl::OkStatus();
  }

  // States fold part by part, so a judgement can only go by writing its group anew.
  absl::Status Forget(rocksdb::WriteBatch* batch, Transaction* follows) {
    std::set<Subject> forgotten;
    for (const TrimmedSubject& trimmed : trimmed_) {
      if (trimmed.kept.empty()) forgotten.insert(trimmed.subject);
    }
    std::set<Subject> judged;
    for (const SubjectRisk& risk : follows->risks) judged.insert(risk.subject);
    std::string key;
    AppendGroupKey(group_, &key);
    batch->Delete(database_.Handle(Family::kStates), key);
    const Division place = Division::OfVillageCode(group_.place, DivisionLevel::kVillage);
    return store_.ScanStates(place, [&](const Subject& subject, const SubjectState& state) {
      if (SubjectGroup::Of(subject) != group_) return true;
      if (state.risk && !forgotten.contains(subject) && !judged.contains(subject)) {
        follows->risks.push_back(*state.risk);
      }
      if (state.residence) follows->residences.push_back(*state.residence);
      return true;
    });
  }

  const RocksStore& store_;
  const Database& database_;
  const Retention& retention_;
  const SubjectGroup group_;
  // What is read here is written anew, so nobody may add to it in between.
  const rocks::LongPiles::Turn turn_;
  std::vector<TrimmedSubject> trimmed_;
  std::vector<Observation> kept_;
  std::set<int32_t> years_;  // that lose something
};

}  // namespace

absl::StatusOr<KeptRetention> RocksTrimming::LoadRetention() const {
  const absl::StatusOr<std::optional<std::string>> stored =
      store_->database().Get(Family::kMeta, kRetentionKey);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) return KeptRetention();
  std::optional<KeptRetention> retention = rocks::ReadRetention(**stored);
  if (!retention) return rocks::DamagedRecord("meta", kRetentionKey);
  return *std::move(retention);
}

absl::Status RocksTrimming::KeepRetention(const KeptRetention& retention) {
  rocksdb::WriteBatch batch;
  batch.Put(store_->database().Handle(Family::kMeta), SliceOf(kRetentionKey),
            rocks::WriteRetention(retention));
  return store_->database().Write(&batch, "keeping the retention");
}

absl::StatusOr<TrimTotals> RocksTrimming::Trim(
    const Division& township, const Retention& retention, const std::stop_token& stop,
    absl::FunctionRef<absl::StatusOr<Transaction>(std::span<const TrimmedSubject>)> decide) {
  TrimTotals totals;
  if (retention.keeps_everything()) return totals;
  std::vector<Group> groups;
  const DateRange old{Date::Min(), retention.AllKeptFrom() - 1};
  absl::Status damage = store_->ScanHistories(township, old, [&](const History& history) {
    const SubjectGroup group = SubjectGroup::Of(history.subject());
    if (groups.empty() || groups.back().group != group) {
      if (!groups.empty() && !groups.back().loses) groups.pop_back();
      groups.push_back({group, {}, false});
    }
    groups.back().subjects.push_back(history.subject());
    groups.back().loses |= LosesAnything(history, retention);
    return true;
  });
  if (!damage.ok() && !absl::IsDataLoss(damage)) return damage;
  for (const Group& group : groups) {
    if (!group.loses) continue;
    if (stop.stop_requested()) return absl::CancelledError("dropping old values was stopped");
    GroupTrim trim(*store_, retention, group.group);
    const auto histories = store_->LoadHistories(group.subjects, DateRange{});
    const auto states = store_->LoadStates(group.subjects);
    if (absl::IsDataLoss(histories.status()) || absl::IsDataLoss(states.status())) {
      damage.Update(histories.status());
      damage.Update(states.status());
      continue;
    }
    if (!histories.ok()) return histories.status();
    if (!states.ok()) return states.status();
    for (size_t i = 0; i < histories->size(); ++i) trim.Take((*histories)[i], (*states)[i]);
    absl::StatusOr<Transaction> follows = decide(trim.trimmed());
    if (!follows.ok()) return follows.status();
    absl::Status status = trim.Write(*std::move(follows), &totals);
    if (!status.ok()) return status;
  }
  if (!damage.ok()) return damage;
  totals.townships = 1;
  return totals;
}

}  // namespace shouwang
