#include "storage/rocks/format.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/blocks/block_key.h"
#include "storage/contract/place_counts.h"
#include "storage/rocks/records.h"
#include "storage/rocks/reporting_count.h"
#include "storage/rocks/transaction_writer.h"
#include "storage/rocks/warning_groups.h"

namespace shouwang::rocks {
namespace {

constexpr std::string_view kFormatKey = "format";

absl::Status WriteFormat(const Database& database, int format) {
  rocksdb::WriteBatch batch;
  batch.Put(database.Handle(Family::kMeta), SliceOf(kFormatKey), std::to_string(format));
  return database.Write(&batch, "writing the format version");
}

absl::Status CannotOpen(const Database& database, std::string_view why) {
  return absl::FailedPreconditionError(
      fmt::format("{} cannot be opened: {}", database.options().path, why));
}

absl::Status TakeStep(RocksStore& store, const FormatStep& step) {
  if (step.rewrite) {
    if (absl::Status status = step.rewrite(store); !status.ok()) {
      return absl::Status(status.code(), fmt::format("{}: bringing it to format {} ({}): {}",
                                                     store.database().options().path, step.to,
                                                     step.what, std::string(status.message())));
    }
  }
  return WriteFormat(store.database(), step.to);
}

// What a store of format 1 holds, counted into the histograms that format 2 keeps. Township by
// township; what an interrupted count left is thrown away first.
class HistogramCount {
 public:
  explicit HistogramCount(RocksStore& store) : store_(store), database_(store.database()) {}

  absl::Status Run() {
    rocksdb::WriteBatch clear;
    clear.DeleteRange(database_.Handle(Family::kHistograms), "", "\xff");
    if (absl::Status status = database_.Write(&clear, "clearing histograms"); !status.ok()) {
      return status;
    }
    absl::Status inner;
    absl::Status status =
        store_.ScanHistories(Division(), DateRange{}, [&](const History& history) {
          const Division township = history.subject().In(DivisionLevel::kTownship);
          if (township_ != township) {
            inner.Update(Flush());
            inner.Update(Enter(township));
          }
          const auto state = states_.find(history.subject());
          const SubjectState none;
          for (const RollupPlace& place :
               PlacesOf(history.subject(), state == states_.end() ? none : state->second)) {
            counts_[place].Add(history);
          }
          return inner.ok();
        });
    status.Update(inner);
    if (!status.ok()) return status;
    return Flush();
  }

 private:
  absl::Status Enter(const Division& township) {
    township_ = township;
    states_.clear();
    return store_.ScanStates(township, [&](const Subject& subject, const SubjectState& state) {
      if (state.residence) states_[subject].residence = state.residence;
      return true;
    });
  }

  absl::Status Flush() {
    Transaction transaction;
    for (const auto& [place, counts] : counts_) {
      for (PlaceHistogram& histogram : HistogramsOf(place, counts)) {
        transaction.histograms.push_back(std::move(histogram));
      }
    }
    counts_.clear();
    if (transaction.histograms.empty()) return absl::OkStatus();
    const LongPiles::Turn turn(transaction, &store_.long_piles());
    rocksdb::WriteBatch batch;
    absl::Status status = AddTransaction(transaction, database_, turn, &batch);
    if (status.ok()) status = database_.Write(&batch, "counting histograms");
    return status;
  }

  RocksStore& store_;
  const Database& database_;
  std::optional<Division> township_;
  std::map<Subject, SubjectState> states_;  // residences only
  std::map<RollupPlace, PlaceCounts> counts_;
};

// The warnings of a store before format 6, each with a key of its own, gathered by groups. A group
// is changed in one write, so what an interrupted run has left is gathered by the next, and what an
// older version has written since then is added to it. A warning that cannot be read stays as it
// is, for a verification to name.
class WarningGathering {
 public:
  explicit WarningGathering(RocksStore& store) : database_(store.database()) {}

  absl::Status Run() {
    absl::Status inner;
    absl::Status status = database_.Scan(
        Family::kWarnings, "", "\xff", [&](std::string_view key, std::string_view value) {
          if (key.size() == kGroupKeyBytes) {
            EndGroup();
            // Whose single ones, if any, come next.
            gathered_key_ = key;
            gathered_ = value;
            return true;
          }
          const std::optional<Warning> warning = ReadWarning(key, value);
          if (!warning) return true;
          if (!warnings_.empty() &&
              SubjectGroup::Of(warnings_.back().subject) != SubjectGroup::Of(warning->subject)) {
            EndGroup();
          }
          if (warnings_.empty() && batch_.GetDataSize() >= kBytesTogether) inner.Update(Write());
          warnings_.push_back(*warning);
          batch_.Delete(database_.Handle(Family::kWarnings), SliceOf(key));
          return inner.ok();
        });
    status.Update(inner);
    if (!status.ok()) return status;
    EndGroup();
    return Write();
  }

 private:
  static constexpr size_t kBytesTogether = size_t{1} << 20;

  void EndGroup() {
    if (warnings_.empty()) return;
    std::vector<ChangedWarning> open;
    for (const Warning& warning : warnings_) open.push_back({&warning, true});
    std::string key;
    AppendGroupKey(SubjectGroup::Of(warnings_.front().subject), &key);
    std::string value = WriteWarnings(open);
    if (key == gathered_key_) {
      value = FoldWarnings(key, std::vector<std::string_view>{gathered_, value});
    }
    // Put, as an older version knows no merging of warnings.
    batch_.Put(database_.Handle(Family::kWarnings), key, value);
    warnings_.clear();
  }
  absl::Status Write() {
    absl::Status status = database_.Write(&batch_, "gathering warnings");
    batch_.Clear();
    return status;
  }

  const Database& database_;
  std::vector<Warning> warnings_;  // of one group
  std::string gathered_key_;       // of the group that was met last, and its value
  std::string gathered_;
  rocksdb::WriteBatch batch_;
};

}  // namespace

std::span<const FormatStep> FormatSteps() {
  static const std::array<FormatStep, 6> kSteps = {
      {{2, "histograms are counted", /*old_is_readable=*/true,
        [](RocksStore& store) { return HistogramCount(store).Run(); }},
       {3, "blocks of version 4", /*old_is_readable=*/true, nullptr},
       {4, "cases and deliveries are kept", /*old_is_readable=*/true, nullptr},
       {5, "an audit trail and draws are kept, and reporting is counted",
        /*old_is_readable=*/true, CountReporting},
       {6, "warnings are kept by groups", /*old_is_readable=*/true,
        [](RocksStore& store) { return WarningGathering(store).Run(); }},
       {7, "blocks of version 5", /*old_is_readable=*/true, nullptr}}};
  return kSteps;
}

int NewestFormat(std::span<const FormatStep> steps) { return steps.empty() ? 1 : steps.back().to; }

absl::StatusOr<int> StoredFormat(const Database& database) {
  absl::StatusOr<std::optional<std::string>> stored = database.Get(Family::kMeta, kFormatKey);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) return 0;
  const std::string& text = **stored;
  int format = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), format);
  if (error != std::errc() || end != text.data() + text.size() || format < 1) {
    return absl::DataLossError(
        fmt::format("{}: its format version is damaged", database.options().path));
  }
  return format;
}

absl::Status CheckFormat(const Database& database, std::span<const FormatStep> steps) {
  const int newest = NewestFormat(steps);
  const absl::StatusOr<int> format = StoredFormat(database);
  if (!format.ok()) return format.status();
  if (*format == 0) {
    if (database.options().read_only) return CannotOpen(database, "it has no format version");
    return WriteFormat(database, newest);
  }
  if (*format <= newest) return absl::OkStatus();
  return CannotOpen(database,
                    fmt::format("it has format {}, this version knows up to {}; use the version "
                                "that wrote it, or a newer one",
                                *format, newest));
}

absl::Status BringToFormat(RocksStore& store, std::span<const FormatStep> steps) {
  const Database& database = store.database();
  const absl::StatusOr<int> format = StoredFormat(database);
  if (!format.ok()) return format.status();
  for (const FormatStep& step : steps) {
    if (step.to <= *format) continue;
    if (database.options().read_only) {
      if (step.old_is_readable) continue;
      return CannotOpen(database,
                        fmt::format("it has format {} and must be brought to format {} ({}); start "
                                    "shouwangd on it once",
                                    *format, NewestFormat(steps), step.what));
    }
    if (absl::Status status = TakeStep(store, step); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace shouwang::rocks
