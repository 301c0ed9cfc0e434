#include <shouwang/v1/series.grpc.pb.h>

#include <limits>

#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SeriesServiceTest : public QueryServer {
 protected:
  grpc::Status History(const v1::GetHistoryRequest& request) {
    grpc::ClientContext context;
    return Stub<v1::SeriesService>()->GetHistory(&context, request, &history_);
  }
  grpc::Status Rollups(const v1::ListRollupsRequest& request) {
    grpc::ClientContext context;
    return Stub<v1::SeriesService>()->ListRollups(&context, request, &rollups_);
  }
  // "place month count sum"
  std::vector<std::string> Rows() const {
    std::vector<std::string> rows;
    for (const v1::Rollup& rollup : rollups_.rollups()) {
      rows.push_back(rollup.place() + " " + Month::OfIndex(rollup.month()).ToString() + " " +
                     std::to_string(rollup.count()) + " " + std::to_string(rollup.sum()));
    }
    return rows;
  }
  static v1::ListRollupsRequest Autumn(v1::RollupView view) {
    v1::ListRollupsRequest request;
    request.set_view(view);
    request.set_indicator("wage_income");
    request.set_from_month(MonthOf("2026-09").index());
    request.set_to_month(MonthOf("2026-10").index());
    return request;
  }
  void CountWages() {
    county_.Count(Settlement("520502001"), kWage, "2026-09", 3, 300'00);
    county_.Count(Settlement("520502002"), kWage, "2026-09", 1, 50'00);
    county_.Count(Settlement("520502002"), kWage, "2026-10", 2, 70'00);
    county_.Count(Settlement("520302001"), kWage, "2026-09", 4, 10'00);
    county_.Count(Settlement("520502001"), kWage, "2026-08", 9, 9'00);
  }

  v1::GetHistoryResponse history_;
  v1::ListRollupsResponse rollups_;
};

TEST_F(SeriesServiceTest, GivesEveryPointWithWhereItCameFrom) {
  county_.Observe("520502001001/1", kWage, "2026-09-05", 3'000'50);
  county_.Observe("520502001001/1", kWage, "2026-10-05", 2'000'00);
  county_.Settle("520502001001/1", "520502001/S3", "520302001001");
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/1");
  ASSERT_TRUE(History(request).ok());
  ASSERT_EQ(history_.histories_size(), 1);
  ASSERT_EQ(history_.histories(0).series_size(), 1);
  const v1::Series& series = history_.histories(0).series(0);
  EXPECT_EQ(series.indicator(), "wage_income");
  EXPECT_EQ(series.unit(), "yuan");
  EXPECT_EQ(series.decimals(), 2);
  ASSERT_EQ(series.points_size(), 2);
  EXPECT_EQ(series.points(0).date(), Day("2026-09-05").days());
  EXPECT_EQ(series.points(0).value(), 300'050);
  EXPECT_EQ(series.points(0).source(), v1::SOURCE_CADRE_VISIT);
  EXPECT_EQ(series.points(0).batch(), 7);
  EXPECT_EQ(series.points(0).reported_at_ms(), 1'000);
  EXPECT_EQ(series.points(0).known_at_ms(), 2'000);
  EXPECT_EQ(history_.histories(0).residence().site(), "520502001/S3");
  EXPECT_EQ(history_.histories(0).residence().origin(), "520302001001");
}

TEST_F(SeriesServiceTest, CutsToTheIndicatorsAndDaysAskedFor) {
  county_.Observe("520502001001/1", kWage, "2026-09-05", 1);
  county_.Observe("520502001001/1", kWage, "2026-10-05", 2);
  county_.Observe("520502001001/1", kMedical, "2026-10-05", 3);
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/1");
  request.add_indicators("wage_income");
  request.set_from(Day("2026-10-01").days());
  request.set_to(Day("2026-10-05").days());
  ASSERT_TRUE(History(request).ok());
  ASSERT_EQ(history_.histories(0).series_size(), 1);
  ASSERT_EQ(history_.histories(0).series(0).points_size(), 1);
  EXPECT_EQ(history_.histories(0).series(0).points(0).value(), 2);
}

TEST_F(SeriesServiceTest, ASubjectThatReportedAtOtherTimesIsEmptyNotMissing) {
  county_.Observe("520502001001/1", kWage, "2026-09-05", 1);
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/1");
  request.set_from(Day("2026-10-01").days());
  request.set_to(Day("2026-10-31").days());
  ASSERT_TRUE(History(request).ok());
  EXPECT_EQ(history_.histories(0).series_size(), 0);
}

TEST_F(SeriesServiceTest, NamesTheSubjectThatNeverReported) {
  county_.Observe("520502001001/1", kWage, "2026-09-05", 1);
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/1");
  request.add_subjects("520502001001/99");
  const grpc::Status status = History(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "520502001001/99 has never reported");
}

TEST_F(SeriesServiceTest, NamesEveryFieldOfAHistoryRequestAtFault) {
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/1");
  request.add_subjects("somebody");
  request.add_indicators("shoe_size");
  request.set_from(20);
  request.set_to(10);
  const grpc::Status status = History(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(status), ElementsAre("subjects[1]", "indicators[0]", "to"));
}

TEST_F(SeriesServiceTest, BoundsTheNumberOfSubjectsFromBelowAndAbove) {
  Up();
  v1::GetHistoryRequest request;
  EXPECT_THAT(FieldsOf(History(request)), ElementsAre("subjects"));
  for (int i = 1; i <= 1'001; ++i) request.add_subjects("520502001001/" + std::to_string(i));
  const grpc::Status status = History(request);
  EXPECT_THAT(FieldsOf(status), ElementsAre("subjects"));
  EXPECT_THAT(status.error_message(), HasSubstr("1001 are over the limit of 1000"));
}

TEST_F(SeriesServiceTest, TakesAHistoryBackToAnInstant) {
  county_.Observe("520502001001/1", kWage, "2026-09-05", 3'000'50);
  county_.Settle("520502001001/1", "520502001/S3", "520302001001");
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/1");
  request.set_as_of_ms(2'000);
  ASSERT_TRUE(History(request).ok());
  ASSERT_EQ(history_.histories(0).series_size(), 1);
  EXPECT_EQ(history_.histories(0).series(0).points(0).value(), 300'050);
  // Where it lived then is not known.
  EXPECT_FALSE(history_.histories(0).has_residence());
  request.set_as_of_ms(1'999);
  ASSERT_TRUE(History(request).ok());
  ASSERT_EQ(history_.histories_size(), 1);
  EXPECT_EQ(history_.histories(0).subject(), "520502001001/1");
  EXPECT_EQ(history_.histories(0).series_size(), 0);
  request.set_as_of_ms(0);
  ASSERT_TRUE(History(request).ok());
  EXPECT_EQ(history_.histories(0).series_size(), 0);
}

TEST_F(SeriesServiceTest, ACorrectedValueIsToldUntilItsCorrection) {
  county_.Observe("520502001001/1", kWage, "2026-09-05", 70);
  county_.Supersede("520502001001/1", kWage, "2026-09-05", 60, 1'500, 2'000);
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/1");
  request.set_from(Day("2026-09-01").days());
  request.set_to(Day("2026-09-30").days());
  const auto value_at = [&](int64_t ms) {
    request.set_as_of_ms(ms);
    EXPECT_TRUE(History(request).ok());
    const v1::SubjectHistory& history = history_.histories(0);
    return history.series_size() == 0 ? -1 : history.series(0).points(0).value();
  };
  EXPECT_EQ(value_at(1'499), -1);
  EXPECT_EQ(value_at(1'500), 60);
  EXPECT_EQ(value_at(1'999), 60);
  EXPECT_EQ(value_at(2'000), 70);
  request.set_from(Day("2026-10-01").days());
  request.set_to(Day("2026-10-31").days());
  EXPECT_EQ(value_at(1'999), -1);
}

TEST_F(SeriesServiceTest, RefusesAnInstantThatIsYetToCome) {
  county_.Observe("520502001001/1", kWage, "2026-09-05", 1);
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/1");
  // The end of today in China: what is known so far.
  request.set_as_of_ms(EndOf(Day("2026-11-15")).time_since_epoch().count());
  EXPECT_TRUE(History(request).ok());
  request.set_as_of_ms(request.as_of_ms() + 1);
  const grpc::Status tomorrow = History(request);
  EXPECT_EQ(tomorrow.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(tomorrow), ElementsAre("as_of_ms"));
  EXPECT_THAT(tomorrow.error_message(),
              HasSubstr("2026-11-15T16:00:00.000Z is in the future; here it is "
                        "2026-11-15T04:00:00.000Z"));
  request.set_as_of_ms(std::numeric_limits<int64_t>::max());
  EXPECT_THAT(FieldsOf(History(request)), ElementsAre("as_of_ms"));
  request.set_as_of_ms(std::numeric_limits<int64_t>::min());
  EXPECT_THAT(FieldsOf(History(request)), ElementsAre("as_of_ms"));
}

TEST_F(SeriesServiceTest, WhoNeverReportedHasNotReportedThenEither) {
  Up();
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/99");
  request.set_as_of_ms(5'000);
  EXPECT_EQ(History(request).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(SeriesServiceTest, GroupsTownshipsUpwardsByDigits) {
  CountWages();
  Up();
  v1::ListRollupsRequest request = Autumn(v1::ROLLUP_VIEW_SETTLEMENT);
  request.set_group_digits(6);
  ASSERT_TRUE(Rollups(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520302 2026-09 4 1000", "520502 2026-09 4 35000",
                                  "520502 2026-10 2 7000"));
  EXPECT_EQ(rollups_.rollups(1).name(), "七星关区");
  EXPECT_EQ(rollups_.unit(), "yuan");
  EXPECT_EQ(rollups_.decimals(), 2);

  request.set_group_digits(0);
  ASSERT_TRUE(Rollups(request).ok());
  EXPECT_THAT(Rows(), ElementsAre(" 2026-09 8 36000", " 2026-10 2 7000"));

  request.set_region("520502");
  request.set_group_digits(9);
  ASSERT_TRUE(Rollups(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001 2026-09 3 30000", "520502002 2026-09 1 5000",
                                  "520502002 2026-10 2 7000"));
}

TEST_F(SeriesServiceTest, AddsUpPlacesThatReportedInDifferentMonths) {
  for (const char* month : {"2026-07", "2026-09"}) {
    county_.Count(Settlement("520502001"), kWage, month, 1, 1'00);
  }
  for (const char* month : {"2026-06", "2026-08", "2026-09", "2026-10"}) {
    county_.Count(Settlement("520502002"), kWage, month, 1, 20'00);
  }
  county_.Count(Settlement("520502003"), kWage, "2026-07", 1, 300'00);
  county_.Count(Settlement("520302001"), kWage, "2026-08", 1, 4'000'00);
  Up();
  v1::ListRollupsRequest request = Autumn(v1::ROLLUP_VIEW_SETTLEMENT);
  request.set_from_month(MonthOf("2026-06").index());
  request.set_group_digits(6);
  ASSERT_TRUE(Rollups(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520302 2026-08 1 400000", "520502 2026-06 1 2000",
                                  "520502 2026-07 2 30100", "520502 2026-08 1 2000",
                                  "520502 2026-09 2 2100", "520502 2026-10 1 2000"));
}

TEST_F(SeriesServiceTest, KeepsTheViewsApart) {
  CountWages();
  county_.Count(Origin("520302001"), kWage, "2026-09", 2, 20'00);
  county_.Count(SitePlace("520502001", "520502001/S3"), kWage, "2026-09", 2, 21'00);
  Up();
  v1::ListRollupsRequest request = Autumn(v1::ROLLUP_VIEW_ORIGIN);
  request.set_group_digits(4);
  ASSERT_TRUE(Rollups(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("5203 2026-09 2 2000"));
  request = Autumn(v1::ROLLUP_VIEW_SITE);
  ASSERT_TRUE(Rollups(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502001/S3 2026-09 2 2100"));
  EXPECT_EQ(rollups_.rollups(0).name(), "柏杨林");
}

TEST_F(SeriesServiceTest, CountsSubjectsWithAnyObservationWhereNoIndicatorIsNamed) {
  county_.Count(Settlement("520502001"), kAnyIndicator, "2026-09", 12, 0);
  Up();
  v1::ListRollupsRequest request = Autumn(v1::ROLLUP_VIEW_SETTLEMENT);
  request.clear_indicator();
  request.set_region("520502");
  ASSERT_TRUE(Rollups(request).ok());
  EXPECT_THAT(Rows(), ElementsAre("520502 2026-09 12 0"));
  EXPECT_EQ(rollups_.unit(), "subjects");
}

TEST_F(SeriesServiceTest, TellsHowTheValuesOfCountiesAddedUpAreSpread) {
  CountWages();
  county_.Spread(*Division::Parse("520502"), kWage, "2026-09", {100, 1'000'000, 1'000'000});
  county_.Spread(*Division::Parse("520302"), kWage, "2026-09", {8, 9});
  // What townships have is told for townships only.
  county_.Spread(*Division::Parse("520502001"), kWage, "2026-09", {7});
  Up();
  v1::ListRollupsRequest request = Autumn(v1::ROLLUP_VIEW_SETTLEMENT);
  request.set_group_digits(2);
  request.set_with_spread(true);
  request.set_below("1.00");
  ASSERT_TRUE(Rollups(request).ok());
  ASSERT_EQ(Rows()[0], "52 2026-09 8 36000");
  const v1::Spread& spread = rollups_.rollups(0).spread();
  EXPECT_EQ(spread.below_at_least(), 2u);
  EXPECT_EQ(spread.below_at_most(), 2u);
  EXPECT_EQ(spread.p50().least(), 100);
  EXPECT_EQ(spread.p50().greatest(), 103);
  EXPECT_EQ(spread.p90().least(), 983'040);
  EXPECT_EQ(spread.p90().greatest(), 1'015'807);
  EXPECT_FALSE(rollups_.rollups(1).has_spread());
  request.set_region("520502");
  request.set_group_digits(9);
  ASSERT_TRUE(Rollups(request).ok());
  EXPECT_EQ(rollups_.rollups(0).spread().p50().least(), 7);
}

TEST_F(SeriesServiceTest, RefusesALineThatIsNoNumberOrHasNothingToCount) {
  Up();
  v1::ListRollupsRequest request = Autumn(v1::ROLLUP_VIEW_SETTLEMENT);
  request.set_with_spread(true);
  request.set_below("poor");
  EXPECT_THAT(FieldsOf(Rollups(request)), ElementsAre("below"));
  request.set_with_spread(false);
  request.set_below("8800");
  EXPECT_THAT(FieldsOf(Rollups(request)), ElementsAre("below"));
  request.clear_below();
  request.clear_indicator();
  request.set_with_spread(true);
  EXPECT_THAT(FieldsOf(Rollups(request)), ElementsAre("with_spread"));
}

TEST_F(SeriesServiceTest, NamesEveryFieldOfARollupRequestAtFault) {
  Up();
  v1::ListRollupsRequest request;
  request.set_region("520502001001");
  request.set_group_digits(5);
  request.set_indicator("shoe_size");
  request.set_from_month(600);
  request.set_to_month(599);
  const grpc::Status status = Rollups(request);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(status),
              ElementsAre("view", "region", "group_digits", "indicator", "to_month"));
}

TEST_F(SeriesServiceTest, BoundsTheMonthsAndTheirCalendar) {
  Up();
  v1::ListRollupsRequest request;
  request.set_view(v1::ROLLUP_VIEW_SETTLEMENT);
  request.set_from_month(400);
  request.set_to_month(639);
  EXPECT_TRUE(Rollups(request).ok());
  request.set_to_month(640);
  EXPECT_THAT(Rollups(request).error_message(), HasSubstr("241 months are over the limit of 240"));
  request.set_from_month(2'147'483'600);
  request.set_to_month(2'147'483'647);
  EXPECT_THAT(FieldsOf(Rollups(request)), ElementsAre("from_month", "to_month"));
  request.set_from_month(-2'147'483'647);
  request.set_to_month(2'147'483'647);
  const grpc::Status outside = Rollups(request);
  EXPECT_THAT(FieldsOf(outside), ElementsAre("from_month", "to_month"));
  EXPECT_THAT(outside.error_message(),
              HasSubstr("-2147483647 months since January 1970 is outside 1900-01 to 2199-12"));
  request.set_from_month(MonthOf("2026-08").index());
  request.set_to_month(MonthOf("2026-07").index());
  EXPECT_THAT(Rollups(request).error_message(), HasSubstr("2026-07 is before from_month, 2026-08"));
}

TEST_F(SeriesServiceTest, RefusesToGroupByMoreThanTheRegion) {
  Up();
  v1::ListRollupsRequest request = Autumn(v1::ROLLUP_VIEW_SETTLEMENT);
  request.set_region("520502");
  request.set_group_digits(4);
  EXPECT_THAT(FieldsOf(Rollups(request)), ElementsAre("group_digits"));
}

}  // namespace
}  // namespace shouwang::query
