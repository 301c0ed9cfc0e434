// Blocks into windows of their groups.
#include <algorithm>

#include "storage/blocks/block_columns.h"
#include "storage/blocks/block_reader.h"

namespace shouwang {

// First of all: where a row or column is added, others move. False where there are too many.
bool BlockReader::AddRowsAndColumns(DateRange range, std::span<const IndicatorId> wanted,
                                    GroupWindow* window) {
  for (const Axis& axis : axes_) {
    const Extent within = EntriesIn(axis, range);
    for (const Entry& entry : EntriesOf(axis.entries).subspan(within.begin, within.size())) {
      window->AddRow(Date::OfDays(first_day_ + entry.day));
    }
    if (window->dates().size() > GroupWindow::kMostRows) return false;
  }
  window_rows_.assign(entries_.size(), kNotWanted);
  const std::span<const Date> dates = window->dates();
  for (const Axis& axis : axes_) {
    const Extent within = EntriesIn(axis, range);
    auto at = dates.begin();
    for (size_t e = axis.entries.begin + within.begin; e < axis.entries.begin + within.end; ++e) {
      at = std::lower_bound(at, dates.end(), Date::OfDays(first_day_ + entries_[e].day));
      window_rows_[e] = static_cast<uint32_t>(at - dates.begin());
    }
  }
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
  return true;
}

absl::StatusOr<bool> BlockReader::ReadInto(DateRange range, std::span<const IndicatorId> wanted,
                                           GroupWindow* window) {
  window->ReserveLanes(size());
  bool fits = AddRowsAndColumns(range, wanted, window);
  for (size_t index = 0; fits && index < size(); ++index) {
    const Extent within = EntriesIn(axes_[subjects_[index].axis], range);
    if (within.size() == 0) continue;
    if (absl::Status status = GoTo(index); !status.ok()) return status;
    const size_t lane = window->LaneFor(At(index));
    if (absl::Status status = ReadLane(index, within, lane, window, &fits); !status.ok()) {
      return status;
    }
  }
  return fits;
}

absl::Status BlockReader::ReadLane(size_t index, Extent wanted, size_t lane, GroupWindow* window,
                                   bool* fits) {
  const BlockSubject& subject = subjects_[index];
  const Axis& axis = axes_[subject.axis];
  const std::span<const uint32_t> rows =
      std::span(window_rows_).subspan(axis.entries.begin, axis.entries.size());
  for (size_t e = wanted.begin; e < wanted.end; ++e) window->NoteReport(rows[e], lane);
  const uint32_t* of_columns = window_columns_.data() + sets_[subject.set].begin;
  std::array<int64_t, kMaxColumnPoints> values;
  const auto put = [&](size_t entry, uint32_t column, int64_t value) {
    *fits = *fits && GroupWindow::Fits(value);
    window->Cells(rows[entry], column)[lane] = static_cast<int32_t>(value);
  };
  Columns columns(this, index);
  for (size_t c = 0; columns.Next(); ++c) {
    const uint32_t column = of_columns[c];
    if (column == kNotWanted) {
      if (!columns.Skip()) break;
      continue;
    }
    if (!columns.ReadInto(values.data())) break;
    if (columns.every()) {
      for (size_t e = wanted.begin; e < wanted.end; ++e) put(e, column, values[e]);
      continue;
    }
    for (size_t i = 0; i < columns.entries().size(); ++i) {
      const size_t entry = columns.entries()[i];
      if (entry >= wanted.begin && entry < wanted.end) put(entry, column, values[i]);
    }
  }
  return columns.status();
}

}  // namespace shouwang
