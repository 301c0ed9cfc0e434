#include "daemon/screening/township_tally.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/screening/reports.h"

namespace shouwang::screening {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class TownshipTallyTest : public testing::Test {
 protected:
  // Of household `number`, yuan and decimals as the catalogue has them.
  void Say(uint32_t number, IndicatorId indicator, const std::string& date, int64_t value,
           const std::string& collector = "east", const std::string& at = "2026-07-01T02:00Z") {
    shelf_.Take({*Subject::Household(*Division::Parse("520502001001"), number), indicator,
                 Day(date), value, collector, source_,
                 ParseInstant(at.substr(0, 16) + ":00Z").value()});
  }
  const std::vector<ReporterTally>& Tally(const std::string& from = "2026-01",
                                          const std::string& to = "2026-06") {
    reporters_ = shelf_.Tally(policy_, catalogue_, *Division::Parse("520502001"),
                              {MonthOf(from), MonthOf(to)});
    return reporters_;
  }
  static std::pair<uint64_t, uint64_t> Of(const Share& share) { return {share.hits, share.values}; }
  using Counts = std::pair<uint64_t, uint64_t>;

  const Catalogue catalogue_ = SmallCatalogue();
  const risk::Policy policy_ = SmallPolicy(catalogue_);
  Source source_ = Source::kCadreVisit;
  Shelf shelf_;
  std::vector<ReporterTally> reporters_;
};

TEST_F(TownshipTallyTest, AnAmountEqualToTheMonthBeforeIsCopied) {
  Say(1, kWage, "2026-01-15", 3'217'00);
  Say(1, kWage, "2026-02-17", 3'217'00);  // the same
  Say(1, kWage, "2026-03-15", 3'300'00);  // another
  Say(1, kWage, "2026-05-15", 3'300'00);  // the month before is missing
  Say(1, kMedical, "2026-01-15", 0);
  Say(1, kMedical, "2026-02-17", 0);  // nothing twice is no copy
  const ReporterTally& tally = Tally().at(0);
  EXPECT_EQ(Of(tally.pairs[0].share), Counts(1, 2));
  EXPECT_EQ(Of(tally.pairs[1].share), Counts(0, 0));
  EXPECT_EQ(Of(tally.pairs[2].share), Counts(0, 0));
  const std::vector<Example> examples = tally.pairs[0].examples.Sorted();
  ASSERT_THAT(examples, SizeIs(1));
  EXPECT_EQ(examples[0].subject.ToString(), "520502001001/1");
  EXPECT_EQ(examples[0].date, Day("2026-02-17"));
  EXPECT_EQ(examples[0].date_before, Day("2026-01-15"));
  EXPECT_EQ(examples[0].value, 3217);
  EXPECT_EQ(tally.households, 1u);
  EXPECT_EQ(tally.reports, 4u);
}

TEST_F(TownshipTallyTest, TheFirstMonthIsComparedWithTheOneBeforeIt) {
  Say(1, kWage, "2025-12-15", 3'217'00);
  Say(1, kWage, "2026-01-15", 3'217'00);
  EXPECT_EQ(Of(Tally().at(0).pairs[0].share), Counts(1, 1));
  EXPECT_EQ(reporters_[0].reports, 1u) << "December is not asked for";
}

TEST_F(TownshipTallyTest, AReportersOwnWordOfTheMonthBeforeCountsEvenIfAnotherSpokeLater) {
  Say(1, kWage, "2026-01-10", 3'217'00, "east");
  Say(1, kWage, "2026-01-20", 4'000'00, "west");
  Say(1, kWage, "2026-02-15", 3'217'00, "east");
  Say(2, kWage, "2026-01-20", 4'000'00, "west");
  Say(2, kWage, "2026-02-15", 4'000'00, "east");  // has none of its own
  Tally();
  EXPECT_EQ(Of(reporters_.at(0).pairs[0].share), Counts(2, 2));
  const std::vector<Example> examples = reporters_[0].pairs[0].examples.Sorted();
  ASSERT_THAT(examples, SizeIs(2));
  std::vector<Date> before;
  for (const Example& example : examples) before.push_back(*example.date_before);
  EXPECT_THAT(before, testing::UnorderedElementsAre(Day("2026-01-10"), Day("2026-01-20")));
}

TEST_F(TownshipTallyTest, AReportSaidAgainNeedsAllItsAmounts) {
  for (const char* date : {"2026-01-15", "2026-02-15", "2026-03-15"}) {
    Say(1, kWage, date, 3'217'00);
    Say(1, kPension, date, 183);
    Say(1, kMedical, date, date == std::string("2026-03-15") ? 60 : 0);
    Say(2, kPension, date, 183);  // one amount is too few for a report
  }
  const ReporterTally& tally = Tally().at(0);
  EXPECT_EQ(Of(tally.reports_again), Counts(1, 2));
  const std::vector<Example> examples = tally.report_examples.Sorted();
  ASSERT_THAT(examples, SizeIs(1));
  EXPECT_EQ(examples[0].date, Day("2026-02-15"));
  EXPECT_EQ(examples[0].value, 2) << "two amounts above 0";
}

TEST_F(TownshipTallyTest, AmountsAreRoundByTheirMagnitude) {
  Say(1, kMedical, "2026-01-15", 99);     // too small to be round or not
  Say(1, kMedical, "2026-02-15", 300);    // round
  Say(1, kMedical, "2026-03-15", 350);    // not, below 1,000
  Say(1, kMedical, "2026-04-15", 1'500);  // round
  Say(1, kMedical, "2026-05-15", 1'600);  // not, from 1,000 on
  Say(1, kMedical, "2026-06-15", 1'600);  // not said anew
  Say(1, kWage, "2026-01-15", 2'000'00);  // round
  Say(1, kWage, "2026-02-15", 2'000'50);  // not: fifty fen
  EXPECT_EQ(Of(Tally().at(0).round), Counts(3, 6));
  EXPECT_THAT(reporters_[0].round_examples.Sorted(), SizeIs(3));
}

TEST_F(TownshipTallyTest, LastDigitsAreOfWholeYuanOfTenAndMore) {
  Say(1, kMedical, "2026-01-15", 7);    // a first digit
  Say(1, kMedical, "2026-02-15", 17);   // 7
  Say(1, kMedical, "2026-03-15", 17);   // not said anew
  Say(1, kMedical, "2026-04-15", 120);  // 0 is heaping's
  Say(1, kWage, "2026-01-15", 3'219'70);
  EXPECT_EQ(Tally().at(0).digits, (Digits{0, 0, 0, 0, 0, 0, 1, 0, 1}));
}

TEST_F(TownshipTallyTest, IncomesJustAboveTheLineAreToldFromThoseJustBelow) {
  for (const auto& [number, wage] :
       std::vector<std::pair<uint32_t, int64_t>>{{1, 899'99},  // below the window of 900
                                                 {2, 900'00},  // below the line
                                                 {3, 999'99},
                                                 {4, 1'000'00},  // above it
                                                 {5, 1'099'99},
                                                 {6, 1'100'00}}) {  // beyond the window
    Say(number, kWage, "2026-06-15", wage);
    Say(number, kPersons, "2026-06-15", 1);
  }
  Say(7, kWage, "2025-12-15", 1'000'00);  // no report in the months
  Say(7, kPersons, "2025-12-15", 1);
  Say(8, kWage, "2026-06-15", 1'000'00);  // of unknown income: nobody knows how many they are
  EXPECT_EQ(Of(Tally().at(0).above_line), Counts(2, 4));
  const std::vector<Example> examples = reporters_[0].income_examples.Sorted();
  ASSERT_THAT(examples, SizeIs(2));
  EXPECT_EQ(examples[0].value, 1000);
}

TEST_F(TownshipTallyTest, VisitsOfCadresAreCountedByTheDay) {
  for (uint32_t number = 1; number <= 50; ++number) {
    Say(number, kWage, "2026-06-15", 3'000'00);
    Say(number, kMedical, "2026-06-15", 20);  // the same visit
  }
  EXPECT_EQ(Of(Tally().at(0).visits), Counts(10, 50));
  ASSERT_THAT(reporters_[0].speed_examples, SizeIs(1));
  EXPECT_EQ(reporters_[0].speed_examples[0].value, 50);
}

TEST_F(TownshipTallyTest, OtherSourcesVisitNobody) {
  source_ = Source::kDepartmentScreening;
  for (uint32_t number = 1; number <= 50; ++number) Say(number, kWage, "2026-06-15", 3'000'00);
  EXPECT_EQ(Of(Tally().at(0).visits), Counts(0, 0));
  EXPECT_EQ(reporters_[0].reports, 50u);
}

TEST_F(TownshipTallyTest, AValueCountsToWhoSaidItAlsoWhereItWasCorrected) {
  Say(1, kWage, "2026-01-15", 3'217'00, "east");
  Say(1, kWage, "2026-02-15", 3'217'00, "east");
  Say(1, kWage, "2026-02-15", 2'954'00, "west", "2026-07-02T02:00Z");
  Tally();
  ASSERT_THAT(reporters_, SizeIs(2));
  EXPECT_EQ(reporters_[0].reporter.collector, "east");
  EXPECT_EQ(Of(reporters_[0].pairs[0].share), Counts(1, 1)) << "what east said was a copy";
  EXPECT_EQ(Of(reporters_[1].pairs[0].share), Counts(0, 1)) << "west is held against what stands";
}

TEST_F(TownshipTallyTest, WhoCorrectsItselfIsHeldToItsLastWord) {
  Say(1, kWage, "2026-01-15", 3'217'00);
  Say(1, kWage, "2026-02-15", 3'217'00);
  Say(1, kWage, "2026-02-15", 2'954'00, "east", "2026-07-02T02:00Z");
  EXPECT_EQ(Of(Tally().at(0).pairs[0].share), Counts(0, 1));
}

TEST_F(TownshipTallyTest, ValuesOfForgottenBatchesCountToNobody) {
  Say(1, kWage, "2026-01-15", 3'217'00);
  shelf_.ForgetBatches();
  EXPECT_THAT(Tally(), IsEmpty());
  EXPECT_EQ(shelf_.values_of_unknown_batches(), 1u);
}

TEST_F(TownshipTallyTest, SitesAreNoHouseholds) {
  shelf_.Take({Subject::Parse("520502001/S1").value(), kWage, Day("2026-01-15"), 100, "east",
               Source::kCadreVisit, Instant()});
  EXPECT_THAT(Tally(), IsEmpty());
}

TEST_F(TownshipTallyTest, TooManyReportersAreRefusedByName) {
  const auto origin_of = [](uint64_t batch) -> absl::StatusOr<std::optional<BatchOrigin>> {
    return BatchOrigin{"collector" + std::to_string(batch), Source::kCadreVisit, Instant()};
  };
  TownshipTally tally(policy_, catalogue_, *Division::Parse("520502001"),
                      {MonthOf("2026-01"), MonthOf("2026-06")}, origin_of);
  absl::Status status;
  for (uint32_t i = 1; i <= kMaxReportersOfTownship + 1; ++i) {
    ASSERT_TRUE(status.ok());
    History history(*Subject::Household(*Division::Parse("520502001001"), i));
    history.Put(kWage, Day("2026-01-15"), 1, {Instant(), Instant(), i, Source::kCadreVisit});
    status = tally.Add(history, {});
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(HasSubstr("520502001"), HasSubstr("1000")));
}

TEST_F(TownshipTallyTest, FailsAsTheStoreDoes) {
  const auto origin_of = [](uint64_t) -> absl::StatusOr<std::optional<BatchOrigin>> {
    return absl::DataLossError("batch 7: checksum");
  };
  TownshipTally tally(policy_, catalogue_, *Division::Parse("520502001"),
                      {MonthOf("2026-01"), MonthOf("2026-06")}, origin_of);
  History history(Subject::Parse("520502001001/1").value());
  history.Put(kWage, Day("2026-01-15"), 1, {Instant(), Instant(), 7, Source::kCadreVisit});
  EXPECT_EQ(tally.Add(history, {}).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace shouwang::screening
