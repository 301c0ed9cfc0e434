#include "storage/rocks/reporting_count.h"

#include <optional>
#include <span>
#include <string>
#include <utility>

#include "storage/contract/place_counts.h"
#include "storage/rocks/database.h"
#include "storage/rocks/records.h"
#include "storage/rocks/reporter_records.h"
#include "storage/rocks/rocks_trimming.h"
#include "storage/rocks/transaction_writer.h"
#include "storage/vocabulary/reporting.h"

namespace shouwang::rocks {
namespace {

// Written at once.
constexpr int kBatchesAtOnce = 10'000;

// Nothing but delays is kept under kAnyIndicator in histograms.
absl::Status Clear(const Database& database) {
  rocksdb::WriteBatch clear;
  const auto drop = [&](Family family, const std::string& prefix) {
    clear.DeleteRange(database.Handle(family), prefix, prefix + "\xff");
  };
  drop(Family::kRollups, RollupPrefix(RollupView::kSettlement, kFirstReport));
  drop(Family::kRollups, RollupPrefix(RollupView::kSettlement, kLastReport));
  for (const DivisionLevel level : {DivisionLevel::kCounty, DivisionLevel::kTownship}) {
    drop(Family::kHistograms, HistogramPrefix(RollupView::kSettlement, level, kAnyIndicator));
  }
  clear.DeleteRange(database.Handle(Family::kReporters), "", "\xff");
  return database.Write(&clear, "clearing counts of reporting");
}

absl::Status WriteCounts(RocksStore& store, const Division& township, const PlaceCounts& counts) {
  const RollupPlace place{RollupView::kSettlement, township, {}};
  Transaction transaction;
  for (const auto& [key, cell] : counts.cells) {
    if (cell.count != 0) {
      transaction.rollups.push_back({place, key.first, key.second, cell.count, 0});
    }
  }
  transaction.histograms = HistogramsOf(place, counts);
  const LongPiles::Turn turn(transaction, &store.long_piles());
  rocksdb::WriteBatch batch;
  absl::Status status = AddTransaction(transaction, store.database(), turn, &batch);
  if (status.ok()) status = store.database().Write(&batch, "counting reporting");
  return status;
}

absl::Status CountHouseholds(RocksStore& store, Month open_from) {
  std::optional<Division> township;
  PlaceCounts counts;
  absl::Status inner;
  absl::Status status = store.ScanWithSuperseded(
      Division(), Subject(),
      [&](const History& history, std::span<const SupersededValue> superseded) {
        const Division home = history.subject().In(DivisionLevel::kTownship);
        if (township && *township != home) {
          inner = WriteCounts(store, *township, std::exchange(counts, {}));
        }
        township = home;
        counts.AddReporting(history, superseded, open_from);
        return inner.ok();
      });
  status.Update(inner);
  if (!status.ok() || !township) return status;
  return WriteCounts(store, *township, counts);
}

// A batch that cannot be read is told of by whoever asks for it.
absl::Status CountReporters(const Database& database) {
  rocksdb::WriteBatch heard;
  absl::Status inner;
  const auto write = [&] {
    inner = database.Write(&heard, "counting reporters");
    heard.Clear();
    return inner.ok();
  };
  absl::Status status = database.Scan(
      Family::kBatches, "", "\xff",
      [&](std::string_view key, std::string_view value) {
        const std::optional<uint64_t> number = ReadNumber(key);
        const auto batch = number ? ReadBatch(*number, value) : std::nullopt;
        if (!batch || batch->township.level() != DivisionLevel::kTownship) return true;
        heard.Put(database.Handle(Family::kReporters),
                  ReporterKey({batch->township, batch->source, batch->collector}),
                  WriteLastHeard({batch->known_at, batch->number}));
        return heard.Count() < kBatchesAtOnce || write();
      },
      nullptr, Caching::kLeaveAsItIs);
  status.Update(inner);
  if (status.ok() && heard.Count() > 0) write();
  status.Update(inner);
  return status;
}

}  // namespace

absl::Status CountReporting(RocksStore& store) {
  if (absl::Status status = Clear(store.database()); !status.ok()) return status;
  const absl::StatusOr<KeptRetention> kept = RocksTrimming(&store).LoadRetention();
  if (!kept.ok()) return kept.status();
  absl::Status status = CountHouseholds(store, kept->retention.AllKeptFrom().month());
  if (!status.ok()) return status;
  return CountReporters(store.database());
}

}  // namespace shouwang::rocks
