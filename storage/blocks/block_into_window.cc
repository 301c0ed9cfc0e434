// Blocks into windows of their groups.
#include <algorithm>

#include "storage/blocks/block_columns.h"
#include "storage/blocks/block_reader.h"

namespace shouwang {

// First of all, columns before rows: where one is added, others move. False where there are too
// many.
bool BlockReader::AddRowsAndColumns(DateRange range, std::span<const IndicatorId> wanted,
                                    GroupWindow* window) {
  window_columns_.assign(indicators_.size(), kNotWanted);
  for (const Extent& set : sets_) {
    IndicatorChoice choice(wanted);
    size_t hint = 0;
    for (size_t i = set.begin; i < set.end; ++i) {
      if (!choice.Takes(indicators_[i])) continue;
      window_columns_[i] = static_cast<uint32_t>(window->AddColumn(indicators_[i], &hint));
      if (window->indicators().size() > GroupWindow::kMostColumns) return false;
    }
  }
  for (const Axis& axis : axes_) {
    const Extent within = EntriesIn(axis, range);
    for (const Entry& entry : EntriesOf(axis.entries).subspan(within.begin, within.size())) {
      window->AddRow(Date::OfDays(first_day_ + entry.day));
      if (window->dates().size() > GroupWindow::kMostRows) return false;
    }
  }
  return true;
}

void BlockReader::AddLanes(DateRange range, GroupWindow* window) {
  window->ReserveLanes(size());
  window_lanes_.assign(size(), kNotWanted);
  for (size_t index = 0; index < size(); ++index) {
    if (EntriesIn(axes_[subjects_[index].axis], range).size() == 0) continue;
    window_lanes_[index] = static_cast<uint32_t>(window->LaneFor(At(index)));
  }
}

// Where the cells of each entry's row begin, once nothing moves any more.
void BlockReader::FindRows(DateRange range, GroupWindow* window) {
  window_rows_.assign(entries_.size(), WindowRow{});
  const std::span<const Date> dates = window->dates();
  for (const Axis& axis : axes_) {
    const Extent within = EntriesIn(axis, range);
    auto at = dates.begin();
    for (size_t e = axis.entries.begin + within.begin; e < axis.entries.begin + within.end; ++e) {
      at = std::lower_bound(at, dates.end(), Date::OfDays(first_day_ + entries_[e].day));
      const auto row = static_cast<size_t>(at - dates.begin());
      const bool has_cells = !window->indicators().empty();
      window_rows_[e] = {row, has_cells ? window->Cells(row, 0) : nullptr};
    }
  }
}

absl::StatusOr<bool> BlockReader::ReadInto(DateRange range, std::span<const IndicatorId> wanted,
                                           GroupWindow* window) {
  AddLanes(range, window);
  if (!AddRowsAndColumns(range, wanted, window)) return false;
  FindRows(range, window);
  bool fits = true;
  for (size_t index = 0; fits && index < size(); ++index) {
    if (window_lanes_[index] == kNotWanted) continue;
    if (absl::Status status = GoTo(index); !status.ok()) return status;
    const Extent within = EntriesIn(axes_[subjects_[index].axis], range);
    if (absl::Status status = ReadLane(index, within, window_lanes_[index], window, &fits);
        !status.ok()) {
      return status;
    }
  }
  return fits;
}

absl::Status BlockReader::ReadLane(size_t index, Extent wanted, size_t lane, GroupWindow* window,
                                   bool* fits) {
  const BlockSubject& subject = subjects_[index];
  const Axis& axis = axes_[subject.axis];
  const std::span<const WindowRow> rows =
      std::span(window_rows_).subspan(axis.entries.begin, axis.entries.size());
  for (size_t e = wanted.begin; e < wanted.end; ++e) window->NoteReport(rows[e].row, lane);
  const uint32_t* of_columns = window_columns_.data() + sets_[subject.set].begin;
  const size_t step = window->column_step();
  std::array<int32_t, kMaxColumnPoints> values;
  bool all_fit = true;
  Columns columns(this, index);
  for (size_t c = 0; columns.Next(); ++c) {
    if (of_columns[c] == kNotWanted) {
      if (!columns.Skip()) break;
      continue;
    }
    if (!columns.ReadInto(values.data())) break;
    const size_t at = of_columns[c] * step + lane;
    if (columns.every()) {
      for (size_t e = wanted.begin; e < wanted.end; ++e) {
        all_fit &= values[e] != GroupWindow::kAbsent;
        rows[e].cells[at] = values[e];
      }
      continue;
    }
    for (size_t i = 0; i < columns.entries().size(); ++i) {
      const size_t entry = columns.entries()[i];
      if (entry < wanted.begin || entry >= wanted.end) continue;
      all_fit &= values[i] != GroupWindow::kAbsent;
      rows[entry].cells[at] = values[i];
    }
  }
  *fits = *fits && all_fit;
  return columns.status();
}

}  // namespace shouwang
