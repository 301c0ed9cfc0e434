#include "storage/vocabulary/observation_list.h"

#include <gtest/gtest.h>

namespace shouwang {
namespace {

const Subject kHousehold17{520502001001, SubjectKind::kHousehold, 17};
const Subject kHousehold18{520502001001, SubjectKind::kHousehold, 18};

Arrival ArrivedAt(int64_t ms) {
  return {Instant(std::chrono::milliseconds(ms)), Instant(std::chrono::milliseconds(ms + 1)), 1,
          Source::kCadreVisit};
}
Observation Of(const Subject& subject, IndicatorId indicator, int32_t day, int64_t value,
               int64_t ms = 5) {
  return {subject, indicator, Date::OfDays(day), value, ArrivedAt(ms)};
}

TEST(ObservationListTest, KeepsOneReportForASubjectADateAndAnArrival) {
  const ObservationList list = {Of(kHousehold17, 1, 100, 7), Of(kHousehold17, 2, 100, 8),
                                Of(kHousehold17, 1, 101, 9), Of(kHousehold18, 1, 101, 10),
                                Of(kHousehold18, 2, 101, 11, 6)};
  ASSERT_EQ(list.reports().size(), 4u);
  EXPECT_EQ(list.CellsOf(list.reports()[0]).size(), 2u);
  EXPECT_EQ(list.CellsOf(list.reports()[0])[1], (ObservationList::Cell{2, 8}));
  EXPECT_EQ(list.arrivals().size(), 2u);
  EXPECT_EQ(list.size(), 5u);
}

TEST(ObservationListTest, GivesBackEachObservationInTheOrderTheyCame) {
  const std::vector<Observation> observations = {
      Of(kHousehold17, 1, 100, 7), Of(kHousehold17, 2, 100, 8), Of(kHousehold18, 1, 101, 10, 9)};
  ObservationList list;
  for (const Observation& observation : observations) list.push_back(observation);
  for (size_t i = 0; i < observations.size(); ++i) EXPECT_EQ(list[i], observations[i]);
}

TEST(ObservationListTest, AReportWithoutACellDoesNotStay) {
  ObservationList list;
  list.BeginReport(kHousehold17, Date::OfDays(100), list.AddArrival(ArrivedAt(5)));
  list.BeginReport(kHousehold18, Date::OfDays(100), list.AddArrival(ArrivedAt(5)));
  list.AddCell(3, 30);
  ASSERT_EQ(list.reports().size(), 1u);
  EXPECT_EQ(list[0], Of(kHousehold18, 3, 100, 30));
}

}  // namespace
}  // namespace shouwang
