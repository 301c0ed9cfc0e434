// Writes one block (block_format.h), subject by subject in ascending order. Arrivals, axes and sets
// that several subjects share are written once.
//
// Owned by one thread at a time; made anew for each block.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/blocks/block_format.h"
#include "storage/blocks/block_key.h"
#include "storage/blocks/column.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

class BlockWriter {
 public:
  explicit BlockWriter(const BlockKey& key);

  // `low` is the subject's number within its group, higher than that before; `history` is all of
  // its year. A subject without a point is left out.
  void Add(uint8_t low, const History& history);
  // Whether nothing was added; such a block cannot be written.
  bool empty() const { return lows_.empty(); }
  // Ends the block and gives its bytes; its head is not compressed where it takes more than
  // `most_head_bytes`, or there is no memory for that.
  std::string Finish(size_t most_head_bytes = kMostHeadBytes);

 private:
  struct ArrivalHash {
    size_t operator()(const Arrival& arrival) const;
  };
  struct Entry {
    int32_t day = 0;
    uint32_t arrival = 0;  // index into arrivals_
    size_t row = 0;
  };
  // Serialised tables that repeat: index by bytes, in order of first use.
  struct Table {
    absl::flat_hash_map<std::string, uint32_t> index;
    std::string bytes;
    std::string last;
    uint32_t last_index = 0;
    uint32_t Intern(const std::string& item);
  };

  uint32_t InternArrival(const Arrival& arrival);
  // The index of the history's arrival that stands at `index` there.
  uint32_t ArrivalOf(const History& history, uint32_t index);
  void CollectEntries(const History& history);
  void CollectMixedEntries(const History& history);
  uint32_t InternAxis();
  void WriteColumns(const History& history);
  void WriteWaypoint();
  void WriteArrivals(std::string* out) const;
  std::string TagsByColumn() const;
  // All that a head has before the tags, with the lengths of the first so many streams.
  std::string WriteTables(size_t stream_count) const;
  // Fills picked_ and bitmap_ with the column's values at the entries.
  void PickValues(const History& history, size_t column);

  const int32_t first_day_;
  absl::flat_hash_map<Arrival, uint32_t, ArrivalHash> arrival_index_;
  std::vector<Arrival> arrivals_;  // in order of first use
  Table axes_;
  Table sets_;
  std::vector<uint8_t> lows_;
  std::vector<uint32_t> subject_axes_;
  std::vector<uint32_t> subject_sets_;
  std::string waypoints_;
  std::array<size_t, kStreams> passed_{};  // of the waypoint before
  std::string tags_;                       // subject by subject
  std::vector<size_t> first_tags_;         // of each subject, into tags_
  ColumnStreams streams_;
  // Of the subject at hand.
  std::vector<Entry> entries_;
  bool mixed_ = false;            // whether some row's cells came with several arrivals
  std::vector<Arrival> known_;    // the history's arrivals,
  std::vector<uint32_t> mapped_;  // and where they stand in arrivals_
  std::vector<uint32_t> cell_arrivals_;
  std::vector<int64_t> picked_;
  std::string item_;
  std::string set_;
  std::string bitmap_;
  std::string bitmap_before_;
};

}  // namespace shouwang
