// Writes one block (block_format.h), subject by subject in ascending order. Arrivals, axes and sets
// that several subjects share are written once.
//
// Owned by one thread at a time; made anew for each block.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/blocks/subject_rows.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

class BlockWriter {
 public:
  // `arrivals` is what the cells of `rows` index into; it must outlive the writer.
  explicit BlockWriter(std::span<const Arrival> arrivals);

  // `low` is the subject's number within its group, higher than that before. A subject without a
  // cell is left out.
  void Add(uint8_t low, const SubjectRows& rows);
  // Whether nothing was added; such a block cannot be written.
  bool empty() const { return lows_.empty(); }
  // Ends the block and gives its bytes.
  std::string Finish();

 private:
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

  void CollectEntries(const SubjectRows& rows);
  uint32_t InternAxis();
  void WriteColumns(const SubjectRows& rows);
  uint32_t OutIndex(uint32_t arrival);

  std::span<const Arrival> arrivals_;
  std::vector<uint32_t> out_index_;  // of arrivals_; kNothing where not yet used
  std::vector<uint32_t> used_;       // indices into arrivals_, in order of first use
  Table axes_;
  Table sets_;
  std::string lows_;
  std::vector<uint32_t> subject_axes_;
  std::vector<uint32_t> subject_sets_;
  std::vector<size_t> sizes_;
  std::string bodies_;
  // Of the subject at hand.
  std::vector<Entry> entries_;
  std::string item_;
  std::string tags_;
  std::string columns_;
  std::string set_;
  std::string bitmap_;
  std::string bitmap_before_;
};

}  // namespace shouwang
