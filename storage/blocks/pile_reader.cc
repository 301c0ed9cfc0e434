#include "storage/blocks/pile_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>

#include "storage/blocks/block_format.h"
#include "storage/blocks/indicator_choice.h"
#include "storage/blocks/pile.h"
#include "storage/blocks/sheet_format.h"

namespace shouwang {

absl::Status PileReader::Open(std::span<const std::string_view> piles, const BlockKey& key,
                              DateRange range) {
  range_ = range;
  wanted_ = {};
  parts_.clear();
  runs_.clear();
  block_count_ = 0;
  sheet_count_ = 0;
  for (const std::string_view pile : piles) SplitPile(pile, &parts_);
  for (const std::string_view part : parts_) {
    const int version = part.empty() ? 0 : static_cast<uint8_t>(part[0]);
    absl::Status status;
    if (version == kSheetVersion) {
      status = OpenSheet(part, key);
    } else if (version == kDamagedVersion || version == kPileVersion) {
      status = absl::DataLossError(fmt::format("{} is damaged: {}", key.ToString(),
                                               version == kPileVersion
                                                   ? "the lengths of its parts do not add up"
                                                   : "parts that did not fold are kept"));
    } else {
      status = OpenBlock(part, key);
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status PileReader::OpenSheet(std::string_view part, const BlockKey& key) {
  if (sheet_count_ == sheets_.size()) sheets_.emplace_back();
  SheetReader& sheet = sheets_[sheet_count_];
  if (absl::Status status = sheet.Open(part, key); !status.ok()) return status;
  if (!range_.Contains(sheet.date())) return absl::OkStatus();
  ++sheet_count_;
  if (!runs_.empty() && runs_.back().sheets) {
    const SheetReader& before = sheets_[sheet_count_ - 2];
    if (before.date() < sheet.date() &&
        std::ranges::equal(before.indicators(), sheet.indicators())) {
      runs_.back().end = sheet_count_;
      return absl::OkStatus();
    }
  }
  runs_.push_back({true, sheet_count_ - 1, sheet_count_});
  return absl::OkStatus();
}

absl::Status PileReader::OpenBlock(std::string_view part, const BlockKey& key) {
  if (block_count_ == blocks_.size()) blocks_.emplace_back();
  if (absl::Status status = blocks_[block_count_].Open(part, key); !status.ok()) return status;
  runs_.push_back({false, block_count_, block_count_ + 1});
  ++block_count_;
  return absl::OkStatus();
}

bool PileReader::Has(uint8_t low) const {
  for (const Run& run : runs_) {
    if (!run.sheets && blocks_[run.begin].Find(low)) return true;
    for (size_t i = run.begin; run.sheets && i < run.end; ++i) {
      if (sheets_[i].Find(low)) return true;
    }
  }
  return false;
}

void PileReader::AddIndicators(std::vector<IndicatorId>* indicators) const {
  const auto add = [&](std::span<const IndicatorId> some) {
    indicators->insert(indicators->end(), some.begin(), some.end());
  };
  for (size_t i = 0; i < block_count_; ++i) add(blocks_[i].indicators());
  for (size_t i = 0; i < sheet_count_; ++i) add(sheets_[i].indicators());
}

absl::Status PileReader::Read(uint8_t low, History* history) {
  for (const Run& run : runs_) {
    if (run.sheets) {
      ReadSheets(run, low, history);
      continue;
    }
    BlockReader& block = blocks_[run.begin];
    const std::optional<size_t> index = block.Find(low);
    if (!index) continue;
    if (absl::Status status = block.Read(*index, range_, wanted_, history); !status.ok())
      return status;
  }
  return absl::OkStatus();
}

// For late reports, corrections, and dates that several arrivals share.
void PileReader::PutLine(const Line& line, History* history) const {
  const std::span<const IndicatorId> indicators = line.sheet->indicators();
  for (size_t column = 0; column < indicators.size(); ++column) {
    const int64_t value = line.sheet->ValueAt(column, line.index);
    if (value == History::kAbsent) continue;
    history->Put(indicators[column], line.sheet->date(), value, line.sheet->arrival());
  }
}

void PileReader::ReadSheets(const Run& run, uint8_t low, History* history) {
  lines_.clear();
  for (size_t i = run.begin; i < run.end; ++i) {
    const std::optional<size_t> index = sheets_[i].Find(low);
    if (index) lines_.push_back({&sheets_[i], *index});
  }
  std::span<const Line> lines = lines_;
  while (!lines.empty() && !history->empty() && history->dates().back() >= lines[0].sheet->date()) {
    PutLine(lines[0], history);
    lines = lines.subspan(1);
  }
  if (lines.empty()) return;
  const size_t first_row = history->dates().size();
  const std::span<const IndicatorId> indicators = lines[0].sheet->indicators();
  history->Reserve(lines.size(), indicators.size());
  for (const Line& line : lines) {
    history->AppendRow(line.sheet->date(), history->AddArrival(line.sheet->arrival()));
  }
  size_t hint = 0;
  IndicatorChoice choice(wanted_);
  for (size_t column = 0; column < indicators.size(); ++column) {
    if (!choice.Takes(indicators[column])) continue;
    int64_t* cells = nullptr;
    for (size_t i = 0; i < lines.size(); ++i) {
      const int64_t value = lines[i].sheet->ValueAt(column, lines[i].index);
      if (value == History::kAbsent) continue;
      if (cells == nullptr) {
        cells = history->AppendColumn(indicators[column], &hint).data() + first_row;
      }
      cells[i] = value;
    }
  }
}

absl::StatusOr<bool> PileReader::ReadInto(DateRange range, GroupWindow* window) {
  range = {std::max(range.from, range_.from), std::min(range.to, range_.to)};
  lanes_of_.reset();
  for (const Run& run : runs_) {
    for (size_t i = run.begin; run.sheets && i < run.end; ++i) {
      if (!range.Contains(sheets_[i].date())) continue;
      if (!ReadSheet(sheets_[i], window)) return false;
    }
    if (run.sheets) continue;
    absl::StatusOr<bool> fits = blocks_[run.begin].ReadInto(range, wanted_, window);
    if (!fits.ok() || !*fits) return fits;
  }
  return true;
}

// A village's months mostly have the same subjects.
void PileReader::FindLanes(const LowNumbers& subjects, GroupWindow* window) {
  if (lanes_of_ == subjects) return;
  lanes_of_ = subjects;
  window->ReserveLanes(subjects.size());
  lanes_.resize(subjects.size());
  lane_set_.reset();
  in_a_row_ = true;
  for (size_t index = 0; index < subjects.size(); ++index) {
    const size_t lane = window->LaneFor(subjects.At(index));
    lanes_[index] = static_cast<uint16_t>(lane);
    lane_set_.set(lane);
    in_a_row_ = in_a_row_ && lane == lanes_[0] + index;
  }
}

bool PileReader::ReadSheet(const SheetReader& sheet, GroupWindow* window) {
  FindLanes(sheet.subjects(), window);
  // Before its row, so that the first sheet widens no row column by column.
  columns_.clear();
  size_t hint = 0;
  IndicatorChoice choice(wanted_);
  for (const IndicatorId indicator : sheet.indicators()) {
    columns_.push_back(choice.Takes(indicator) ? window->AddColumn(indicator, &hint) : kNotWanted);
    if (window->indicators().size() > GroupWindow::kMostColumns) return false;
  }
  const auto [row, is_new] = window->AddBareRow(sheet.date());
  if (window->dates().size() > GroupWindow::kMostRows) return false;
  window->NoteReports(row, lane_set_);
  if (is_new) MakeOthersAbsent(sheet, row, window);
  for (size_t column = 0; column < columns_.size(); ++column) {
    if (columns_[column] == kNotWanted) continue;
    int32_t* const cells = window->Cells(row, columns_[column]);
    if (in_a_row_ && sheet.ReadInto(column, cells + lanes_[0])) continue;
    if (!sheet.ReadInto(column, lanes_, cells)) return false;
  }
  return true;
}

// Of a new row all cells but those that the sheet at hand will put.
void PileReader::MakeOthersAbsent(const SheetReader& sheet, size_t row, GroupWindow* window) const {
  std::bitset<GroupWindow::kMostColumns> filled;
  for (size_t column = 0; column < columns_.size(); ++column) {
    const bool is_put = in_a_row_ && columns_[column] != kNotWanted && sheet.IsFull(column);
    if (is_put) filled.set(columns_[column]);
  }
  for (size_t column = 0; column < window->indicators().size(); ++column) {
    int32_t* const cells = window->Cells(row, column);
    int32_t* const end = cells + window->stride();
    if (!filled.test(column)) {
      std::fill(cells, end, GroupWindow::kAbsent);
      continue;
    }
    std::fill(cells, cells + lanes_.front(), GroupWindow::kAbsent);
    std::fill(cells + lanes_.back() + 1, end, GroupWindow::kAbsent);
  }
}

}  // namespace shouwang
