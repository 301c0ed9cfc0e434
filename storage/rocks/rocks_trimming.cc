#include "storage/rocks/rocks_trimming.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "storage/blocks/fold.h"
#include "storage/rocks/database.h"
#include "storage/rocks/records.h"
#include "storage/rocks/transaction_writer.h"

namespace shouwang {
namespace {

using rocks::Database;
using rocks::Family;
using rocks::SliceOf;

constexpr std::string_view kRetentionKey = "retention";

bool LosesAnything(const History& history, const Retention& retention) {
  return std::ranges::any_of(history.columns(), [&](const History::Column& column) {
    return column.points.front().date < retention.KeptFrom(column.indicator);
  });
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
  GroupTrim(const Database& database, const Retention& retention, const SubjectGroup& group)
      : database_(database), retention_(retention), group_(group) {}

  void Take(const History& history, SubjectState state) {
    TrimmedSubject trimmed{history.subject(), std::move(state), History(history.subject()), 0};
    for (const History::Column& column : history.columns()) {
      const Date kept_from = retention_.KeptFrom(column.indicator);
      for (const Point& point : column.points) {
        if (point.date < kept_from) {
          ++trimmed.dropped;
          years_.try_emplace(point.date.year());
          continue;
        }
        const Arrival& arrival = history.ArrivalOf(point);
        trimmed.kept.Put(column.indicator, point.date, point.value, arrival);
        kept_.push_back({history.subject(), column.indicator, point.date, point.value, arrival});
      }
    }
    if (trimmed.dropped > 0) trimmed_.push_back(std::move(trimmed));
  }

  std::span<const TrimmedSubject> trimmed() const { return trimmed_; }

  absl::Status Write(const Transaction& follows, TrimTotals* totals) {
    if (absl::Status status = CheckTransaction(follows); !status.ok()) return status;
    TrimTotals these;
    DropYears();
    for (const TrimmedSubject& trimmed : trimmed_) {
      these.observations += trimmed.dropped;
      these.forgotten += trimmed.kept.empty() ? 1 : 0;
      if (absl::Status status = DropSuperseded(trimmed.subject, &these); !status.ok()) {
        return status;
      }
    }
    if (these.forgotten > 0) {
      if (absl::Status status = Forget(); !status.ok()) return status;
    }
    rocks::AddTransaction(follows, database_, &batch_);
    if (absl::Status status = database_.Write(&batch_, "dropping old values"); !status.ok()) {
      return status;
    }
    totals->observations += these.observations;
    totals->superseded += these.superseded;
    totals->forgotten += these.forgotten;
    return absl::OkStatus();
  }

 private:
  // Each year that loses something goes; what stays of it is written anew.
  void DropYears() {
    std::ranges::sort(
        kept_, {}, [](const Observation& o) { return std::tuple(o.subject, o.date, o.indicator); });
    for (const Observation& observation : kept_) {
      const auto year = years_.find(observation.date.year());
      if (year != years_.end()) year->second.push_back(&observation);
    }
    for (const auto& [year, observations] : years_) {
      const BlockKey block{group_, year};
      std::string key;
      AppendBlockKey(block, &key);
      batch_.Delete(database_.Handle(Family::kBlocks), key);
      if (observations.empty()) continue;
      batch_.Merge(database_.Handle(Family::kBlocks), key, WriteOperand(block, observations));
    }
  }

  absl::Status DropSuperseded(const Subject& subject, TrimTotals* totals) {
    const std::string from = rocks::SubjectKey(subject);
    // No date of a key begins with 255, so this lies behind every indicator.
    return database_.Scan(
        Family::kSuperseded, from, from + "\xff\xff\xff",
        [&](std::string_view key, std::string_view) {
          const auto old = rocks::ReadSuperseded(key);
          if (old && old->observation.date < retention_.KeptFrom(old->observation.indicator)) {
            batch_.Delete(database_.Handle(Family::kSuperseded), SliceOf(key));
            ++totals->superseded;
          }
          return true;
        });
  }

  // States fold part by part, so a judgement can only go by writing its group anew.
  absl::Status Forget() {
    std::set<Subject> forgotten;
    for (const TrimmedSubject& trimmed : trimmed_) {
      if (trimmed.kept.empty()) forgotten.insert(trimmed.subject);
    }
    std::string key;
    AppendGroupKey(group_, &key);
    const absl::StatusOr<std::optional<std::string>> stored = database_.Get(Family::kStates, key);
    if (!stored.ok()) return stored.status();
    if (!stored->has_value()) return absl::OkStatus();
    std::vector<SubjectRisk> risks;
    std::vector<Residence> residences;
    const bool sound =
        rocks::ReadStates(group_, **stored, [&](const Subject& subject, const SubjectState& state) {
          if (state.risk && !forgotten.contains(subject)) risks.push_back(*state.risk);
          if (state.residence) residences.push_back(*state.residence);
          return true;
        });
    if (!sound) return rocks::DamagedRecord("states", key);
    if (risks.empty() && residences.empty()) {
      batch_.Delete(database_.Handle(Family::kStates), key);
      return absl::OkStatus();
    }
    std::vector<const SubjectRisk*> risk_pointers;
    for (const SubjectRisk& risk : risks) risk_pointers.push_back(&risk);
    std::vector<const Residence*> residence_pointers;
    for (const Residence& residence : residences) residence_pointers.push_back(&residence);
    batch_.Put(database_.Handle(Family::kStates), key,
               rocks::WriteStates(risk_pointers, residence_pointers));
    return absl::OkStatus();
  }

  const Database& database_;
  const Retention& retention_;
  const SubjectGroup group_;
  std::vector<TrimmedSubject> trimmed_;
  std::vector<Observation> kept_;
  std::map<int32_t, std::vector<const Observation*>> years_;  // that lose something; what stays
  rocksdb::WriteBatch batch_;
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
    const auto histories = store_->LoadHistories(group.subjects, DateRange{});
    const auto states = store_->LoadStates(group.subjects);
    if (absl::IsDataLoss(histories.status()) || absl::IsDataLoss(states.status())) {
      damage.Update(histories.status());
      damage.Update(states.status());
      continue;
    }
    if (!histories.ok()) return histories.status();
    if (!states.ok()) return states.status();
    GroupTrim trim(store_->database(), retention, group.group);
    for (size_t i = 0; i < histories->size(); ++i) trim.Take((*histories)[i], (*states)[i]);
    const absl::StatusOr<Transaction> follows = decide(trim.trimmed());
    if (!follows.ok()) return follows.status();
    if (absl::Status status = trim.Write(*follows, &totals); !status.ok()) return status;
  }
  if (!damage.ok()) return damage;
  totals.townships = 1;
  return totals;
}

}  // namespace shouwang
