#include "storage/blocks/sheet_writer.h"

#include <algorithm>
#include <tuple>

#include "storage/blocks/bytes.h"
#include "storage/blocks/checksum.h"
#include "storage/blocks/low_numbers.h"
#include "storage/blocks/pile.h"
#include "storage/blocks/sheet_format.h"

namespace shouwang {
namespace {

// A sheet with this many places for each value that it has is split into one a subject.
constexpr size_t kMostPlacesPerValue = 16;

char* PackBits(std::span<const int64_t> values, int64_t least, int width, char* out) {
  uint64_t bits = 0;
  int held = 0;
  for (const int64_t value : values) {
    bits |= static_cast<uint64_t>(value - least) << held;
    held += width;
    if (held >= 64) {
      for (int shift = 0; shift < 64; shift += 8) *out++ = static_cast<char>(bits >> shift);
      held -= 64;
      // What did not fit; held < width here, so the shift is at least 1.
      bits = static_cast<uint64_t>(value - least) >> (width - held);
    }
  }
  for (; held > 0; held -= 8) {
    *out++ = static_cast<char>(bits);
    bits >>= 8;
  }
  return out;
}

}  // namespace

std::string_view SheetWriter::Write(const BlockKey& key, const ObservationList& observations,
                                    std::span<const Report> reports) {
  const int32_t first_day = key.FirstDay().days();
  FindPlaces(reports);
  pile_.clear();
  for (size_t begin = 0; begin < places_.size();) {
    size_t end = begin + 1;
    while (end < places_.size() && places_[end].SharesSheetWith(places_[begin])) ++end;
    const std::span<const Place> places = std::span(places_).subspan(begin, end - begin);
    size_t cells = 0;
    for (const Place& place : places) cells += place.report->end - place.report->begin;
    const bool same = CollectIndicators(observations, places);
    if (places.size() > 1 && indicators_.size() * places.size() > cells * kMostPlacesPerValue) {
      // Subjects that have hardly an indicator in common.
      for (const Place& place : places) {
        WriteSheet(first_day, observations, {&place, 1},
                   CollectIndicators(observations, {&place, 1}));
        AppendPart(sheet_, &pile_);
      }
    } else {
      WriteSheet(first_day, observations, places, same);
      if (places.size() == places_.size()) return sheet_;
      AppendPart(sheet_, &pile_);
    }
    begin = end;
  }
  return pile_;
}

void SheetWriter::FindPlaces(std::span<const Report> reports) {
  places_.clear();
  places_.reserve(reports.size());
  bool sorted = true;
  for (const Report& report : reports) {
    Place place{0, report.date, report.arrival, &report};
    if (!places_.empty()) {
      const Place& before = places_.back();
      if (before.report->subject == report.subject && before.date == report.date) {
        place.round = before.round + 1;
      }
      sorted = sorted && place.SharesSheetWith(before);
    }
    places_.push_back(place);
  }
  if (sorted) return;
  std::ranges::stable_sort(places_, [](const Place& a, const Place& b) {
    return std::tie(a.round, a.date, a.arrival) < std::tie(b.round, b.date, b.arrival);
  });
}

bool SheetWriter::HaveSameIndicators(const ObservationList& observations,
                                     std::span<const Place> places) {
  indicators_.clear();
  for (const ObservationList::Cell& cell : observations.CellsOf(*places[0].report)) {
    if (!indicators_.empty() && indicators_.back() >= cell.indicator) return false;
    indicators_.push_back(cell.indicator);
  }
  for (const Place& place : places) {
    const std::span<const ObservationList::Cell> cells = observations.CellsOf(*place.report);
    if (cells.size() != indicators_.size()) return false;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (cells[i].indicator != indicators_[i]) return false;
    }
  }
  return true;
}

bool SheetWriter::CollectIndicators(const ObservationList& observations,
                                    std::span<const Place> places) {
  if (HaveSameIndicators(observations, places)) return true;
  indicators_.clear();
  for (const Place& place : places) {
    for (const ObservationList::Cell& cell : observations.CellsOf(*place.report)) {
      indicators_.push_back(cell.indicator);
    }
  }
  std::ranges::sort(indicators_);
  indicators_.erase(std::unique(indicators_.begin(), indicators_.end()), indicators_.end());
  return false;
}

void SheetWriter::CollectValues(const ObservationList& observations, std::span<const Place> places,
                                bool same_indicators) {
  const size_t count = places.size();
  if (same_indicators) {
    values_.resize(indicators_.size() * count);
    for (size_t s = 0; s < count; ++s) {
      int64_t* value = values_.data() + s;
      for (const ObservationList::Cell& cell : observations.CellsOf(*places[s].report)) {
        *value = cell.value;
        value += count;
      }
    }
    return;
  }
  values_.assign(indicators_.size() * count, History::kAbsent);
  for (size_t s = 0; s < count; ++s) {
    for (const ObservationList::Cell& cell : observations.CellsOf(*places[s].report)) {
      const auto column = std::ranges::lower_bound(indicators_, cell.indicator);
      values_[static_cast<size_t>(column - indicators_.begin()) * count + s] = cell.value;
    }
  }
}

void SheetWriter::WriteSheet(int32_t first_day, const ObservationList& observations,
                             std::span<const Place> places, bool same_indicators) {
  CollectValues(observations, places, same_indicators);
  sheet_.clear();
  WriteHead(places[0].date.days() - first_day, observations.arrivals()[places[0].arrival], places);
  for (size_t column = 0; column < indicators_.size(); ++column) {
    WriteColumn(std::span(values_).subspan(column * places.size(), places.size()));
  }
  Seal(0, &sheet_);
}

void SheetWriter::WriteHead(int32_t day, const Arrival& arrival, std::span<const Place> places) {
  sheet_.push_back(static_cast<char>(kSheetVersion));
  AppendVarint(static_cast<uint64_t>(day), &sheet_);
  const int64_t known_at = arrival.known_at.time_since_epoch().count();
  const int64_t reported_at = arrival.reported_at.time_since_epoch().count();
  AppendZigZag(known_at, &sheet_);
  // The difference wraps around, as the reader's sum does.
  AppendZigZag(
      static_cast<int64_t>(static_cast<uint64_t>(reported_at) - static_cast<uint64_t>(known_at)),
      &sheet_);
  AppendZigZag(static_cast<int64_t>(arrival.batch), &sheet_);
  sheet_.push_back(static_cast<char>(arrival.source));
  lows_.clear();
  for (const Place& place : places) lows_.push_back(SubjectGroup::LowOf(place.report->subject));
  AppendLowNumbers(lows_, &sheet_);
  AppendVarint(indicators_.size(), &sheet_);
  IndicatorId before = 0;
  for (const IndicatorId indicator : indicators_) {
    AppendVarint(static_cast<uint64_t>(indicator - before), &sheet_);
    before = indicator;
  }
}

void SheetWriter::WriteColumn(std::span<const int64_t> values) {
  int64_t least = values[0];
  int64_t most = values[0];
  for (const int64_t value : values) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  const bool every = least != History::kAbsent;
  if (!every) {
    present_.clear();
    for (const int64_t value : values) {
      if (value != History::kAbsent) present_.push_back(value);
    }
    least = *std::ranges::min_element(present_);
  }
  const auto span = static_cast<uint64_t>(most - least);
  const int width = span == 0 ? 0 : 64 - __builtin_clzll(span);
  sheet_.push_back(static_cast<char>(width | (every ? 0 : kSheetBitmap)));
  AppendZigZag(least, &sheet_);
  if (!every) {
    uint8_t bits = 0;
    for (size_t s = 0; s < values.size(); ++s) {
      if (values[s] != History::kAbsent) bits = static_cast<uint8_t>(bits | 1U << (s % 8));
      if (s % 8 == 7 || s + 1 == values.size()) {
        sheet_.push_back(static_cast<char>(bits));
        bits = 0;
      }
    }
    values = present_;
  }
  const size_t begin = sheet_.size();
  sheet_.resize(begin + (values.size() * static_cast<size_t>(width) + 7) / 8);
  if (width > 0) PackBits(values, least, width, sheet_.data() + begin);
}

}  // namespace shouwang
