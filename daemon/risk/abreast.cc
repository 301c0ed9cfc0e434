#include "daemon/risk/abreast.h"

#include <algorithm>
#include <iterator>

#include "storage/vocabulary/lane_loops.h"

namespace shouwang::risk {
namespace {

constexpr size_t kLanesAtOnce = 8;
constexpr size_t kNowhere = static_cast<size_t>(-1);

}  // namespace

void Abreast::Open(std::span<const History* const> histories,
                   std::span<const IndicatorId> indicators, Date after, Date through) {
  window_ = nullptr;
  count_ = histories.size();
  for (size_t i = 0; i < count_; ++i) lanes_[i].history = histories[i];
  FindDates(after, through);
  for (size_t i = 0; i < count_; ++i) FindRows(&lanes_[i]);
  Begin(count_, indicators.size());
  FindColumns(indicators);
}

void Abreast::Open(const GroupWindow& window, size_t first_lane, size_t count,
                   std::span<const IndicatorId> indicators, Date after, Date through) {
  window_ = &window;
  window_lane_ = first_lane;
  const std::span<const Date> all = window.dates();
  const auto first = std::ranges::upper_bound(all, after);
  const auto last = std::upper_bound(first, all.end(), through);
  window_row_ = static_cast<size_t>(first - all.begin());
  dates_.assign(first, last);
  Begin(count, indicators.size());
  for (size_t k = 0; k < indicators.size(); ++k) {
    const std::optional<size_t> column = window.ColumnOf(indicators[k]);
    cells_[k].is_there = column.has_value();
    cells_[k].column = column.value_or(0);
  }
}

// Once dates_ are known.
void Abreast::Begin(size_t count, size_t indicators) {
  count_ = count;
  stride_ = (count + kLanesAtOnce - 1) / kLanesAtOnce * kLanesAtOnce;
  if (cells_.size() < indicators) cells_.resize(indicators);
  for (Cells& cells : cells_) {
    cells.read_from = dates_.size();
    cells.is_there = false;
  }
}

void Abreast::FindDates(Date after, Date through) {
  dates_.clear();
  for (size_t i = 0; i < count_; ++i) {
    Lane& lane = lanes_[i];
    const std::span<const Date> all = lane.history->dates();
    const auto first = std::ranges::upper_bound(all, after);
    const auto last = std::upper_bound(first, all.end(), through);
    lane.first = static_cast<size_t>(first - all.begin());
    lane.count = static_cast<size_t>(last - first);
    const std::span<const Date> own = all.subspan(lane.first, lane.count);
    if (std::ranges::equal(own, dates_)) continue;
    merged_.clear();
    std::ranges::set_union(own, dates_, std::back_inserter(merged_));
    dates_.swap(merged_);
  }
}

void Abreast::FindRows(Lane* lane) {
  lane->rows.clear();
  if (lane->count == dates_.size()) return;
  const std::span<const Date> own = lane->history->dates().subspan(lane->first, lane->count);
  size_t row = 0;
  for (const Date date : own) {
    while (dates_[row] != date) ++row;
    lane->rows.push_back(static_cast<uint32_t>(row));
  }
}

void Abreast::FindColumns(std::span<const IndicatorId> indicators) {
  columns_.assign(indicators.size() * stride_, nullptr);
  positions_.resize(indicators.size());
  for (size_t i = 0; i < count_; ++i) {
    const Lane& lane = lanes_[i];
    const std::span<const IndicatorId> there = lane.history->indicators();
    if (i == 0 || !std::ranges::equal(there, known_)) {
      known_.assign(there.begin(), there.end());
      for (size_t k = 0; k < indicators.size(); ++k) {
        const auto it = std::ranges::lower_bound(there, indicators[k]);
        const bool found = it != there.end() && *it == indicators[k];
        positions_[k] = found ? static_cast<size_t>(it - there.begin()) : kNowhere;
      }
    }
    for (size_t k = 0; k < indicators.size(); ++k) {
      if (positions_[k] == kNowhere || lane.count == 0) continue;
      cells_[k].is_there = true;
      columns_[k * stride_ + i] = lane.history->ColumnAt(positions_[k]).data() + lane.first;
    }
  }
}

const int64_t* Abreast::Column(size_t position, size_t first_row) {
  Cells& cells = cells_[position];
  if (cells.cells.size() < dates_.size() * stride_) cells.cells.resize(dates_.size() * stride_);
  if (first_row < cells.read_from) {
    if (window_ != nullptr) {
      ReadWindow(position, first_row, cells.read_from);
    } else {
      Read(position, first_row, cells.read_from);
    }
    cells.read_from = first_row;
  }
  return cells.cells.data();
}

SHOUWANG_LANE_LOOPS void Abreast::Read(size_t position, size_t first_row, size_t end_row) {
  int64_t* const out = cells_[position].cells.data();
  for (size_t lane = 0; lane < stride_; lane += kLanesAtOnce) {
    const int64_t* const* columns = columns_.data() + position * stride_ + lane;
    bool plain = lane + kLanesAtOnce <= count_;
    for (size_t i = 0; plain && i < kLanesAtOnce; ++i) {
      plain = columns[i] != nullptr && lanes_[lane + i].rows.empty();
    }
    if (!plain) {
      for (size_t i = 0; i < kLanesAtOnce; ++i) {
        ReadLane(lanes_[lane + i], columns[i], first_row, end_row, out + lane + i);
      }
      continue;
    }
    for (size_t row = first_row; row < end_row; ++row) {
      int64_t* to = out + row * stride_ + lane;
      for (size_t i = 0; i < kLanesAtOnce; ++i) to[i] = columns[i][row];
    }
  }
}

SHOUWANG_LANE_LOOPS void Abreast::ReadWindow(size_t position, size_t first_row, size_t end_row) {
  Cells& cells = cells_[position];
  for (size_t row = first_row; row < end_row; ++row) {
    int64_t* const to = cells.cells.data() + row * stride_;
    if (!cells.is_there) {
      std::fill_n(to, stride_, History::kAbsent);
      continue;
    }
    const int32_t* const from = window_->Cells(window_row_ + row, cells.column) + window_lane_;
    for (size_t block = 0; block < stride_; block += kLanesAtOnce) {
      for (size_t i = 0; i < kLanesAtOnce; ++i) {
        const int32_t cell = from[block + i];
        to[block + i] = cell == GroupWindow::kAbsent ? History::kAbsent : cell;
      }
    }
  }
}

void Abreast::ReadLane(const Lane& lane, const int64_t* column, size_t first_row, size_t end_row,
                       int64_t* out) const {
  if (column != nullptr && lane.rows.empty()) {
    for (size_t row = first_row; row < end_row; ++row) out[row * stride_] = column[row];
    return;
  }
  for (size_t row = first_row; row < end_row; ++row) out[row * stride_] = History::kAbsent;
  if (column == nullptr) return;
  for (size_t i = 0; i < lane.rows.size(); ++i) {
    const size_t row = lane.rows[i];
    if (row >= first_row && row < end_row) out[row * stride_] = column[i];
  }
}

}  // namespace shouwang::risk
