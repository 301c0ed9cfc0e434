#include "storage/blocks/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "storage/blocks/checksum.h"
#include "storage/blocks/column.h"

namespace shouwang {
namespace {

// A count of things of at least one byte each; fails the reader where so many cannot follow, so
// that nothing is reserved for them.
size_t Count(ByteReader* in) {
  const uint64_t count = in->Varint();
  if (count > in->remaining()) {
    in->Fail();
    return 0;
  }
  return count;
}

// More entries than this are put cell by cell.
constexpr size_t kMostPlaces = 2 * kMaxColumnPoints;

int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

}  // namespace

absl::Status BlockReader::Damaged(size_t offset, std::string_view what) const {
  return absl::DataLossError(
      fmt::format("{} is damaged: {} at byte {}", key_.ToString(), what, offset));
}

absl::Status BlockReader::Open(std::string_view bytes, const BlockKey& key) {
  key_ = key;
  first_day_ = key.FirstDay().days();
  if (bytes.empty()) return Damaged(0, "no bytes");
  const auto version = static_cast<uint8_t>(bytes[0]);
  if (version != kBlockVersion) {
    return Damaged(0, fmt::format("format version {}, not {},", version, kBlockVersion));
  }
  if (bytes.size() < 1 + kChecksumBytes) return Damaged(bytes.size(), "it ends");
  bytes_ = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (!IsSealed(bytes)) return Damaged(bytes_.size(), "the checksum does not match,");
  ByteReader in(bytes_);
  in.Byte();
  if (!ReadArrivals(&in)) return Damaged(in.offset(), "bad arrivals");
  if (!ReadAxes(&in)) return Damaged(in.offset(), "bad axes");
  if (!ReadSets(&in)) return Damaged(in.offset(), "bad indicator sets");
  if (!ReadSubjects(&in)) return Damaged(in.offset(), "bad subjects");
  return absl::OkStatus();
}

bool BlockReader::ReadArrivals(ByteReader* in) {
  const size_t count = Count(in);
  arrivals_.clear();
  int64_t known_at = 0;
  int64_t batch = 0;
  for (size_t i = 0; i < count; ++i) {
    known_at = WrappingAdd(known_at, in->ZigZag());
    const int64_t reported_at = WrappingAdd(known_at, in->ZigZag());
    batch = WrappingAdd(batch, in->ZigZag());
    const uint8_t source = in->Byte();
    if (in->failed() || source < 1 || source > 3) return false;
    arrivals_.push_back(Arrival{Instant(std::chrono::milliseconds(reported_at)),
                                Instant(std::chrono::milliseconds(known_at)),
                                static_cast<uint64_t>(batch), static_cast<Source>(source)});
  }
  return !in->failed();
}

bool BlockReader::ReadAxes(ByteReader* in) {
  const size_t count = Count(in);
  axes_.clear();
  entries_.clear();
  for (size_t i = 0; i < count; ++i) {
    const size_t entries = Count(in);
    Axis axis{{entries_.size(), entries_.size() + entries}};
    uint64_t day = 0;
    uint64_t arrival = 0;
    for (size_t e = 0; e < entries; ++e) {
      const uint64_t step = std::min<uint64_t>(in->Varint(), kMaxColumnPoints);
      day += step;
      arrival += static_cast<uint64_t>(in->ZigZag());
      if (in->failed() || day >= kMaxColumnPoints || arrival >= arrivals_.size()) return false;
      if (step == 0 && e > 0) axis.each_day_once = false;
      entries_.push_back({static_cast<int32_t>(day), static_cast<uint32_t>(arrival)});
    }
    axes_.push_back(axis);
  }
  return !in->failed();
}

bool BlockReader::ReadSets(ByteReader* in) {
  const size_t count = Count(in);
  sets_.clear();
  indicators_.clear();
  for (size_t i = 0; i < count; ++i) {
    const size_t size = Count(in);
    const Extent extent{indicators_.size(), indicators_.size() + size};
    uint64_t indicator = 0;
    for (size_t e = 0; e < size; ++e) {
      const uint64_t step = in->Varint();
      if (in->failed() || step < 1 || step > 65535 - indicator) return false;
      indicator += step;
      indicators_.push_back(static_cast<IndicatorId>(indicator));
    }
    sets_.push_back(extent);
  }
  return !in->failed();
}

bool BlockReader::ReadSubjects(ByteReader* in) {
  const size_t count = Count(in);
  if (in->failed() || count < 1 || count > kSubjectsPerGroup) return false;
  subjects_.resize(count);
  index_of_low_.fill(-1);
  uint32_t next = 0;
  for (BlockSubject& subject : subjects_) {
    next += in->Byte();
    if (next >= kSubjectsPerGroup) return false;
    index_of_low_[next] = static_cast<int16_t>(&subject - subjects_.data());
    subject.low = static_cast<uint8_t>(next++);
  }
  for (BlockSubject& subject : subjects_) {
    const uint64_t axis = in->Varint();
    if (axis >= axes_.size()) return false;
    subject.axis = static_cast<uint32_t>(axis);
  }
  for (BlockSubject& subject : subjects_) {
    const uint64_t set = in->Varint();
    if (set >= sets_.size()) return false;
    subject.set = static_cast<uint32_t>(set);
  }
  for (BlockSubject& subject : subjects_) subject.size = in->Varint();
  for (BlockSubject& subject : subjects_) {
    subject.body = in->offset();
    in->Bytes(subject.size);
  }
  return in->done();
}

std::optional<size_t> BlockReader::Find(uint8_t low) const {
  const int16_t index = index_of_low_[low];
  return index < 0 ? std::nullopt : std::optional(static_cast<size_t>(index));
}

class BlockReader::Columns {
 public:
  Columns(const BlockReader& block, const BlockSubject& subject, std::span<const Entry> axis)
      : block_(block),
        subject_(subject),
        axis_(axis),
        set_(block.sets_[subject.set]),
        // Up to the block's end: columns are read quickest where many bytes follow.
        in_(block.bytes_.substr(subject.body)),
        tags_(in_.Bytes(set_.end - set_.begin)) {}

  // Goes on to the next column. False at the end, or where failed().
  bool Next() {
    if (in_.failed() || in_.offset() > subject_.size) return Fail("a body ends too early");
    if (column_ == tags_.size()) {
      return in_.offset() == subject_.size ? false : Fail("a body has bytes left over");
    }
    tag_ = static_cast<uint8_t>(tags_[column_++]);
    if (!ReadPresence(static_cast<Presence>((tag_ >> kPresenceShift) & 3))) {
      return Fail("bad presence");
    }
    return true;
  }

  IndicatorId indicator() const { return block_.indicators_[set_.begin + column_ - 1]; }
  // Whether the column has a point at every entry of the axis; else at entries().
  bool every() const { return every_; }
  std::span<const uint32_t> entries() const { return std::span(entries_).first(count_); }

  // The column's values, `every` of the axis or one for each of entries().
  bool ReadInto(int64_t* values) {
    const size_t count = every_ ? axis_.size() : count_;
    return ReadColumn(tag_, &in_, std::span(values, count)) || Fail("bad values");
  }

  absl::Status status() const {
    return fault_.empty() ? absl::OkStatus() : block_.Damaged(subject_.body + in_.offset(), fault_);
  }

 private:
  bool Fail(std::string_view fault) {
    fault_ = fault;
    return false;
  }

  bool ReadPresence(Presence presence) {
    if (presence == Presence::kAsBefore) return column_ > 1;
    every_ = presence == Presence::kEvery;
    if (every_) return !axis_.empty() && block_.axes_[subject_.axis].each_day_once;
    const std::string_view bitmap = in_.Bytes((axis_.size() + 7) / 8);
    count_ = 0;
    int32_t day = -1;
    for (size_t at = 0; at < bitmap.size(); ++at) {
      for (auto bits = static_cast<uint8_t>(bitmap[at]); bits != 0;
           bits = static_cast<uint8_t>(bits & (bits - 1))) {
        const size_t entry = at * 8 + static_cast<size_t>(__builtin_ctz(bits));
        // At most one point a date, so never more than there are days.
        if (entry >= axis_.size() || axis_[entry].day <= day) return false;
        day = axis_[entry].day;
        entries_[count_++] = static_cast<uint32_t>(entry);
      }
    }
    return count_ > 0;
  }

  const BlockReader& block_;
  const BlockSubject& subject_;
  const std::span<const Entry> axis_;
  const Extent set_;
  ByteReader in_;
  const std::string_view tags_;
  size_t column_ = 0;
  uint8_t tag_ = 0;
  bool every_ = false;
  size_t count_ = 0;
  std::array<uint32_t, kMaxColumnPoints> entries_;
  std::string_view fault_;
};

absl::Status BlockReader::Read(size_t index, DateRange range, History* history) const {
  const BlockSubject& subject = subjects_[index];
  const std::span<const Entry> axis = EntriesOf(axes_[subject.axis].entries);
  const auto from = std::ranges::lower_bound(axis, range.from.days() - first_day_, {}, &Entry::day);
  const auto to = std::ranges::upper_bound(axis, range.to.days() - first_day_, {}, &Entry::day);
  if (from >= to) return absl::OkStatus();
  const Extent wanted{static_cast<size_t>(from - axis.begin()),
                      static_cast<size_t>(to - axis.begin())};
  const bool behind = history->empty() || history->dates().back().days() < first_day_ + from->day;
  const size_t entries = wanted.end - wanted.begin;
  if (!behind || entries > kMostPlaces) return ReadAmong(subject, wanted, history);
  return axes_[subject.axis].each_day_once ? ReadBehind(subject, wanted, history)
                                           : ReadShared(subject, wanted, history);
}

// Every wanted entry becomes a row of its own behind all that are there.
absl::Status BlockReader::ReadBehind(const BlockSubject& subject, Extent wanted,
                                     History* history) const {
  const std::span<const Entry> axis = EntriesOf(axes_[subject.axis].entries);
  const size_t first_row = history->dates().size();
  for (size_t e = wanted.begin; e < wanted.end; ++e) {
    history->AppendRow(Date::OfDays(first_day_ + axis[e].day),
                       history->AddArrival(arrivals_[axis[e].arrival]));
  }
  const size_t rows = wanted.end - wanted.begin;
  std::array<int64_t, kMaxColumnPoints> values;
  size_t hint = 0;
  Columns columns(*this, subject, axis);
  while (columns.Next()) {
    if (columns.every()) {
      int64_t* cells = history->AppendColumn(columns.indicator(), &hint).data() + first_row;
      if (rows == axis.size()) {
        if (!columns.ReadInto(cells)) break;
        continue;
      }
      if (!columns.ReadInto(values.data())) break;
      std::copy_n(values.data() + wanted.begin, rows, cells);
      continue;
    }
    if (!columns.ReadInto(values.data())) break;
    int64_t* cells = nullptr;
    for (size_t i = 0; i < columns.entries().size(); ++i) {
      const size_t entry = columns.entries()[i];
      if (entry < wanted.begin || entry >= wanted.end) continue;
      if (cells == nullptr) {
        cells = history->AppendColumn(columns.indicator(), &hint).data() + first_row;
      }
      cells[entry - wanted.begin] = values[i];
    }
  }
  return columns.status();
}

// As above, where some entries share a date: they share a row too, whose arrival is that of the
// first of them.
absl::Status BlockReader::ReadShared(const BlockSubject& subject, Extent wanted,
                                     History* history) const {
  const std::span<const Entry> axis = EntriesOf(axes_[subject.axis].entries);
  struct Place {
    size_t row;
    uint32_t arrival;
    bool first;
  };
  std::array<Place, kMostPlaces> places;
  for (size_t e = wanted.begin; e < wanted.end; ++e) {
    const uint32_t arrival = history->AddArrival(arrivals_[axis[e].arrival]);
    const bool first = e == wanted.begin || axis[e - 1].day != axis[e].day;
    const size_t row = first ? history->AppendRow(Date::OfDays(first_day_ + axis[e].day), arrival)
                             : history->dates().size() - 1;
    places[e - wanted.begin] = {row, arrival, first};
  }
  std::array<int64_t, kMaxColumnPoints> values;
  size_t hint = 0;
  Columns columns(*this, subject, axis);
  while (columns.Next()) {
    if (columns.every()) return Damaged(subject.body, "bad presence");
    if (!columns.ReadInto(values.data())) break;
    std::span<int64_t> cells;
    for (size_t i = 0; i < columns.entries().size(); ++i) {
      const size_t entry = columns.entries()[i];
      if (entry < wanted.begin || entry >= wanted.end) continue;
      if (cells.empty()) cells = history->AppendColumn(columns.indicator(), &hint);
      const Place& place = places[entry - wanted.begin];
      cells[place.row] = values[i];
      if (!place.first) history->SetArrival(place.row, columns.indicator(), place.arrival);
    }
  }
  return columns.status();
}

// Cell by cell, for late reports and corrections.
absl::Status BlockReader::ReadAmong(const BlockSubject& subject, Extent wanted,
                                    History* history) const {
  const std::span<const Entry> axis = EntriesOf(axes_[subject.axis].entries);
  std::array<int64_t, kMaxColumnPoints> values;
  Columns columns(*this, subject, axis);
  while (columns.Next()) {
    if (!columns.ReadInto(values.data())) break;
    const size_t count = columns.every() ? axis.size() : columns.entries().size();
    for (size_t i = 0; i < count; ++i) {
      const size_t entry = columns.every() ? i : columns.entries()[i];
      if (entry < wanted.begin || entry >= wanted.end) continue;
      history->Put(columns.indicator(), Date::OfDays(first_day_ + axis[entry].day), values[i],
                   arrivals_[axis[entry].arrival]);
    }
  }
  return columns.status();
}

}  // namespace shouwang
