// Sample observations for the tests of blocks: what a plain map makes of them is what a block must
// give back.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/blocks/checksum.h"
#include "storage/blocks/fold.h"
#include "storage/blocks/pile_reader.h"
#include "storage/blocks/sheet_writer.h"
#include "tests/storage/lanes.h"

namespace shouwang {

inline constexpr uint64_t kVillage = 520502001001;

inline BlockKey KeyOf(int32_t year, uint32_t group = 0) {
  return {{kVillage, SubjectKind::kHousehold, group}, year};
}

inline Arrival ArrivalAt(int64_t ms, uint64_t batch) {
  return {Instant(std::chrono::milliseconds(ms)), Instant(std::chrono::milliseconds(ms + 5000)),
          batch, Source::kCadreVisit};
}

inline Observation Observe(uint32_t household, IndicatorId indicator, std::string_view date,
                           int64_t value, const Arrival& arrival = ArrivalAt(1'000, 1)) {
  return {{kVillage, SubjectKind::kHousehold, household},
          indicator,
          *Date::Parse(date),
          value,
          arrival};
}

using CellKey = std::tuple<Subject, IndicatorId, Date>;
using Cells = std::map<CellKey, std::pair<int64_t, Arrival>>;

inline void Put(const Observation& observation, Cells* cells) {
  (*cells)[{observation.subject, observation.indicator, observation.date}] = {observation.value,
                                                                              observation.arrival};
}

inline std::string Operand(const BlockKey& key, const std::vector<Observation>& observations) {
  ObservationList list;
  for (const Observation& observation : observations) list.push_back(observation);
  return std::string(SheetWriter().Write(key, list, list.reports()));
}

inline std::string Fold(const BlockKey& key, const std::vector<std::string>& piles) {
  return FoldPiles(key, std::vector<std::string_view>(piles.begin(), piles.end()));
}

inline std::string FoldMany(const BlockKey& key, const std::vector<std::string>& piles) {
  return FoldIfMany(key, std::vector<std::string_view>(piles.begin(), piles.end()));
}

inline std::string Block(const BlockKey& key, const std::vector<Observation>& observations) {
  return Fold(key, {Operand(key, observations)});
}

// Gives changed bytes a checksum that fits.
inline void Reseal(std::string* bytes) {
  bytes->resize(bytes->size() - kChecksumBytes);
  Seal(0, bytes);
}

// One whose memory has values of another group.
inline GroupWindow UsedWindow(const SubjectGroup& group) {
  static const GroupWindow kUsed = [] {
    GroupWindow window;
    window.ReserveLanes(kSubjectsPerGroup);
    for (IndicatorId column = 0; column < 8; ++column) {
      size_t hint = column;
      window.AddColumn(static_cast<IndicatorId>(column + 1), &hint);
    }
    for (int32_t day = 0; day < 12; ++day) {
      const size_t row = window.AddRow(Date::OfDays(day));
      std::fill_n(window.Cells(row, 0), 8 * window.column_step(), 77);
    }
    return window;
  }();
  GroupWindow window = kUsed;
  window.Reset(group);
  return window;
}

// Of lanes that did not report, and between the lanes and the stride.
inline size_t ValuesThatNobodyReported(const GroupWindow& window) {
  size_t count = 0;
  for (size_t row = 0; row < window.dates().size(); ++row) {
    for (size_t column = 0; column < window.indicators().size(); ++column) {
      for (size_t lane = 0; lane < window.stride(); ++lane) {
        const bool reported = lane < window.size() && window.ReportedOn(row).test(lane);
        if (!reported && window.Cells(row, column)[lane] != GroupWindow::kAbsent) ++count;
      }
    }
  }
  return count;
}

// A window must say the same, where it can.
inline void ExpectAWindowSays(const Lanes& expected, const BlockKey& key, PileReader* reader) {
  std::set<Date> dates;
  for (const auto& report : expected.reports) dates.insert(report.second);
  const bool fits = dates.size() <= GroupWindow::kMostRows &&
                    std::ranges::all_of(expected.values, [](const auto& value) {
                      return GroupWindow::Fits(value.second);
                    });
  GroupWindow window = UsedWindow(key.group);
  const absl::StatusOr<bool> read = reader->ReadInto(&window);
  ASSERT_TRUE(read.ok()) << read.status();
  // A value that does not fit may be one that a later part has replaced.
  if (fits && reader->parts().size() == 1) {
    EXPECT_TRUE(*read);
  }
  if (!*read) return;
  EXPECT_TRUE(fits);
  EXPECT_EQ(LanesOf(window), expected);
  EXPECT_EQ(ValuesThatNobodyReported(window), 0u);
}

// What the parts of `piles` say together.
inline absl::StatusOr<Cells> ReadAll(const BlockKey& key, const std::vector<std::string>& piles,
                                     DateRange range = {}) {
  PileReader reader;
  const std::vector<std::string_view> views(piles.begin(), piles.end());
  if (absl::Status status = reader.Open(views, key, range); !status.ok()) return status;
  Cells cells;
  Lanes lanes;
  History history;
  for (uint32_t low = 0; low < kSubjectsPerGroup; ++low) {
    history.Reset(key.group.At(static_cast<uint8_t>(low)));
    if (absl::Status status = reader.Read(static_cast<uint8_t>(low), &history); !status.ok()) {
      GroupWindow window(key.group);
      const absl::StatusOr<bool> read = reader.ReadInto(&window);
      // What does not fit is not read to its end.
      EXPECT_TRUE(absl::IsDataLoss(read.status()) || (read.ok() && !*read)) << read.status();
      return status;
    }
    AddTo(history, range, &lanes);
    for (const IndicatorId indicator : history.indicators()) {
      for (const Point& point : history.Of(indicator)) {
        cells[{history.subject(), indicator, point.date}] = {point.value, history.ArrivalOf(point)};
      }
    }
  }
  ExpectAWindowSays(lanes, key, &reader);
  return cells;
}
inline absl::StatusOr<Cells> ReadAll(const BlockKey& key, const std::string& pile,
                                     DateRange range = {}) {
  return ReadAll(key, std::vector<std::string>{pile}, range);
}

// Observations of random shape, sorted as a SheetWriter wants them: few or many households, dates,
// indicators and arrivals; constant, round, small, spiky and enormous values.
inline std::vector<Observation> RandomObservations(std::mt19937_64* random, int32_t year,
                                                   uint64_t batch) {
  const auto upto = [&](uint64_t n) { return (*random)() % n; };
  const int32_t first = KeyOf(year).FirstDay().days();
  const int32_t days = KeyOf(year + 1).FirstDay().days() - first;
  std::vector<Observation> observations;
  const uint64_t households = 1 + upto(6);
  const uint64_t dates = 1 + upto(8);
  const uint64_t arrivals = 1 + upto(3);
  for (uint64_t h = 0; h < households; ++h) {
    const auto household = static_cast<uint32_t>(1 + upto(255));
    for (uint64_t d = 0; d < dates; ++d) {
      const auto date = Date::OfDays(first + static_cast<int32_t>(upto(days)));
      for (uint64_t i = 0; i < 1 + upto(5); ++i) {
        const auto indicator = static_cast<IndicatorId>(1 + upto(upto(4) == 0 ? 65535 : 6));
        int64_t value = static_cast<int64_t>(upto(3)) - 1;
        if (upto(3) == 0) value = static_cast<int64_t>(upto(2'000)) * 100 - 50'000;
        if (upto(9) == 0) value = static_cast<int64_t>(upto(1'800'000'000'001)) - 900'000'000'000;
        Arrival arrival = ArrivalAt(static_cast<int64_t>(upto(arrivals)) * 7'000'000, batch);
        arrival.source = static_cast<Source>(1 + upto(3));
        observations.push_back(
            {{kVillage, SubjectKind::kHousehold, household}, indicator, date, value, arrival});
      }
    }
  }
  std::stable_sort(observations.begin(), observations.end(),
                   [](const Observation& a, const Observation& b) {
                     return std::tie(a.subject, a.date) < std::tie(b.subject, b.date);
                   });
  return observations;
}

}  // namespace shouwang
