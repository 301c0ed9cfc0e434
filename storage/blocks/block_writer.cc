#include "storage/blocks/block_writer.h"

#include <algorithm>
#include <array>

#include "storage/blocks/block_format.h"
#include "storage/blocks/bytes.h"
#include "storage/blocks/checksum.h"
#include "storage/blocks/compression.h"
#include "storage/blocks/low_numbers.h"

namespace shouwang {
namespace {

constexpr uint32_t kUnmapped = UINT32_MAX;

}  // namespace

size_t BlockWriter::ArrivalHash::operator()(const Arrival& a) const {
  return absl::HashOf(a.reported_at.time_since_epoch().count(),
                      a.known_at.time_since_epoch().count(), a.batch, a.source);
}

BlockWriter::BlockWriter(const BlockKey& key) : first_day_(key.FirstDay().days()) {}

uint32_t BlockWriter::Table::Intern(const std::string& item) {
  if (!index.empty() && item == last) return last_index;
  const auto [it, added] = index.try_emplace(item, static_cast<uint32_t>(index.size()));
  if (added) bytes += item;
  last = item;
  last_index = it->second;
  return last_index;
}

uint32_t BlockWriter::InternArrival(const Arrival& arrival) {
  const auto [it, added] =
      arrival_index_.try_emplace(arrival, static_cast<uint32_t>(arrivals_.size()));
  if (added) arrivals_.push_back(arrival);
  return it->second;
}

uint32_t BlockWriter::ArrivalOf(const History& history, uint32_t index) {
  uint32_t& mapped = mapped_[index];
  if (mapped == kUnmapped) mapped = InternArrival(history.arrivals()[index]);
  return mapped;
}

void BlockWriter::CollectEntries(const History& history) {
  // Neighbours nearly always have the same arrivals.
  if (!std::ranges::equal(known_, history.arrivals())) {
    known_.assign(history.arrivals().begin(), history.arrivals().end());
    mapped_.assign(known_.size(), kUnmapped);
  }
  entries_.clear();
  mixed_ = !history.exceptions().empty();
  if (mixed_) return CollectMixedEntries(history);
  for (size_t row = 0; row < history.dates().size(); ++row) {
    entries_.push_back({history.dates()[row].days() - first_day_,
                        ArrivalOf(history, history.row_arrivals()[row]), row});
  }
}

// An entry for each arrival that a row's cells came with.
void BlockWriter::CollectMixedEntries(const History& history) {
  auto exception = history.exceptions().begin();
  const auto end = history.exceptions().end();
  for (size_t row = 0; row < history.dates().size(); ++row) {
    const size_t first = entries_.size();
    const int32_t day = history.dates()[row].days() - first_day_;
    size_t own = 0;
    for (size_t column = 0; column < history.indicators().size(); ++column) {
      own += history.ColumnAt(column)[row] != History::kAbsent ? 1 : 0;
    }
    const auto row_begin = exception;
    while (exception != end && exception->date == history.dates()[row]) ++exception;
    own -= static_cast<size_t>(exception - row_begin);
    if (own > 0) entries_.push_back({day, ArrivalOf(history, history.row_arrivals()[row]), row});
    for (auto it = row_begin; it != exception; ++it) {
      const uint32_t arrival = ArrivalOf(history, it->arrival);
      const auto known = [&](const Entry& entry) { return entry.arrival == arrival; };
      if (std::none_of(entries_.begin() + static_cast<std::ptrdiff_t>(first), entries_.end(),
                       known)) {
        entries_.push_back({day, arrival, row});
      }
    }
  }
}

uint32_t BlockWriter::InternAxis() {
  item_.clear();
  AppendVarint(entries_.size(), &item_);
  int32_t day = 0;
  int64_t arrival = 0;
  for (const Entry& entry : entries_) {
    AppendVarint(static_cast<uint64_t>(entry.day - day), &item_);
    AppendZigZag(int64_t{entry.arrival} - arrival, &item_);
    day = entry.day;
    arrival = entry.arrival;
  }
  return axes_.Intern(item_);
}

void BlockWriter::PickValues(const History& history, size_t column) {
  const std::span<const int64_t> cells = history.ColumnAt(column);
  if (mixed_) {
    cell_arrivals_.clear();
    for (const uint32_t arrival : history.row_arrivals()) {
      // One that no cell has any more was given no place.
      cell_arrivals_.push_back(mapped_[arrival]);
    }
    const IndicatorId indicator = history.indicators()[column];
    size_t row = 0;
    for (const History::Exception& exception : history.exceptions()) {
      if (exception.indicator != indicator) continue;
      while (history.dates()[row] < exception.date) ++row;
      cell_arrivals_[row] = ArrivalOf(history, exception.arrival);
    }
  }
  picked_.clear();
  bitmap_.assign((entries_.size() + 7) / 8, '\0');
  for (size_t e = 0; e < entries_.size(); ++e) {
    const Entry& entry = entries_[e];
    if (cells[entry.row] == History::kAbsent) continue;
    if (mixed_ && cell_arrivals_[entry.row] != entry.arrival) continue;
    picked_.push_back(cells[entry.row]);
    bitmap_[e / 8] = static_cast<char>(bitmap_[e / 8] | (1 << (e % 8)));
  }
}

void BlockWriter::WriteColumns(const History& history) {
  set_.clear();
  bitmap_before_.clear();
  IndicatorId before = 0;
  for (size_t column = 0; column < history.indicators().size(); ++column) {
    std::span<const int64_t> values = history.ColumnAt(column);
    Presence presence = Presence::kEvery;
    if (mixed_ || std::ranges::find(values, History::kAbsent) != values.end()) {
      PickValues(history, column);
      values = picked_;
      if (values.size() < entries_.size()) {
        presence = bitmap_ == bitmap_before_ ? Presence::kAsBefore : Presence::kBitmap;
      }
      std::swap(bitmap_, bitmap_before_);
    } else {
      bitmap_before_.clear();
    }
    if (presence == Presence::kBitmap) streams_[Stream::kBitmaps] += bitmap_before_;
    const uint8_t tag = WriteColumn(values, &streams_);
    tags_.push_back(static_cast<char>(tag | (static_cast<uint8_t>(presence) << kPresenceShift)));
    AppendVarint(static_cast<uint64_t>(history.indicators()[column] - before), &set_);
    before = history.indicators()[column];
  }
  item_.clear();
  AppendVarint(history.indicators().size(), &item_);
  item_ += set_;
}

void BlockWriter::WriteWaypoint() {
  for (size_t i = 0; i < kStreams; ++i) {
    const size_t now = streams_.all()[i].size();
    AppendVarint(now - passed_[i], &waypoints_);
    passed_[i] = now;
  }
}

void BlockWriter::Add(uint8_t low, const History& history) {
  if (history.empty()) return;
  if (!lows_.empty() && lows_.size() % kSubjectsPerWaypoint == 0) WriteWaypoint();
  CollectEntries(history);
  subject_axes_.push_back(InternAxis());
  first_tags_.push_back(tags_.size());
  WriteColumns(history);
  subject_sets_.push_back(sets_.Intern(item_));
  lows_.push_back(low);
}

void BlockWriter::WriteArrivals(std::string* out) const {
  AppendVarint(arrivals_.size(), out);
  int64_t known_at = 0;
  int64_t batch = 0;
  for (const Arrival& arrival : arrivals_) {
    const int64_t known = arrival.known_at.time_since_epoch().count();
    AppendZigZag(WrappingSubtract(known, known_at), out);
    AppendZigZag(WrappingSubtract(arrival.reported_at.time_since_epoch().count(), known), out);
    AppendZigZag(WrappingSubtract(static_cast<int64_t>(arrival.batch), batch), out);
    out->push_back(static_cast<char>(arrival.source));
    known_at = known;
    batch = static_cast<int64_t>(arrival.batch);
  }
}

std::string BlockWriter::TagsByColumn() const {
  std::string out;
  out.reserve(tags_.size());
  std::vector<std::vector<size_t>> of_set(sets_.index.size());
  std::vector<size_t> sizes(sets_.index.size());
  for (size_t subject = 0; subject < lows_.size(); ++subject) {
    const size_t end = subject + 1 == lows_.size() ? tags_.size() : first_tags_[subject + 1];
    of_set[subject_sets_[subject]].push_back(first_tags_[subject]);
    sizes[subject_sets_[subject]] = end - first_tags_[subject];
  }
  for (size_t set = 0; set < of_set.size(); ++set) {
    for (size_t column = 0; column < sizes[set]; ++column) {
      for (const size_t first : of_set[set]) out.push_back(tags_[first + column]);
    }
  }
  return out;
}

std::string BlockWriter::WriteTables(size_t stream_count) const {
  std::string out;
  out.reserve(128 + arrivals_.size() * 20 + axes_.bytes.size() + sets_.bytes.size() +
              lows_.size() * 8 + waypoints_.size());
  WriteArrivals(&out);
  AppendVarint(axes_.index.size(), &out);
  out += axes_.bytes;
  AppendVarint(sets_.index.size(), &out);
  out += sets_.bytes;
  AppendLowNumbers(lows_, &out);
  for (const uint32_t axis : subject_axes_) AppendVarint(axis, &out);
  for (const uint32_t set : subject_sets_) AppendVarint(set, &out);
  out += waypoints_;
  for (size_t i = 0; i < stream_count; ++i) AppendVarint(streams_.all()[i].size(), &out);
  return out;
}

std::string BlockWriter::Finish(size_t most_head_bytes) {
  std::string tables = WriteTables(kStreams - 1);
  const std::string tags = TagsByColumn();
  const std::span<const std::string> streams = streams_.all();
  std::vector<std::string_view> head = {tables, tags};
  head.insert(head.end(), streams.begin(), streams.end() - 1);
  size_t head_bytes = 0;
  for (const std::string_view kind : head) head_bytes += kind.size();
  const std::string frame = head_bytes > most_head_bytes ? std::string() : Compress(head);
  std::string out;
  if (frame.empty()) {
    tables = WriteTables(kStreams);
    head.front() = tables;
    out.push_back(static_cast<char>(kUncompressedBlockVersion));
    for (const std::string_view kind : head) out += kind;
  } else {
    out.reserve(1 + kMaxVarintBytes + frame.size() + streams.back().size() + kChecksumBytes);
    out.push_back(static_cast<char>(kBlockVersion));
    AppendBytes(frame, &out);
  }
  out += streams.back();
  Seal(0, &out);
  return out;
}

}  // namespace shouwang
