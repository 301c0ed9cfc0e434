#include "storage/rocks/verify.h"

#include <fmt/format.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "storage/audit/verification.h"
#include "storage/blocks/pile_reader.h"
#include "storage/contract/recount.h"
#include "storage/rocks/case_records.h"
#include "storage/rocks/database.h"
#include "storage/rocks/delivery_records.h"
#include "storage/rocks/draw_records.h"
#include "storage/rocks/format.h"
#include "storage/rocks/records.h"
#include "storage/rocks/reporter_records.h"
#include "storage/rocks/states.h"
#include "storage/rocks/warning_groups.h"

namespace shouwang {
namespace {

using rocks::Database;
using rocks::Family;
using rocks::ViewOf;

// The lock that a daemon would take; a reader alone takes none.
class DirectoryLock {
 public:
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Take(const std::string& path) {
    rocksdb::FileLock* lock = nullptr;
    const rocksdb::Status status = rocksdb::Env::Default()->LockFile(path + "/LOCK", &lock);
    if (!status.ok()) {
      return absl::UnavailableError(
          fmt::format("the store {} cannot be taken, most likely because a daemon runs on it; stop "
                      "it first ({})",
                      path, status.ToString()));
    }
    return std::unique_ptr<DirectoryLock>(new DirectoryLock(lock));
  }
  ~DirectoryLock() { rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError(); }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(rocksdb::FileLock* lock) : lock_(lock) {}
  rocksdb::FileLock* const lock_;
};

Division TownshipOf(uint64_t place) {
  return Division::OfVillageCode(place, DivisionLevel::kTownship);
}

class Verification {
 public:
  Verification(const RocksStore& store,
               const std::function<void(const std::string&, uint64_t)>& progress)
      : store_(store), database_(store.database()), progress_(progress) {}

  Verified Run() {
    CheckFiles();
    CheckBlocks();
    CheckStates();
    CheckWarnings();
    CheckRollups();
    CheckHistograms();
    CheckTallies();
    CheckSuperseded();
    CheckBatches();
    CheckCases();
    CheckDeliveries();
    CheckAudit();
    CheckReporters();
    CheckDraws();
    CheckMeta();
    CountAnew();
    return std::move(verified_);
  }

 private:
  void Begin(std::string name) {
    verified_.parts.emplace_back().name = std::move(name);
    progress_(Part().name, 0);
  }
  VerifiedPart& Part() { return verified_.parts.back(); }
  void Fault(VerifiedPart* part, std::string text) {
    ++part->faults;
    if (verified_.faults.size() < kMaxListedFaults) verified_.faults.push_back(std::move(text));
  }
  void Checked() {
    if ((++Part().checked & 0x3ff) == 0) progress_(Part().name, Part().checked);
  }

  // check(key, value) gives what is wrong with the record, or nothing.
  template <typename Check>
  void CheckFamily(const std::string& name, Family family, Check check) {
    Begin(name);
    rocksdb::ReadOptions read;
    read.fill_cache = false;
    read.readahead_size = 2 << 20;
    read.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> it(
        database_.db().NewIterator(read, database_.Handle(family)));
    std::string last;
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      last = it->key().ToString();
      const std::string wrong(check(ViewOf(it->key()), ViewOf(it->value())));
      Checked();
      if (!wrong.empty()) Fault(&Part(), Named(name, last, wrong));
    }
    if (it->status().ok()) return;
    Part().left_out = fmt::format("nothing behind record {} could be read", Hex(last));
    Fault(&Part(), fmt::format("{}: {}", name, it->status().ToString()));
    unreadable_ = true;
  }
  static std::string Hex(const std::string& key) { return rocksdb::Slice(key).ToString(true); }
  static std::string Named(const std::string& family, const std::string& key,
                           const std::string& wrong) {
    return fmt::format("{} record {}: {}", family, Hex(key), wrong);
  }

  void CheckFiles();
  void CheckBlocks();
  void CheckStates();
  void CheckWarnings();
  void CheckRollups();
  void CheckHistograms();
  void CheckTallies();
  void CheckSuperseded();
  void CheckBatches();
  void CheckCases();
  void CheckDeliveries();
  void CheckAudit();
  void CheckReporters();
  void CheckDraws();
  void CheckMeta();
  void CountAnew();
  std::string WrongRequest(std::string_view key, std::string_view value) const;

  const RocksStore& store_;
  const Database& database_;
  const std::function<void(const std::string&, uint64_t)>& progress_;
  Verified verified_;
  RecountScope scope_;
  bool unreadable_ = false;  // a scan that the recount needs did not come to its end
};

void Verification::CheckFiles() {
  Begin("files");
  std::vector<rocksdb::LiveFileMetaData> files;
  database_.db().GetLiveFilesMetaData(&files);
  for (const rocksdb::LiveFileMetaData& file : files) {
    rocksdb::SstFileReader reader(
        rocksdb::Options(rocksdb::DBOptions(), database_.db().GetOptions()));
    rocksdb::Status status = reader.Open(file.db_path + file.name);
    if (status.ok()) status = reader.VerifyChecksum();
    Checked();
    progress_(Part().name, Part().checked);
    if (!status.ok()) {
      Fault(&Part(), fmt::format("file {} ({}): {}", file.name.substr(1), file.column_family_name,
                                 status.ToString()));
    }
  }
}

void Verification::CheckBlocks() {
  PileReader pile;
  History history;
  const auto read = [&](const BlockKey& key, std::string_view value) {
    absl::Status status = pile.Open({&value, 1}, key, DateRange{});
    for (uint32_t low = 0; status.ok() && low < kSubjectsPerGroup; ++low) {
      history.Reset(key.group.At(static_cast<uint8_t>(low)));
      status = pile.Read(static_cast<uint8_t>(low), &history);
    }
    return status;
  };
  CheckFamily("blocks", Family::kBlocks, [&](auto key, auto value) -> std::string {
    const std::optional<BlockKey> block = ParseBlockKey(key);
    if (!block) return "its key is none of a block";
    const absl::Status status = read(*block, value);
    if (status.ok()) return "";
    scope_.damaged.insert(TownshipOf(block->group.place));
    return std::string(status.message());
  });
}

void Verification::CheckStates() {
  rocks::StateReader reader;
  SubjectState state;
  CheckFamily("states", Family::kStates, [&](auto key, auto value) -> std::string {
    const std::optional<SubjectGroup> group = ParseGroupKey(key);
    if (!group) return "its key is none of a group";
    scope_.townships.insert(TownshipOf(group->place));
    const std::string_view parts = value;
    bool sound = reader.Open(*group, {&parts, 1});
    for (size_t low = 0; sound && low < kSubjectsPerGroup; ++low) {
      if (reader.subjects().test(low)) sound = reader.Read(static_cast<uint8_t>(low), &state);
    }
    if (sound) return "";
    scope_.damaged.insert(TownshipOf(group->place));
    return "cannot be read";
  });
}

void Verification::CheckWarnings() {
  CheckFamily("warnings", Family::kWarnings, [this](auto key, auto value) -> std::string {
    if (key.size() < 5) return "its key is none of a warning";
    const Division township = TownshipOf(ReadBigEndian(key.substr(0, 5)));
    scope_.townships.insert(township);
    if (rocks::ReadWarningsAt(key, value, [](const Warning&) { return true; })) return "";
    scope_.damaged.insert(township);
    return "cannot be read";
  });
}

void Verification::CheckRollups() {
  CheckFamily("rollups", Family::kRollups, [this](auto bytes, auto value) -> std::string {
    const std::optional<rocks::RollupKey> key = rocks::ReadRollupKey(bytes);
    if (!key) return "its key is none of a rollup";
    scope_.townships.insert(key->place.township);
    scope_.indicators.insert(key->indicator);
    if (rocks::ReadRollup(*key, value, [](const RollupCell&) {})) return "";
    scope_.damaged.insert(key->place.township);
    return "cannot be read";
  });
}

void Verification::CheckHistograms() {
  CheckFamily("histograms", Family::kHistograms, [this](auto bytes, auto value) -> std::string {
    const std::optional<rocks::HistogramKey> key = rocks::ReadHistogramKey(bytes);
    if (!key) return "its key is none of a histogram";
    const Division& division = key->place.division;
    const bool of_township = division.level() == DivisionLevel::kTownship;
    if (of_township) scope_.townships.insert(division);
    scope_.indicators.insert(key->indicator);
    if (rocks::ReadHistograms(*key, value, [](const PlaceHistogram&) {})) return "";
    // A county's is told of by its first township.
    scope_.damaged.insert(of_township ? division : TownshipOf(division.FirstVillageCode()));
    return "cannot be read";
  });
}

void Verification::CheckTallies() {
  CheckFamily("tallies", Family::kTallies, [this](auto key, auto value) -> std::string {
    const std::optional<Tally> tally = rocks::ReadTally(key, value);
    if (!tally && key.size() >= 6) {
      scope_.damaged.insert(TownshipOf(ReadBigEndian(key.substr(1, 5))));
    }
    if (!tally) return "cannot be read";
    scope_.townships.insert(tally->place.township);
    return "";
  });
}

// The values that took their place are there: a retention drops both.
void Verification::CheckSuperseded() {
  std::vector<History> histories;
  bool readable = false;
  CheckFamily("superseded", Family::kSuperseded, [&](auto key, auto) -> std::string {
    const std::optional<SupersededValue> value = rocks::ReadSuperseded(key);
    if (!value) {
      // When the household was first heard of cannot be told without it.
      if (key.size() >= 5) scope_.damaged.insert(TownshipOf(ReadBigEndian(key.substr(0, 5))));
      return "cannot be read";
    }
    const Observation& old = value->observation;
    if (histories.empty() || histories.front().subject() != old.subject) {
      // A damaged block was told of as such.
      readable = store_.FillHistories({&old.subject, 1}, DateRange{}, &histories).ok();
    }
    if (!readable || histories.front().At(old.indicator, old.date)) return "";
    return fmt::format("nothing took the place of indicator {} of {} on {}", old.indicator,
                       old.subject.ToString(), old.date.ToString());
  });
}

void Verification::CheckBatches() {
  CheckFamily("batches", Family::kBatches, [](auto key, auto value) -> std::string {
    const std::optional<uint64_t> number = rocks::ReadNumber(key);
    if (!number) return "its key is no number";
    return rocks::ReadBatch(*number, value) ? "" : "cannot be read";
  });
  CheckFamily("requests", Family::kRequests,
              [this](auto key, auto value) { return WrongRequest(key, value); });
}

std::string Verification::WrongRequest(std::string_view key, std::string_view value) const {
  const std::optional<uint64_t> number = rocks::ReadNumber(value);
  if (!number) return "names no batch";
  const absl::StatusOr<std::optional<BatchRecord>> batch = store_.FindBatch(*number);
  // A damaged batch was told of as such.
  if (!batch.ok()) return "";
  if (!batch->has_value()) return fmt::format("names batch {}, which is not there", *number);
  if ((*batch)->request_id == key) return "";
  return fmt::format("names batch {}, which answers another request", *number);
}

// Every event stands behind one that it may stand behind, and none is missing.
void Verification::CheckCases() {
  rocks::CaseEventKey last;
  CaseState state = CaseState::kNone;
  CheckFamily("cases", Family::kCases, [&](auto bytes, auto value) -> std::string {
    const std::optional<rocks::CaseEventKey> key = rocks::ReadCaseKey(bytes);
    if (!key) return "its key is none of an event";
    if (key->subject != last.subject) {
      last = {key->subject, 0};
      state = CaseState::kNone;
    }
    const uint32_t expected = last.revision + 1;
    last.revision = key->revision;
    const std::optional<CaseEvent> event = rocks::ReadCaseEvent(value);
    if (!event) return "cannot be read";
    const CaseState before = std::exchange(state, event->state);
    if (key->revision != expected) {
      return fmt::format("event {} of the case of {} is missing", expected,
                         key->subject.ToString());
    }
    if (MayStandBehind(before, *event)) return "";
    return fmt::format("event {} of the case of {} may not stand behind state {}", key->revision,
                       key->subject.ToString(), CaseStateName(before));
  });
}

void Verification::CheckDeliveries() {
  CheckFamily("deliveries", Family::kDeliveries, [](auto key, auto value) -> std::string {
    return rocks::ReadDelivery(key, value) ? "" : "cannot be read";
  });
}

// Each chain hashed anew, from its first entry on.
void Verification::CheckAudit() {
  AuditVerifier verifier;
  CheckFamily("audit", Family::kAudit,
              [&](auto key, auto value) { return verifier.Take(key, value); });
}

// Of each the batch is there, and it was theirs.
void Verification::CheckReporters() {
  CheckFamily("reporters", Family::kReporters, [this](auto key, auto value) -> std::string {
    const auto reporter = rocks::ReadReporter(key, value);
    if (!reporter) return "cannot be read";
    const auto& [who, heard] = *reporter;
    const absl::StatusOr<std::optional<BatchRecord>> batch = store_.FindBatch(heard.batch);
    // A damaged batch was told of as such.
    if (!batch.ok()) return "";
    if (batch->has_value() && (*batch)->township == who.township &&
        (*batch)->source == who.source && (*batch)->collector == who.collector &&
        (*batch)->known_at == heard.known_at) {
      return "";
    }
    return fmt::format("names batch {}, which is not theirs", heard.batch);
  });
}

// Nobody was visited who was not drawn.
void Verification::CheckDraws() {
  std::optional<Draw> last;
  CheckFamily("draws", Family::kDraws, [&](auto bytes, auto value) -> std::string {
    const std::optional<rocks::DrawKey> key = rocks::ReadDrawKey(bytes);
    if (!key) return "its key is none of a draw";
    if (key->visit == 0) {
      last = rocks::ReadDraw(*key, value);
      return last ? "" : "cannot be read";
    }
    const std::optional<DrawVisit> visit = rocks::ReadDrawVisit(*key, value);
    if (!visit) return "cannot be read";
    if (last && last->township == key->township && last->month == key->month &&
        last->Has(visit->subject)) {
      return "";
    }
    return fmt::format("{} was visited and not drawn in {}", visit->subject.ToString(),
                       key->month.ToString());
  });
}

void Verification::CheckMeta() {
  CheckFamily("default", Family::kMeta, [](auto key, auto value) -> std::string {
    if (key == "indicators" && !rocks::ReadBinding(value)) return "cannot be read";
    if (key == "retention" && !rocks::ReadRetention(value)) return "cannot be read";
    if (key == "batch_numbers" && !rocks::ReadNumber(value)) return "cannot be read";
    return "";
  });
  const absl::StatusOr<int> format = rocks::StoredFormat(database_);
  if (format.ok()) verified_.format = *format;
}

void Verification::CountAnew() {
  const size_t first = verified_.parts.size();
  for (const char* name : {"rollups against values", "histograms against values",
                           "tallies against values", "warnings against states"}) {
    Begin(name);
  }
  const auto part = [&](size_t i) { return &verified_.parts[first + i]; };
  const auto leave_out = [&](const std::string& why) {
    for (size_t i = 0; i < 4; ++i) part(i)->left_out = why;
  };
  if (unreadable_) {
    leave_out("not all records could be read");
    return;
  }
  if (!scope_.damaged.empty()) {
    leave_out(fmt::format("{} townships with damaged records, and all origins and sites",
                          scope_.damaged.size()));
  }
  const absl::StatusOr<std::optional<std::string>> retention =
      database_.Get(Family::kMeta, "retention");
  if (retention.ok() && retention->has_value()) {
    scope_.retention = rocks::ReadRetention(**retention).value_or(KeptRetention()).retention;
  }
  RecountListener listener;
  listener.on_rollup = [&](const std::string& text) { Fault(part(0), text); };
  listener.on_histogram = [&](const std::string& text) { Fault(part(1), text); };
  listener.on_tally = [&](const std::string& text) { Fault(part(2), text); };
  listener.on_warning = [&](const std::string& text) { Fault(part(3), text); };
  listener.on_progress = [&](const RecountTotals& totals) {
    progress_("values, counted anew", totals.observations);
  };
  const absl::StatusOr<RecountTotals> totals = Recount(store_, scope_, listener);
  if (!totals.ok()) {
    Fault(part(0), std::string(totals.status().message()));
    leave_out("the recount did not come to its end");
    return;
  }
  part(0)->checked = totals->rollup_cells;
  part(1)->checked = totals->histograms;
  part(2)->checked = totals->tallies;
  part(3)->checked = totals->warnings;
}

}  // namespace

bool Verified::sound() const {
  return std::ranges::all_of(
      parts, [](const VerifiedPart& part) { return part.faults == 0 && part.left_out.empty(); });
}

absl::StatusOr<Verified> VerifyStore(
    const RocksOptions& options,
    const std::function<void(const std::string& part, uint64_t checked)>& progress) {
  std::error_code error;
  if (!std::filesystem::exists(options.path + "/CURRENT", error)) {
    return absl::NotFoundError(fmt::format("{} has no store", options.path));
  }
  const absl::StatusOr<std::unique_ptr<DirectoryLock>> lock = DirectoryLock::Take(options.path);
  if (!lock.ok()) return lock.status();
  RocksOptions read = options;
  read.read_only = true;
  const absl::StatusOr<std::unique_ptr<RocksStore>> store = RocksStore::Open(read);
  if (!store.ok()) return store.status();
  return Verification(**store, progress).Run();
}

}  // namespace shouwang
