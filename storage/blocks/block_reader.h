// Reads one block (block_format.h). Opening checks the checksum and every table; what is read after
// that is checked value by value, so that no bytes, however damaged, lead to a wrong index or a
// large allocation.
//
// Holds views into the bytes it was opened on, which must outlive it. Immutable; any thread.
// Failures: DataLoss naming the block and the offset.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/blocks/block_format.h"
#include "storage/blocks/block_key.h"
#include "storage/blocks/bytes.h"
#include "storage/blocks/subject_rows.h"
#include "storage/vocabulary/history.h"

namespace shouwang {

class BlockReader {
 public:
  static absl::StatusOr<BlockReader> Open(std::string_view bytes, const BlockKey& key);

  // Subjects are numbered 0, 1, ... in ascending order.
  size_t size() const { return subjects_.size(); }
  Subject At(size_t index) const { return key_.group.At(subjects_[index].low); }
  // nullopt where the block has nothing of the subject.
  std::optional<size_t> Find(const Subject& subject) const;
  std::span<const Arrival> arrivals() const { return arrivals_; }

  // Appends the subject's points within `range` to `history`, which holds nothing later than this
  // block's year began.
  absl::Status Read(size_t index, DateRange range, History* history) const;
  // Puts the subject's points into `rows`, over those that stand there. `arrivals` maps indices of
  // arrivals() to those of `rows`.
  absl::Status Read(size_t index, std::span<const uint32_t> arrivals, SubjectRows* rows) const;

 private:
  struct Entry {
    int32_t day = 0;  // of the year
    uint32_t arrival = 0;
  };
  // [begin, end) of entries_ or indicators_.
  struct Extent {
    size_t begin = 0;
    size_t end = 0;
  };
  struct BlockSubject {
    uint8_t low = 0;
    uint32_t axis = 0;
    uint32_t set = 0;
    size_t body = 0;  // offset into bytes_
    size_t size = 0;
  };
  // One decoded column: n points, each at entry `entries[i]` of the axis.
  struct Points {
    size_t count = 0;
    std::array<uint32_t, 366> entries;
    std::array<int64_t, 366> values;
  };

  explicit BlockReader(const BlockKey& key) : key_(key) {}

  bool ReadArrivals(ByteReader* in);
  bool ReadAxes(ByteReader* in);
  bool ReadSets(ByteReader* in);
  bool ReadSubjects(ByteReader* in);
  bool ReadPresence(Presence presence, std::span<const Entry> axis, ByteReader* in,
                    Points* points) const;
  // Calls sink(indicator, axis, points) for each column of the subject.
  template <typename Sink>
  absl::Status ForEachColumn(size_t index, Sink&& sink) const;
  absl::Status Damaged(size_t offset, std::string_view what) const;

  BlockKey key_;
  std::string_view bytes_;  // without the checksum
  std::vector<Arrival> arrivals_;
  std::vector<Entry> entries_;
  std::vector<Extent> axes_;
  std::vector<IndicatorId> indicators_;
  std::vector<Extent> sets_;
  std::vector<BlockSubject> subjects_;
};

}  // namespace shouwang
