#include "storage/blocks/block_writer.h"

#include <algorithm>
#include <array>

#include "storage/blocks/block_format.h"
#include "storage/blocks/bytes.h"
#include "storage/blocks/checksum.h"
#include "storage/blocks/column.h"

namespace shouwang {

BlockWriter::BlockWriter(std::span<const Arrival> arrivals)
    : arrivals_(arrivals), out_index_(arrivals.size(), SubjectRows::kNothing) {}

uint32_t BlockWriter::Table::Intern(const std::string& item) {
  if (!index.empty() && item == last) return last_index;
  const auto [it, added] = index.try_emplace(item, static_cast<uint32_t>(index.size()));
  if (added) bytes += item;
  last = item;
  last_index = it->second;
  return last_index;
}

uint32_t BlockWriter::OutIndex(uint32_t arrival) {
  uint32_t& index = out_index_[arrival];
  if (index == SubjectRows::kNothing) {
    index = static_cast<uint32_t>(used_.size());
    used_.push_back(arrival);
  }
  return index;
}

void BlockWriter::CollectEntries(const SubjectRows& rows) {
  entries_.clear();
  for (size_t row = 0; row < rows.days().size(); ++row) {
    const size_t first = entries_.size();
    for (const SubjectRows::Cell& cell : rows.Row(row)) {
      if (cell.arrival == SubjectRows::kNothing) continue;
      const auto known = [&](const Entry& entry) { return entry.arrival == cell.arrival; };
      if (entries_.size() > first && known(entries_.back())) continue;
      if (std::none_of(entries_.begin() + static_cast<std::ptrdiff_t>(first), entries_.end(),
                       known)) {
        entries_.push_back({rows.days()[row], cell.arrival, row});
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
    const int64_t index = OutIndex(entry.arrival);
    AppendVarint(static_cast<uint64_t>(entry.day - day), &item_);
    AppendZigZag(index - arrival, &item_);
    day = entry.day;
    arrival = index;
  }
  return axes_.Intern(item_);
}

void BlockWriter::WriteColumns(const SubjectRows& rows) {
  std::array<int64_t, kMaxColumnPoints> values;
  std::array<char, kMaxColumnBytes> body;
  tags_.clear();
  columns_.clear();
  set_.clear();
  bitmap_before_.clear();
  size_t written = 0;
  IndicatorId before = 0;
  for (size_t column = 0; column < rows.indicators().size(); ++column) {
    size_t count = 0;
    bitmap_.assign((entries_.size() + 7) / 8, '\0');
    for (size_t e = 0; e < entries_.size(); ++e) {
      const SubjectRows::Cell& cell = rows.At(entries_[e].row, column);
      if (cell.arrival != entries_[e].arrival) continue;
      values[count++] = cell.value;
      bitmap_[e / 8] = static_cast<char>(bitmap_[e / 8] | (1 << (e % 8)));
    }
    if (count == 0) continue;
    Presence presence = Presence::kBitmap;
    if (count == entries_.size()) {
      presence = Presence::kEvery;
    } else if (bitmap_ == bitmap_before_) {
      presence = Presence::kAsBefore;
    } else {
      columns_ += bitmap_;
    }
    std::swap(bitmap_, bitmap_before_);
    uint8_t tag = 0;
    const char* end = WriteColumn(std::span(values).first(count), &tag, body.data());
    columns_.append(body.data(), static_cast<size_t>(end - body.data()));
    tags_.push_back(static_cast<char>(tag | (static_cast<uint8_t>(presence) << kPresenceShift)));
    AppendVarint(static_cast<uint64_t>(rows.indicators()[column] - before), &set_);
    before = rows.indicators()[column];
    ++written;
  }
  item_.clear();
  AppendVarint(written, &item_);
  item_ += set_;
}

void BlockWriter::Add(uint8_t low, const SubjectRows& rows) {
  CollectEntries(rows);
  if (entries_.empty()) return;
  subject_axes_.push_back(InternAxis());
  WriteColumns(rows);
  subject_sets_.push_back(sets_.Intern(item_));
  lows_.push_back(static_cast<char>(low));
  bodies_ += tags_;
  bodies_ += columns_;
  sizes_.push_back(tags_.size() + columns_.size());
}

std::string BlockWriter::Finish() {
  std::string out;
  out.reserve(64 + used_.size() * 20 + axes_.bytes.size() + sets_.bytes.size() + lows_.size() * 8 +
              bodies_.size());
  out.push_back(static_cast<char>(kBlockVersion));
  AppendVarint(used_.size(), &out);
  int64_t known_at = 0;
  int64_t batch = 0;
  for (const uint32_t index : used_) {
    const Arrival& arrival = arrivals_[index];
    const int64_t known = arrival.known_at.time_since_epoch().count();
    // Differences wrap around, as the reader's sums do.
    const auto less = [](int64_t a, int64_t b) {
      return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
    };
    AppendZigZag(less(known, known_at), &out);
    AppendZigZag(less(arrival.reported_at.time_since_epoch().count(), known), &out);
    AppendZigZag(less(static_cast<int64_t>(arrival.batch), batch), &out);
    out.push_back(static_cast<char>(arrival.source));
    known_at = known;
    batch = static_cast<int64_t>(arrival.batch);
  }
  AppendVarint(axes_.index.size(), &out);
  out += axes_.bytes;
  AppendVarint(sets_.index.size(), &out);
  out += sets_.bytes;
  AppendVarint(lows_.size(), &out);
  int next = 0;
  for (const char low : lows_) {
    out.push_back(static_cast<char>(static_cast<uint8_t>(low) - next));
    next = static_cast<uint8_t>(low) + 1;
  }
  for (const uint32_t axis : subject_axes_) AppendVarint(axis, &out);
  for (const uint32_t set : subject_sets_) AppendVarint(set, &out);
  for (const size_t size : sizes_) AppendVarint(size, &out);
  out += bodies_;
  const uint32_t checksum = Crc32c(out);
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(checksum >> shift));
  return out;
}

}  // namespace shouwang
