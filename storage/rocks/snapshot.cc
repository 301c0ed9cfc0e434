#include "storage/rocks/snapshot.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "storage/blocks/block_key.h"
#include "storage/blocks/pile_reader.h"
#include "storage/rocks/database.h"
#include "storage/rocks/histories.h"
#include "storage/rocks/records.h"
#include "storage/rocks/states.h"
#include "storage/rocks/superseded.h"

namespace shouwang::rocks {
namespace {

// The years of one group while they are gathered. The bytes of all of them are kept until the group
// has been shown, so that a subject can be read further back than its neighbours.
class NeighbourScan {
 public:
  NeighbourScan(const Database& database, const rocksdb::Snapshot* snapshot, Date from,
                std::span<const IndicatorId> indicators,
                absl::FunctionRef<bool(const Neighbours&)> visit)
      : database_(database),
        snapshot_(snapshot),
        from_(from),
        indicators_(indicators),
        visit_(visit) {}

  // False when no more is wanted. As in ScanGroups a group with a damaged block is left out.
  bool Add(std::string_view bytes, std::string_view value) {
    const std::optional<BlockKey> key = ParseBlockKey(bytes);
    if (!key) {
      damage_.Update(DamagedRecord("blocks", bytes));
      return true;
    }
    if (count_ > 0 && key->group != years_[0].key.group && !Show()) return false;
    if (count_ == years_.size()) years_.emplace_back();
    Year& year = years_[count_++];
    year.key = *key;
    year.bytes.assign(value);
    return true;
  }

  // To be called once more after the last block.
  bool Show() {
    const absl::StatusOr<size_t> found = Gather();
    absl::Status status = found.ok() ? GatherStates(*found) : found.status();
    if (!status.ok()) {
      damage_.Update(std::move(status));
    } else if (*found > 0 && wanted_) {
      wanted_ = visit_({.recent = std::span(recent_).first(*found),
                        .recent_is_whole = years_[0].key.year >= from_.year(),
                        .states = std::span(states_).first(*found),
                        .reported = reported_,
                        .read_whole = [this](size_t index, std::span<const IndicatorId> indicators,
                                             History* whole) {
                          return ReadWhole(recent_[index].subject(), indicators, whole);
                        }});
    }
    count_ = 0;
    return wanted_;
  }

  const absl::Status& damage() const { return damage_; }

 private:
  struct Year {
    BlockKey key;
    std::string bytes;
    PileReader pile;
  };

  static uint8_t LowOf(const Subject& subject) {
    return static_cast<uint8_t>(subject.number % kSubjectsPerGroup);
  }

  // Opens all years and reads the recent ones into recent_; how many subjects there are.
  absl::StatusOr<size_t> Gather() {
    reported_.clear();
    for (Year& year : std::span(years_).first(count_)) {
      const std::string_view bytes = year.bytes;
      absl::Status status = year.pile.Open({&bytes, 1}, year.key, DateRange{});
      if (!status.ok()) return status;
      year.pile.ReadOnly(indicators_);
      year.pile.AddIndicators(&reported_);
    }
    std::ranges::sort(reported_);
    reported_.erase(std::unique(reported_.begin(), reported_.end()), reported_.end());
    size_t found = 0;
    for (size_t low = 0; low < kSubjectsPerGroup && count_ > 0; ++low) {
      const auto number = static_cast<uint8_t>(low);
      if (found == recent_.size()) recent_.emplace_back();
      recent_[found].Reset(years_[0].key.group.At(number));
      bool there = false;
      for (Year& year : std::span(years_).first(count_)) {
        if (!year.pile.Has(number)) continue;
        there = true;
        if (year.key.year < from_.year()) continue;
        absl::Status status = year.pile.Read(number, &recent_[found]);
        if (!status.ok()) return status;
      }
      if (there) ++found;
    }
    return found;
  }

  // Reads the states of the first `count` of recent_.
  absl::Status GatherStates(size_t count) {
    if (count == 0) return absl::OkStatus();
    if (states_.size() < count) states_.resize(count);
    std::string key;
    AppendGroupKey(years_[0].key.group, &key);
    auto bytes = database_.Get(Family::kStates, key, snapshot_);
    if (!bytes.ok()) return bytes.status();
    const std::string_view value = *bytes ? std::string_view(**bytes) : std::string_view();
    const auto piles = std::span(&value, *bytes ? 1u : 0u);
    if (!state_reader_.Open(years_[0].key.group, piles)) return DamagedRecord("states", key);
    for (size_t i = 0; i < count; ++i) {
      if (!state_reader_.Read(LowOf(recent_[i].subject()), &states_[i])) {
        return DamagedRecord("states", key);
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadWhole(const Subject& subject, std::span<const IndicatorId> indicators,
                         History* whole) {
    whole->Reset(subject);
    for (Year& year : std::span(years_).first(count_)) {
      year.pile.ReadOnly(indicators);
      if (absl::Status status = year.pile.Read(LowOf(subject), whole); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  const Database& database_;
  const rocksdb::Snapshot* const snapshot_;
  const Date from_;
  const std::span<const IndicatorId> indicators_;
  absl::FunctionRef<bool(const Neighbours&)> visit_;
  // The first count_ are of the group at hand; the others are kept for their memory.
  std::vector<Year> years_;
  size_t count_ = 0;
  std::vector<History> recent_;
  std::vector<SubjectState> states_;
  StateReader state_reader_;
  std::vector<IndicatorId> reported_;
  bool wanted_ = true;
  absl::Status damage_;
};

}  // namespace

RocksSnapshot::RocksSnapshot(const RocksStore& store)
    : store_(store),
      snapshot_(std::make_unique<rocksdb::ManagedSnapshot>(&store.database().db())) {}

absl::Status RocksSnapshot::ScanNeighbours(const Division& region, Date from,
                                           std::span<const IndicatorId> indicators,
                                           absl::FunctionRef<bool(const Neighbours&)> visit) const {
  const Database& database = store_.database();
  NeighbourScan scan(database, snapshot_->snapshot(), from, indicators, visit);
  absl::Status status = database.Scan(
      Family::kBlocks, PlaceKey(region.FirstVillageCode()), PlaceKey(region.EndVillageCode()),
      [&](std::string_view key, std::string_view value) { return scan.Add(key, value); },
      snapshot_->snapshot(), Caching::kLeaveAsItIs);
  scan.Show();
  status.Update(scan.damage());
  return database.Noted(std::move(status));
}

absl::Status RocksSnapshot::ScanWithSuperseded(
    const Division& region, const Subject& from_subject,
    absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)> visit) const {
  const Database& database = store_.database();
  return database.Noted(
      rocks::ScanWithSuperseded(database, region, from_subject, snapshot_->snapshot(), visit));
}

}  // namespace shouwang::rocks

namespace shouwang {

std::unique_ptr<Snapshot> RocksStore::TakeSnapshot() const {
  return std::make_unique<rocks::RocksSnapshot>(*this);
}

}  // namespace shouwang
