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

constexpr size_t kNoRow = std::numeric_limits<size_t>::max();

int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

uint32_t LoadChecksum(std::string_view bytes) {
  uint32_t sum = 0;
  for (int i = 3; i >= 0; --i) {
    sum = (sum << 8) | static_cast<uint8_t>(bytes[static_cast<size_t>(i)]);
  }
  return sum;
}

}  // namespace

absl::Status BlockReader::Damaged(size_t offset, std::string_view what) const {
  return absl::DataLossError(
      fmt::format("{} is damaged: {} at byte {}", key_.ToString(), what, offset));
}

absl::StatusOr<BlockReader> BlockReader::Open(std::string_view bytes, const BlockKey& key) {
  BlockReader reader(key);
  if (bytes.empty()) return reader.Damaged(0, "no bytes");
  const auto version = static_cast<uint8_t>(bytes[0]);
  if (version == kDamagedVersion) return reader.Damaged(0, "parts that did not fold are kept");
  if (version != kBlockVersion) {
    return reader.Damaged(0, fmt::format("format version {}, not {},", version, kBlockVersion));
  }
  if (bytes.size() < 1 + kChecksumBytes) return reader.Damaged(bytes.size(), "it ends");
  reader.bytes_ = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (Crc32c(reader.bytes_) != LoadChecksum(bytes.substr(reader.bytes_.size()))) {
    return reader.Damaged(reader.bytes_.size(), "the checksum does not match,");
  }
  ByteReader in(reader.bytes_);
  in.Byte();
  if (!reader.ReadArrivals(&in)) return reader.Damaged(in.offset(), "bad arrivals");
  if (!reader.ReadAxes(&in)) return reader.Damaged(in.offset(), "bad axes");
  if (!reader.ReadSets(&in)) return reader.Damaged(in.offset(), "bad indicator sets");
  if (!reader.ReadSubjects(&in)) return reader.Damaged(in.offset(), "bad subjects");
  return reader;
}

bool BlockReader::ReadArrivals(ByteReader* in) {
  const size_t count = Count(in);
  arrivals_.reserve(count);
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
  axes_.reserve(count);
  const auto limit = static_cast<uint64_t>(static_cast<int64_t>(arrivals_.size()));
  for (size_t i = 0; i < count; ++i) {
    const size_t entries = Count(in);
    const Extent extent{entries_.size(), entries_.size() + entries};
    uint64_t day = 0;
    uint64_t arrival = 0;
    for (size_t e = 0; e < entries; ++e) {
      day += std::min<uint64_t>(in->Varint(), kMaxColumnPoints);
      arrival += static_cast<uint64_t>(in->ZigZag());
      if (in->failed() || day >= kMaxColumnPoints || arrival >= limit) return false;
      entries_.push_back({static_cast<int32_t>(day), static_cast<uint32_t>(arrival)});
    }
    axes_.push_back(extent);
  }
  return !in->failed();
}

bool BlockReader::ReadSets(ByteReader* in) {
  const size_t count = Count(in);
  sets_.reserve(count);
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
  uint32_t next = 0;
  for (BlockSubject& subject : subjects_) {
    next += in->Byte();
    if (next >= kSubjectsPerGroup) return false;
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

std::optional<size_t> BlockReader::Find(const Subject& subject) const {
  if (SubjectGroup::Of(subject) != key_.group) return std::nullopt;
  const auto low = static_cast<uint8_t>(subject.number % kSubjectsPerGroup);
  const auto it = std::ranges::lower_bound(subjects_, low, {}, &BlockSubject::low);
  if (it == subjects_.end() || it->low != low) return std::nullopt;
  return static_cast<size_t>(it - subjects_.begin());
}

bool BlockReader::ReadPresence(Presence presence, std::span<const Entry> axis, ByteReader* in,
                               Points* points) const {
  if (presence == Presence::kAsBefore) return points->count > 0;
  points->count = 0;
  if (presence == Presence::kEvery) {
    if (axis.size() > kMaxColumnPoints) return false;
    for (uint32_t i = 0; i < axis.size(); ++i) points->entries[points->count++] = i;
  } else {
    const std::string_view bitmap = in->Bytes((axis.size() + 7) / 8);
    for (size_t at = 0; at < bitmap.size(); ++at) {
      for (auto bits = static_cast<uint8_t>(bitmap[at]); bits != 0;
           bits = static_cast<uint8_t>(bits & (bits - 1))) {
        const size_t entry = at * 8 + static_cast<size_t>(__builtin_ctz(bits));
        if (entry >= axis.size() || points->count == kMaxColumnPoints) return false;
        points->entries[points->count++] = static_cast<uint32_t>(entry);
      }
    }
  }
  for (size_t i = 1; i < points->count; ++i) {
    if (axis[points->entries[i - 1]].day >= axis[points->entries[i]].day) return false;
  }
  return !in->failed() && points->count > 0;
}

template <typename Sink>
absl::Status BlockReader::ForEachColumn(size_t index, Sink&& sink) const {
  const BlockSubject& subject = subjects_[index];
  const Extent set = sets_[subject.set];
  const Extent extent = axes_[subject.axis];
  const std::span<const Entry> axis(entries_.data() + extent.begin, extent.end - extent.begin);
  ByteReader in(bytes_.substr(subject.body, subject.size));
  const std::string_view tags = in.Bytes(set.end - set.begin);
  if (in.failed()) return Damaged(subject.body, "a body ends too early");
  Points points;
  for (size_t i = 0; i < tags.size(); ++i) {
    const auto tag = static_cast<uint8_t>(tags[i]);
    const auto presence = static_cast<Presence>((tag >> kPresenceShift) & 3);
    const bool every_again = presence == Presence::kEvery && i > 0 && points.count == axis.size();
    if (!every_again && !ReadPresence(presence, axis, &in, &points)) {
      return Damaged(subject.body + in.offset(), "bad presence");
    }
    if (!ReadColumn(tag, &in, std::span(points.values).first(points.count))) {
      return Damaged(subject.body + in.offset(), "bad values");
    }
    sink(indicators_[set.begin + i], axis, points);
  }
  if (!in.done()) return Damaged(subject.body + in.offset(), "a body has bytes left over");
  return absl::OkStatus();
}

absl::Status BlockReader::Read(size_t index, DateRange range, History* history) const {
  const Extent extent = axes_[subjects_[index].axis];
  const std::span<const Entry> axis =
      std::span(entries_).subspan(extent.begin, extent.end - extent.begin);
  const int32_t first_day = key_.FirstDay().days();
  // Entries of one date share a row, whose arrival is that of the first.
  struct Place {
    size_t row = kNoRow;  // out of range
    uint32_t arrival = 0;
    bool own = false;  // not its row's arrival
  };
  std::vector<Place> places(axis.size());
  for (size_t i = 0; i < axis.size(); ++i) {
    const Date date = Date::OfDays(first_day + axis[i].day);
    if (!range.Contains(date)) continue;
    const uint32_t arrival = history->AddArrival(arrivals_[axis[i].arrival]);
    const bool shared = !history->empty() && history->dates().back() == date;
    places[i] = {shared ? history->dates().size() - 1 : history->AppendRow(date, arrival), arrival,
                 shared};
  }
  size_t hint = 0;
  return ForEachColumn(index,
                       [&](IndicatorId indicator, std::span<const Entry>, const Points& points) {
                         std::span<int64_t> cells;
                         for (size_t i = 0; i < points.count; ++i) {
                           const Place& place = places[points.entries[i]];
                           if (place.row == kNoRow) continue;
                           if (cells.empty()) cells = history->AppendColumn(indicator, &hint);
                           cells[place.row] = points.values[i];
                           if (place.own) history->SetArrival(place.row, indicator, place.arrival);
                         }
                       });
}

absl::Status BlockReader::Read(size_t index, std::span<const uint32_t> arrivals,
                               SubjectRows* rows) const {
  return ForEachColumn(
      index, [&](IndicatorId indicator, std::span<const Entry> axis, const Points& points) {
        const size_t column = rows->ColumnOf(indicator);
        for (size_t i = 0; i < points.count; ++i) {
          const Entry& entry = axis[points.entries[i]];
          rows->Put(column, entry.day, points.values[i], arrivals[entry.arrival]);
        }
      });
}

}  // namespace shouwang
