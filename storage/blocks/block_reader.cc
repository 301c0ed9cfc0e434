#include "storage/blocks/block_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "storage/blocks/block_columns.h"
#include "storage/blocks/checksum.h"
#include "storage/blocks/compression.h"
#include "storage/blocks/low_numbers.h"

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

}  // namespace

absl::Status BlockReader::Damaged(size_t offset, std::string_view what) const {
  return absl::DataLossError(fmt::format("{} is damaged: {} at byte {}{}", key_.ToString(), what,
                                         offset, compressed_ ? " of what was compressed" : ""));
}

absl::Status BlockReader::Open(std::string_view bytes, const BlockKey& key) {
  key_ = key;
  first_day_ = key.FirstDay().days();
  compressed_ = false;
  if (bytes.empty()) return Damaged(0, "no bytes");
  const auto version = static_cast<uint8_t>(bytes[0]);
  old_ = version == kOldBlockVersion;
  if (version != kBlockVersion && version != kUncompressedBlockVersion && !old_) {
    return Damaged(0, fmt::format("format version {}, not {},", version, kBlockVersion));
  }
  if (bytes.size() < 1 + kChecksumBytes) return Damaged(bytes.size(), "it ends");
  const size_t end = bytes.size() - kChecksumBytes;
  if (!IsSealed(bytes)) return Damaged(end, "the checksum does not match,");
  head_ = bytes.substr(0, end);
  if (version == kBlockVersion) {
    ByteReader in(head_);
    in.Byte();
    const std::string_view frame = in.LengthAndBytes();
    if (in.failed() || !Decompress(frame, kMostHeadBytes, &decompressed_)) {
      return Damaged(1, "it does not decompress,");
    }
    streams_[kStreams - 1] = in.Bytes(in.remaining());
    head_ = {decompressed_.data(), decompressed_.size()};
    compressed_ = true;
  }
  ByteReader in(head_);
  if (!compressed_) in.Byte();
  if (!ReadArrivals(&in)) return Damaged(in.offset(), "bad arrivals");
  if (!ReadAxes(&in)) return Damaged(in.offset(), "bad axes");
  if (!ReadSets(&in)) return Damaged(in.offset(), "bad indicator sets");
  if (!(old_ ? ReadOldSubjects(&in) : ReadSubjects(&in))) {
    return Damaged(in.offset(), "bad subjects");
  }
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
  if (count > kSubjectsPerGroup) return false;
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
  if (count > kSubjectsPerGroup) return false;
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

// Which axis and which set each subject has.
bool BlockReader::ReadLists(ByteReader* in) {
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
  return !in->failed();
}

bool BlockReader::ReadSubjects(ByteReader* in) {
  LowNumbers lows;
  if (!lows.Read(in) || lows.size() == 0) return false;
  subjects_.resize(lows.size());
  index_of_low_.fill(-1);
  for (size_t i = 0; i < subjects_.size(); ++i) {
    subjects_[i].low = lows.At(i);
    index_of_low_[subjects_[i].low] = static_cast<int16_t>(i);
  }
  if (!ReadLists(in) || !ReadWaypoints(in)) return false;
  std::array<size_t, kStreams> sizes;
  const size_t in_head = compressed_ ? kStreams - 1 : kStreams;
  for (size_t i = 0; i < in_head; ++i) sizes[i] = Count(in);
  if (!ReadTags(in)) return false;
  for (size_t i = 0; i < in_head; ++i) streams_[i] = in->Bytes(sizes[i]);
  if (!in->done()) return false;
  for (const Offsets& offsets : waypoints_) {
    for (size_t i = 0; i < streams_.size(); ++i) {
      if (offsets[i] > streams_[i].size()) return false;
    }
  }
  cursor_.subject = subjects_.size();
  return true;
}

bool BlockReader::ReadWaypoints(ByteReader* in) {
  waypoints_.assign(1, Offsets{});
  for (size_t i = kSubjectsPerWaypoint; i < subjects_.size(); i += kSubjectsPerWaypoint) {
    Offsets offsets = waypoints_.back();
    for (size_t& offset : offsets) {
      const size_t before = offset;
      offset += in->Varint();
      if (offset < before) return false;
    }
    waypoints_.push_back(offsets);
  }
  return !in->failed();
}

bool BlockReader::ReadTags(ByteReader* in) {
  // Of each set: how many subjects have it, then how many of them were seen.
  std::vector<size_t> counts(sets_.size());
  std::vector<const char*> tags(sets_.size());
  for (const BlockSubject& subject : subjects_) ++counts[subject.set];
  for (size_t set = 0; set < sets_.size(); ++set) {
    if (counts[set] > 0 && sets_[set].size() > in->remaining() / counts[set]) return false;
    tags[set] = in->Bytes(counts[set] * sets_[set].size()).data();
  }
  for (BlockSubject& subject : subjects_) {
    subject.tag_step = counts[subject.set];
    subject.tags = tags[subject.set]++;
  }
  return !in->failed();
}

bool BlockReader::ReadOldSubjects(ByteReader* in) {
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
  if (!ReadLists(in)) return false;
  std::array<size_t, kSubjectsPerGroup> sizes;
  for (size_t i = 0; i < count; ++i) sizes[i] = in->Varint();
  for (size_t i = 0; i < count; ++i) {
    BlockSubject& subject = subjects_[i];
    const std::string_view body = in->Bytes(sizes[i]);
    const size_t tags = sets_[subject.set].size();
    if (in->failed() || body.size() < tags) return false;
    subject.tags = body.data();
    subject.tag_step = 1;
    subject.body = body.substr(tags);
  }
  return in->done();
}

std::optional<size_t> BlockReader::Find(uint8_t low) const {
  const int16_t index = index_of_low_[low];
  return index < 0 ? std::nullopt : std::optional(static_cast<size_t>(index));
}

absl::Status BlockReader::GoTo(size_t index) {
  if (old_) {
    cursor_.subject = index;
    cursor_.streams[0] = ByteReader(subjects_[index].body);
    return absl::OkStatus();
  }
  const size_t waypoint = index / kSubjectsPerWaypoint;
  if (cursor_.subject > index || cursor_.subject < waypoint * kSubjectsPerWaypoint) {
    cursor_.subject = waypoint * kSubjectsPerWaypoint;
    for (size_t i = 0; i < kStreams; ++i) {
      cursor_.streams[i] = ByteReader(streams_[i].substr(waypoints_[waypoint][i]));
    }
  }
  while (cursor_.subject < index) {
    Columns columns(this, cursor_.subject);
    while (columns.Next() && columns.Skip()) {
    }
    if (absl::Status status = columns.status(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

BlockReader::Extent BlockReader::EntriesIn(const Axis& axis, DateRange range) const {
  const std::span<const Entry> all = EntriesOf(axis.entries);
  const auto from = std::ranges::lower_bound(all, range.from.days() - first_day_, {}, &Entry::day);
  const auto to = std::ranges::upper_bound(all, range.to.days() - first_day_, {}, &Entry::day);
  if (from >= to) return {};
  return {static_cast<size_t>(from - all.begin()), static_cast<size_t>(to - all.begin())};
}

absl::Status BlockReader::Read(size_t index, DateRange range,
                               std::span<const IndicatorId> wanted_indicators, History* history) {
  const BlockSubject& subject = subjects_[index];
  const Extent wanted = EntriesIn(axes_[subject.axis], range);
  if (wanted.size() == 0) return absl::OkStatus();
  if (absl::Status status = GoTo(index); !status.ok()) return status;
  const int32_t first_day = EntriesOf(axes_[subject.axis].entries)[wanted.begin].day;
  const bool behind = history->empty() || history->dates().back().days() < first_day_ + first_day;
  const size_t entries = wanted.size();
  if (!behind || entries > kMostPlaces) return ReadAmong(index, wanted, history);
  const IndicatorChoice choice(wanted_indicators);
  return axes_[subject.axis].each_day_once ? ReadBehind(index, wanted, choice, history)
                                           : ReadShared(index, wanted, choice, history);
}

// Every wanted entry becomes a row of its own behind all that are there.
absl::Status BlockReader::ReadBehind(size_t index, Extent wanted, IndicatorChoice choice,
                                     History* history) {
  const std::span<const Entry> axis = EntriesOf(axes_[subjects_[index].axis].entries);
  const size_t first_row = history->dates().size();
  history->Reserve(wanted.size(), sets_[subjects_[index].set].size());
  for (size_t e = wanted.begin; e < wanted.end; ++e) {
    history->AppendRow(Date::OfDays(first_day_ + axis[e].day),
                       history->AddArrival(arrivals_[axis[e].arrival]));
  }
  const size_t rows = wanted.size();
  std::array<int64_t, kMaxColumnPoints> values;
  size_t hint = 0;
  Columns columns(this, index);
  while (columns.Next()) {
    if (!choice.Takes(columns.indicator())) {
      if (!columns.Skip()) break;
      continue;
    }
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
absl::Status BlockReader::ReadShared(size_t index, Extent wanted, IndicatorChoice choice,
                                     History* history) {
  const std::span<const Entry> axis = EntriesOf(axes_[subjects_[index].axis].entries);
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
  Columns columns(this, index);
  while (columns.Next()) {
    if (!choice.Takes(columns.indicator())) {
      if (!columns.Skip()) break;
      continue;
    }
    // Never every entry, where some share a date.
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
absl::Status BlockReader::ReadAmong(size_t index, Extent wanted, History* history) {
  const std::span<const Entry> axis = EntriesOf(axes_[subjects_[index].axis].entries);
  std::array<int64_t, kMaxColumnPoints> values;
  Columns columns(this, index);
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
