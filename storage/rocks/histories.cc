// What RocksStore reads by groups of subjects: histories and states.
#include "storage/rocks/histories.h"

#include <algorithm>
#include <numeric>

#include "storage/blocks/pile_reader.h"
#include "storage/rocks/database.h"
#include "storage/rocks/long_piles.h"
#include "storage/rocks/records.h"
#include "storage/rocks/rocks_store.h"
#include "storage/rocks/states.h"

namespace shouwang {
namespace {

using rocks::DamagedRecord;
using rocks::Database;
using rocks::Family;
using rocks::LongPiles;

// Longer ranges are scanned: asking for every year by name would mostly ask in vain.
constexpr int32_t kMostYearsByName = 8;

// The subjects asked for that lie in one group, as indices of the request.
struct AskedGroup {
  SubjectGroup group;
  std::vector<size_t> indices;  // in subject order
};

std::vector<AskedGroup> InGroups(std::span<const Subject> subjects) {
  std::vector<size_t> order(subjects.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, [&](size_t i) { return subjects[i]; });
  std::vector<AskedGroup> groups;
  for (const size_t index : order) {
    const SubjectGroup group = SubjectGroup::Of(subjects[index]);
    if (groups.empty() || groups.back().group != group) groups.push_back({group, {}});
    groups.back().indices.push_back(index);
  }
  return groups;
}

std::string KeyOf(const BlockKey& key) {
  std::string bytes;
  AppendBlockKey(key, &bytes);
  return bytes;
}

absl::Status ReadAsked(const BlockKey& key, std::string_view value, const AskedGroup& asked,
                       std::span<const Subject> subjects, DateRange range, PileReader* pile,
                       std::vector<History>* histories) {
  if (absl::Status status = pile->Open({&value, 1}, key, range); !status.ok()) return status;
  for (const size_t index : asked.indices) {
    absl::Status status = pile->Read(SubjectGroup::LowOf(subjects[index]), &(*histories)[index]);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// The histories of one group while its years are gathered.
class GroupScan {
 public:
  GroupScan(DateRange range, absl::FunctionRef<bool(const History&)> visit)
      : range_(range), visit_(visit) {}

  // False when no more is wanted. Damage is remembered and the block's whole group left out: a
  // history with a year missing would be a wrong one.
  bool Add(std::string_view bytes, std::string_view value) {
    const std::optional<BlockKey> key = ParseBlockKey(bytes);
    if (!key) {
      damage_.Update(DamagedRecord("blocks", bytes));
      return true;
    }
    if (!group_ || key->group != *group_) {
      if (!Flush()) return false;
      sound_ = true;
      group_ = key->group;
      for (size_t low = 0; low < histories_.size(); ++low) {
        histories_[low].Reset(group_->At(static_cast<uint8_t>(low)));
      }
    }
    if (key->year < range_.from.year() || key->year > range_.to.year()) return true;
    if (absl::Status status = ReadBlock(*key, value); !status.ok()) {
      damage_.Update(status);
      sound_ = false;
    }
    return true;
  }

  // Shows what was gathered; to be called once more after the last block.
  bool Flush() {
    for (History& history : histories_) {
      if (history.empty()) continue;
      if (sound_ && wanted_ && !visit_(history)) wanted_ = false;
      history.Reset(history.subject());
    }
    return wanted_;
  }

  const absl::Status& damage() const { return damage_; }

 private:
  absl::Status ReadBlock(const BlockKey& key, std::string_view value) {
    if (absl::Status status = pile_.Open({&value, 1}, key, range_); !status.ok()) return status;
    for (size_t low = 0; low < histories_.size(); ++low) {
      absl::Status status = pile_.Read(static_cast<uint8_t>(low), &histories_[low]);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  const DateRange range_;
  absl::FunctionRef<bool(const History&)> visit_;
  std::optional<SubjectGroup> group_;
  PileReader pile_;
  std::vector<History> histories_ = std::vector<History>(kSubjectsPerGroup);
  bool sound_ = true;
  bool wanted_ = true;
  absl::Status damage_;
};

}  // namespace

absl::Status rocks::ScanGroups(const Database& database, std::string_view from, std::string_view to,
                               DateRange range, const rocksdb::Snapshot* snapshot,
                               absl::FunctionRef<bool(const History&)> visit) {
  GroupScan scan(range, visit);
  absl::Status status = database.Scan(
      Family::kBlocks, from, to,
      [&](std::string_view key, std::string_view value) { return scan.Add(key, value); }, snapshot);
  scan.Flush();
  status.Update(scan.damage());
  return status;
}

absl::Status RocksStore::FillHistories(std::span<const Subject> subjects, DateRange range,
                                       std::vector<History>* histories) const {
  if (histories->size() < subjects.size()) histories->resize(subjects.size());
  for (size_t i = 0; i < subjects.size(); ++i) (*histories)[i].Reset(subjects[i]);
  if (range.from > range.to) return absl::OkStatus();
  PileReader pile;
  const std::vector<AskedGroup> groups = InGroups(subjects);
  const int32_t first = range.from.year();
  const int32_t years = range.to.year() - first + 1;
  if (years <= kMostYearsByName) {
    std::vector<std::string> keys;
    keys.reserve(groups.size() * static_cast<size_t>(years));
    for (const AskedGroup& asked : groups) {
      for (int32_t year = 0; year < years; ++year) {
        keys.push_back(KeyOf({asked.group, first + year}));
      }
    }
    const auto read = [&](size_t i, std::string_view value) {
      const AskedGroup& asked = groups[i / static_cast<size_t>(years)];
      const int32_t year = first + static_cast<int32_t>(i % static_cast<size_t>(years));
      absl::Status status =
          ReadAsked({asked.group, year}, value, asked, subjects, range, &pile, histories);
      if (LongPiles::IsLong(pile.parts())) long_piles_->Note(Family::kBlocks, keys[i]);
      return status;
    };
    return database_->MultiGet(Family::kBlocks, keys, read);
  }
  rocksdb::ManagedSnapshot snapshot(&database_->db());
  for (const AskedGroup& asked : groups) {
    absl::Status damage;
    absl::Status status = database_->Scan(
        Family::kBlocks, KeyOf({asked.group, first}), KeyOf({asked.group, first + years}),
        [&](std::string_view bytes, std::string_view value) {
          const std::optional<BlockKey> key = ParseBlockKey(bytes);
          damage = key ? ReadAsked(*key, value, asked, subjects, range, &pile, histories)
                       : DamagedRecord("blocks", bytes);
          if (LongPiles::IsLong(pile.parts())) long_piles_->Note(Family::kBlocks, bytes);
          return damage.ok();
        },
        snapshot.snapshot());
    status.Update(damage);
    if (!status.ok()) return database_->Noted(std::move(status));
  }
  return absl::OkStatus();
}

absl::Status RocksStore::FillStates(std::span<const Subject> subjects,
                                    std::vector<SubjectState>* states) const {
  if (states->size() < subjects.size()) states->resize(subjects.size());
  const std::vector<AskedGroup> groups = InGroups(subjects);
  std::vector<std::string> keys;
  keys.reserve(groups.size());
  for (const AskedGroup& asked : groups) AppendGroupKey(asked.group, &keys.emplace_back());
  std::vector<bool> found(groups.size());
  rocks::StateReader reader;
  absl::Status status =
      database_->MultiGet(Family::kStates, keys, [&](size_t i, std::string_view value) {
        found[i] = true;
        if (!reader.Open(groups[i].group, {&value, 1})) return DamagedRecord("states", keys[i]);
        if (LongPiles::IsLong(reader.parts())) long_piles_->Note(Family::kStates, keys[i]);
        for (const size_t index : groups[i].indices) {
          if (!reader.Read(SubjectGroup::LowOf(subjects[index]), &(*states)[index])) {
            return DamagedRecord("states", keys[i]);
          }
        }
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (found[i]) continue;
    for (const size_t index : groups[i].indices) {
      (*states)[index].risk.reset();
      (*states)[index].residence.reset();
    }
  }
  return absl::OkStatus();
}

absl::Status RocksStore::ScanHistories(const Division& region, DateRange range,
                                       absl::FunctionRef<bool(const History&)> visit) const {
  return database_->Noted(rocks::ScanGroups(*database_, rocks::PlaceKey(region.FirstVillageCode()),
                                            rocks::PlaceKey(region.EndVillageCode()), range,
                                            nullptr, visit));
}

absl::Status RocksStore::ScanStates(
    const Division& region,
    absl::FunctionRef<bool(const Subject&, const SubjectState&)> visit) const {
  absl::Status damage;
  rocks::StateReader reader;
  SubjectState state;
  // False when no more is wanted. What is sound of a damaged group was shown by then.
  const auto show = [&](std::string_view key, std::string_view value) {
    const std::optional<SubjectGroup> group = ParseGroupKey(key);
    if (!group || !reader.Open(*group, {&value, 1})) {
      damage.Update(DamagedRecord("states", key));
      return true;
    }
    for (size_t low = 0; low < kSubjectsPerGroup; ++low) {
      if (!reader.subjects().test(low)) continue;
      if (!reader.Read(static_cast<uint8_t>(low), &state)) {
        damage.Update(DamagedRecord("states", key));
        return true;
      }
      if (!visit(group->At(static_cast<uint8_t>(low)), state)) return false;
    }
    return true;
  };
  absl::Status status = database_->Scan(Family::kStates, rocks::PlaceKey(region.FirstVillageCode()),
                                        rocks::PlaceKey(region.EndVillageCode()), show);
  status.Update(damage);
  return database_->Noted(std::move(status));
}

}  // namespace shouwang
