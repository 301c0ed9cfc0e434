#include "storage/rocks/snapshot.h"

#include <algorithm>
#include <iterator>
#include <map>
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

// Groups that come as histories without trying, after one that did not fit a window.
constexpr int kHistoriesAfterAMisfit = 15;

// The years of one group while they are gathered. The bytes of all of them are kept until the group
// has been shown, so that a subject can be read further back than its neighbours.
class NeighbourScan {
 public:
  NeighbourScan(const Database& database, const rocksdb::Snapshot* snapshot, Date from,
                std::span<const Reach> reaches, absl::FunctionRef<bool(const Neighbours&)> visit)
      : database_(database), snapshot_(snapshot), from_(from), reaches_(reaches), visit_(visit) {}

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
    absl::Status status = Gather();
    if (status.ok()) status = GatherStates();
    if (!status.ok()) {
      damage_.Update(std::move(status));
    } else if (!subjects_.empty() && wanted_) {
      wanted_ = visit_(
          {.subjects = subjects_,
           .window = fits_ ? &window_ : nullptr,
           .recent = std::span(recent_).first(fits_ ? 0 : subjects_.size()),
           .recent_is_whole = IsRecentWhole(),
           .states = std::span(states_).first(subjects_.size()),
           .reported = reported_,
           .read_whole = [this](size_t index, std::span<const IndicatorId> indicators,
                                History* whole) { return ReadWhole(index, indicators, whole); },
           .read_window =
               [this](std::span<const IndicatorId> indicators) { return ReadWindow(indicators); }});
    }
    count_ = 0;
    read_ahead_.swap(read_on_);
    read_on_.clear();
    return wanted_;
  }

  const absl::Status& damage() const { return damage_; }

 private:
  struct Year {
    BlockKey key;
    std::string bytes;
    PileReader pile;
  };

  // No year before that of from_, and of each year all that is asked for.
  bool IsRecentWhole() const {
    const int32_t first = years_[0].key.year;
    return first >= from_.year() && std::ranges::all_of(reaches_, [&](const Reach& reach) {
             return reach.from.year() <= first;
           });
  }

  std::span<Year> Years() { return std::span(years_).first(count_); }

  // Opens all years, finds who is in them, and reads the recent ones.
  absl::Status Gather() {
    reported_.clear();
    subjects_.clear();
    for (Year& year : Years()) {
      const std::string_view bytes = year.bytes;
      absl::Status status = year.pile.Open({&bytes, 1}, year.key, DateRange{});
      if (!status.ok()) return status;
      year.pile.AddIndicators(&reported_);
    }
    std::ranges::sort(reported_);
    reported_.erase(std::unique(reported_.begin(), reported_.end()), reported_.end());
    for (size_t low = 0; low < kSubjectsPerGroup && count_ > 0; ++low) {
      const auto number = static_cast<uint8_t>(low);
      const bool there =
          std::ranges::any_of(Years(), [&](const Year& year) { return year.pile.Has(number); });
      if (there) subjects_.push_back(years_[0].key.group.At(number));
    }
    if (subjects_.empty()) return absl::OkStatus();
    if (histories_to_read_ == 0) {
      absl::StatusOr<bool> fits = FillWindow();
      if (fits.ok() && !*fits && !read_ahead_.empty()) {
        // What lies further back may be too much, or of few of them.
        read_ahead_.clear();
        fits = FillWindow();
      }
      if (!fits.ok()) return fits.status();
      fits_ = *fits;
      if (fits_) return absl::OkStatus();
      histories_to_read_ = kHistoriesAfterAMisfit;
    } else {
      --histories_to_read_;
    }
    fits_ = false;
    return ReadRecent();
  }

  const std::vector<IndicatorId>& WantedIn(int32_t year) {
    const auto [it, is_new] = wanted_in_.try_emplace(year);
    if (!is_new || reaches_.empty()) return it->second;
    for (const Reach& reach : reaches_) {
      if (reach.from.year() <= year) it->second.push_back(reach.indicator);
    }
    if (it->second.empty()) it->second.push_back(kAnyIndicator);  // which nobody reports
    return it->second;
  }

  // Of which indicators the window has all dates in the year: of what is wanted there and of
  // read_ahead_, though before from_ of read_ahead_ only. Empty: of all; nullopt: of none.
  std::optional<std::span<const IndicatorId>> WholeIn(int32_t year) {
    const bool is_recent = year > from_.year() || IsRecentWhole();
    if (!is_recent && read_ahead_.empty()) return std::nullopt;
    if (!is_recent && year < from_.year()) return read_ahead_;
    const std::vector<IndicatorId>& wanted = WantedIn(year);
    if (wanted.empty() || read_ahead_.empty()) return wanted;
    both_.clear();
    std::ranges::set_union(wanted, read_ahead_, std::back_inserter(both_));
    return both_;
  }

  // A lane for each subject, with what is wanted, and with what the group before was read on for:
  // this one likely will be, too, and nothing is then read twice. False where that does not fit, or
  // would be a window of few reports.
  absl::StatusOr<bool> FillWindow() {
    window_.Reset(years_[0].key.group);
    window_.ReserveLanes(subjects_.size());
    for (const Subject& subject : subjects_) window_.AddLane(SubjectGroup::LowOf(subject));
    for (Year& year : Years()) {
      const auto whole = WholeIn(year.key.year);
      if (!whole && year.key.year < from_.year()) continue;
      absl::StatusOr<bool> fits = whole ? ReadIntoWindow(&year, Date::Min(), *whole)
                                        : ReadIntoWindow(&year, from_, WantedIn(year.key.year));
      if (!fits.ok() || !*fits) return fits;
    }
    return window_.IsDense() && window_.IsEven();
  }

  absl::StatusOr<bool> ReadIntoWindow(Year* year, Date from,
                                      std::span<const IndicatorId> indicators) {
    year->pile.ReadOnly(indicators);
    absl::StatusOr<bool> fits = year->pile.ReadInto({from, Date::Max()}, &window_);
    year->pile.ReadOnly({});
    return fits;
  }

  absl::Status ReadRecent() {
    while (recent_.size() < subjects_.size()) recent_.emplace_back();
    for (size_t i = 0; i < subjects_.size(); ++i) {
      recent_[i].Reset(subjects_[i]);
      for (Year& year : Years()) {
        if (year.key.year < from_.year()) continue;
        year.pile.ReadOnly(WantedIn(year.key.year));
        absl::Status status = year.pile.Read(SubjectGroup::LowOf(subjects_[i]), &recent_[i]);
        if (!status.ok()) return status;
      }
    }
    return absl::OkStatus();
  }

  absl::Status GatherStates() {
    if (subjects_.empty()) return absl::OkStatus();
    if (states_.size() < subjects_.size()) states_.resize(subjects_.size());
    std::string key;
    AppendGroupKey(years_[0].key.group, &key);
    auto bytes = database_.Get(Family::kStates, key, snapshot_);
    if (!bytes.ok()) return bytes.status();
    const std::string_view value = *bytes ? std::string_view(**bytes) : std::string_view();
    const auto piles = std::span(&value, *bytes ? 1u : 0u);
    if (!state_reader_.Open(years_[0].key.group, piles)) return DamagedRecord("states", key);
    for (size_t i = 0; i < subjects_.size(); ++i) {
      if (!state_reader_.Read(SubjectGroup::LowOf(subjects_[i]), &states_[i])) {
        return DamagedRecord("states", key);
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadWhole(size_t index, std::span<const IndicatorId> indicators, History* whole) {
    whole->Reset(subjects_[index]);
    for (Year& year : Years()) {
      year.pile.ReadOnly(indicators);
      absl::Status status = year.pile.Read(SubjectGroup::LowOf(subjects_[index]), whole);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // Adds what is not there of these indicators; of all, where there are none.
  absl::StatusOr<const GroupWindow*> ReadWindow(std::span<const IndicatorId> indicators) {
    for (Year& year : Years()) {
      std::span<const IndicatorId> more = indicators;
      const auto whole = WholeIn(year.key.year);
      if (whole && whole->empty()) continue;
      if (whole && !indicators.empty()) {
        more_.clear();
        std::ranges::set_difference(indicators, *whole, std::back_inserter(more_));
        if (more_.empty()) continue;
        more = more_;
      }
      const absl::StatusOr<bool> fits = ReadIntoWindow(&year, Date::Min(), more);
      if (!fits.ok()) return fits.status();
      if (!*fits) return nullptr;
    }
    read_on_.assign(indicators.begin(), indicators.end());
    return &window_;
  }

  const Database& database_;
  const rocksdb::Snapshot* const snapshot_;
  const Date from_;
  const std::span<const Reach> reaches_;
  // Ascending: what the group at hand was read on for, and what for that before it was.
  std::vector<IndicatorId> read_on_;
  std::vector<IndicatorId> read_ahead_;
  std::vector<IndicatorId> both_;
  std::vector<IndicatorId> more_;
  // By year that a group had: of which indicators points are wanted there; empty: all.
  std::map<int32_t, std::vector<IndicatorId>> wanted_in_;
  absl::FunctionRef<bool(const Neighbours&)> visit_;
  // The first count_ are of the group at hand; the others are kept for their memory.
  std::vector<Year> years_;
  size_t count_ = 0;
  std::vector<Subject> subjects_;
  bool fits_ = false;  // all of them into window_; else they are in recent_
  GroupWindow window_;
  std::vector<History> recent_;
  // Groups that are not even tried as a window: the neighbours of one that did not fit.
  int histories_to_read_ = 0;
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
                                           std::span<const Reach> reaches,
                                           absl::FunctionRef<bool(const Neighbours&)> visit) const {
  const Database& database = store_.database();
  NeighbourScan scan(database, snapshot_->snapshot(), from, reaches, visit);
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
