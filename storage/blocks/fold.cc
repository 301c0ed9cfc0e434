#include "storage/blocks/fold.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "storage/blocks/block_format.h"
#include "storage/blocks/block_reader.h"
#include "storage/blocks/block_writer.h"
#include "storage/blocks/bytes.h"

namespace shouwang {
namespace {

struct ArrivalHash {
  size_t operator()(const Arrival& a) const {
    return absl::HashOf(a.reported_at.time_since_epoch().count(),
                        a.known_at.time_since_epoch().count(), a.batch, a.source);
  }
};

// Arrivals of several parts, each once.
class ArrivalTable {
 public:
  uint32_t Intern(const Arrival& arrival) {
    if (!arrivals_.empty() && arrivals_[last_] == arrival) return last_;
    const auto [it, added] = index_.try_emplace(arrival, static_cast<uint32_t>(arrivals_.size()));
    if (added) arrivals_.push_back(arrival);
    return last_ = it->second;
  }
  std::span<const Arrival> All() const { return arrivals_; }

 private:
  absl::flat_hash_map<Arrival, uint32_t, ArrivalHash> index_;
  std::vector<Arrival> arrivals_;
  uint32_t last_ = 0;
};

uint8_t LowOf(const Subject& subject) {
  return static_cast<uint8_t>(subject.number % kSubjectsPerGroup);
}

struct OpenPart {
  BlockReader reader;
  std::vector<uint32_t> arrivals;  // of the reader, as indices of the common table
};

// Empty where a part is damaged.
std::string FoldSound(const BlockKey& key, std::span<const std::string_view> parts) {
  ArrivalTable arrivals;
  std::vector<OpenPart> open;
  open.reserve(parts.size());
  struct Piece {
    uint8_t low;
    uint32_t part;
    uint32_t index;
    auto operator<=>(const Piece&) const = default;
  };
  std::vector<Piece> pieces;
  for (const std::string_view part : parts) {
    absl::StatusOr<BlockReader> reader = BlockReader::Open(part, key);
    if (!reader.ok()) return {};
    std::vector<uint32_t> mapped;
    mapped.reserve(reader->arrivals().size());
    for (const Arrival& arrival : reader->arrivals()) mapped.push_back(arrivals.Intern(arrival));
    for (size_t i = 0; i < reader->size(); ++i) {
      pieces.push_back(
          {LowOf(reader->At(i)), static_cast<uint32_t>(open.size()), static_cast<uint32_t>(i)});
    }
    open.push_back({*std::move(reader), std::move(mapped)});
  }
  std::ranges::sort(pieces);
  BlockWriter writer(arrivals.All());
  SubjectRows rows;
  for (size_t i = 0; i < pieces.size(); ++i) {
    const OpenPart& part = open[pieces[i].part];
    if (!part.reader.Read(pieces[i].index, part.arrivals, &rows).ok()) return {};
    if (i + 1 == pieces.size() || pieces[i + 1].low != pieces[i].low) {
      writer.Add(pieces[i].low, rows);
      rows.Clear();
    }
  }
  return writer.empty() ? std::string() : writer.Finish();
}

}  // namespace

std::string WriteOperand(const BlockKey& key, const ObservationList& observations,
                         std::span<const ObservationList::Report> reports) {
  BlockWriter writer(observations.arrivals());
  SubjectRows rows;
  const int32_t first_day = key.FirstDay().days();
  for (size_t i = 0; i < reports.size(); ++i) {
    const ObservationList::Report& report = reports[i];
    for (const ObservationList::Cell& cell : observations.CellsOf(report)) {
      rows.Put(rows.ColumnOf(cell.indicator), report.date.days() - first_day, cell.value,
               report.arrival);
    }
    if (i + 1 == reports.size() || reports[i + 1].subject != report.subject) {
      writer.Add(LowOf(report.subject), rows);
      rows.Clear();
    }
  }
  return writer.Finish();
}

std::string FoldBlocks(const BlockKey& key, std::span<const std::string_view> parts) {
  std::string folded = FoldSound(key, parts);
  return folded.empty() ? KeepDamaged(parts) : folded;
}

std::string KeepDamaged(std::span<const std::string_view> parts) {
  std::string kept;
  if (!parts[0].empty() && static_cast<uint8_t>(parts[0][0]) == kDamagedVersion) {
    kept = parts[0];
    parts = parts.subspan(1);
  } else {
    kept.push_back(static_cast<char>(kDamagedVersion));
  }
  for (const std::string_view part : parts) AppendBytes(part, &kept);
  return kept;
}

}  // namespace shouwang
