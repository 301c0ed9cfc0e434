// What RocksStore reads of superseded values: one subject's, and a region's beside its histories.
#include "storage/rocks/superseded.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/blocks/block_key.h"
#include "storage/rocks/database.h"
#include "storage/rocks/histories.h"
#include "storage/rocks/records.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang {
namespace {

using rocks::DamagedRecord;
using rocks::Database;
using rocks::Family;

constexpr uint8_t kLastOfGroup = kSubjectsPerGroup - 1;

// Those of the subjects from `first` to `last`, by subject and then as LoadSuperseded says.
absl::StatusOr<std::vector<SupersededValue>> ReadRange(const Database& database,
                                                       const Subject& first, const Subject& last,
                                                       const rocksdb::Snapshot* snapshot) {
  std::vector<SupersededValue> loaded;
  absl::Status damage;
  // No date of a key begins with 255, so the end lies behind every indicator of the last subject.
  absl::Status status = database.Scan(
      Family::kSuperseded, rocks::SubjectKey(first), rocks::SubjectKey(last) + "\xff\xff\xff",
      [&](std::string_view key, std::string_view /*value*/) {
        const auto superseded = rocks::ReadSuperseded(key);
        if (superseded) {
          loaded.push_back(*superseded);
        } else {
          damage.Update(DamagedRecord("superseded", key));
        }
        return true;
      },
      snapshot);
  status.Update(damage);
  if (!status.ok()) return status;
  return loaded;
}

// The superseded values of the group that a scan has come to.
class GroupSuperseded {
 public:
  GroupSuperseded(const Database& database, const rocksdb::Snapshot* snapshot)
      : database_(database), snapshot_(snapshot) {}

  // Those of `subject`, good until the next call; not OK, for every subject of the group, where one
  // of the group cannot be read.
  absl::StatusOr<std::span<const SupersededValue>> Of(const Subject& subject) {
    const SubjectGroup group = SubjectGroup::Of(subject);
    if (!loaded_ || group != group_) {
      group_ = group;
      loaded_ = true;
      values_ = ReadRange(database_, group.At(0), group.At(kLastOfGroup), snapshot_);
    }
    if (!values_.ok()) return values_.status();
    const auto subject_of = [](const SupersededValue& s) { return s.observation.subject; };
    const auto first = std::ranges::lower_bound(*values_, subject, {}, subject_of);
    const auto last = std::ranges::upper_bound(*values_, subject, {}, subject_of);
    return std::span<const SupersededValue>(first, last);
  }

 private:
  const Database& database_;
  const rocksdb::Snapshot* const snapshot_;
  bool loaded_ = false;
  SubjectGroup group_;
  absl::StatusOr<std::vector<SupersededValue>> values_;
};

}  // namespace

absl::StatusOr<std::vector<SupersededValue>> RocksStore::LoadSuperseded(
    const Subject& subject) const {
  auto loaded = ReadRange(*database_, subject, subject, nullptr);
  if (!loaded.ok()) return database_->Noted(loaded.status());
  return loaded;
}

absl::Status rocks::ScanWithSuperseded(
    const Database& database, const Division& region, const Subject& from_subject,
    const rocksdb::Snapshot* snapshot,
    absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit) {
  std::string from;
  AppendGroupKey(SubjectGroup::Of(from_subject), &from);
  from = std::max(from, rocks::PlaceKey(region.FirstVillageCode()));
  GroupSuperseded superseded(database, snapshot);
  absl::Status damage;
  absl::Status status = rocks::ScanGroups(database, from, rocks::PlaceKey(region.EndVillageCode()),
                                          DateRange{}, snapshot, [&](const History& history) {
                                            if (history.subject() < from_subject) return true;
                                            const auto values = superseded.Of(history.subject());
                                            damage.Update(values.status());
                                            return !values.ok() || visit(history, *values);
                                          });
  status.Update(damage);
  return status;
}

absl::Status RocksStore::ScanWithSuperseded(
    const Division& region, const Subject& from_subject,
    absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit) const {
  rocksdb::ManagedSnapshot snapshot(&database_->db());
  return database_->Noted(
      rocks::ScanWithSuperseded(*database_, region, from_subject, snapshot.snapshot(), visit));
}

}  // namespace shouwang
