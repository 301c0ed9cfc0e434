#include "daemon/ingest/check.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <functional>

#include "daemon/wire/status.h"
#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CheckTest : public testing::Test {
 protected:
  CheckedBatch Check(const v1::Batch& batch) {
    absl::StatusOr<CheckedBatch> checked = CheckBatch(batch, *rulebook_, now_, bounds_);
    EXPECT_TRUE(checked.ok()) << checked.status();
    return checked.ok() ? *std::move(checked) : CheckedBatch();
  }

  // "field: description" of each violation; empty where the batch is not refused.
  std::vector<std::string> Violations(const v1::Batch& batch) {
    const absl::StatusOr<CheckedBatch> checked = CheckBatch(batch, *rulebook_, now_, bounds_);
    std::vector<std::string> lines;
    if (checked.ok()) return lines;
    EXPECT_EQ(checked.status().code(), absl::StatusCode::kInvalidArgument);
    const google::rpc::Status refusal = wire::ToProto(checked.status());
    for (const google::protobuf::Any& any : refusal.details()) {
      google::rpc::BadRequest detail;
      if (!any.UnpackTo(&detail)) continue;
      for (const auto& violation : detail.field_violations()) {
        lines.push_back(violation.field() + ": " + violation.description());
      }
    }
    return lines;
  }

  // The violations of a good batch after `change`.
  std::vector<std::string> ViolationsOf(const std::function<void(v1::Batch*)>& change) {
    v1::Batch batch = Good();
    change(&batch);
    return Violations(batch);
  }

  // Two households of village 001, two indicators.
  v1::Batch Good() {
    return MakeBatch("r1", {{Household(1), Day("2026-05-31"), "wage_income", 120000},
                            {Household(2), Day("2026-05-31"), "wage_income", 90000},
                            {Household(1), Day("2026-05-31"), "household_size", 4},
                            {Household(2), Day("2026-05-31"), "household_size", 3}});
  }

  static std::vector<std::string> Messages(const CheckedBatch& checked) {
    std::vector<std::string> messages;
    for (const v1::Rejection& rejection : checked.receipt.rejections()) {
      messages.push_back(rejection.message());
    }
    return messages;
  }

  // subject indicator date value
  static std::vector<std::string> Values(const CheckedBatch& checked) {
    std::vector<std::string> lines;
    const ObservationList& list = checked.observations;
    for (const ObservationList::Report& report : list.reports()) {
      for (const ObservationList::Cell& cell : list.CellsOf(report)) {
        lines.push_back(report.subject.ToString() + " " + std::to_string(cell.indicator) + " " +
                        report.date.ToString() + " " + std::to_string(cell.value));
      }
    }
    return lines;
  }

  std::shared_ptr<const Rulebook> rulebook_ = MakeRulebook();
  Instant now_ = At("2026-07-01");
  IngestBounds bounds_;
};

TEST_F(CheckTest, SortsReportsBySubjectAndDateAndTheirValuesByIndicator) {
  const CheckedBatch checked =
      Check(MakeBatch("r1", {{Household(7, 2), Day("2026-05-31"), "wage_income", 1},
                             {Household(9), Day("2026-05-31"), "household_size", 2},
                             {Household(9), Day("2026-05-31"), "wage_income", 3},
                             {Household(2), Day("2026-05-31"), "wage_income", 4},
                             {Household(9), Day("2026-04-30"), "wage_income", 5}}));
  EXPECT_THAT(Values(checked),
              ElementsAre("520502001001/2 1 2026-05-31 4", "520502001001/9 1 2026-04-30 5",
                          "520502001001/9 1 2026-05-31 3", "520502001001/9 2 2026-05-31 2",
                          "520502001002/7 1 2026-05-31 1"));
  EXPECT_EQ(checked.receipt.rejected(), 0u);
  EXPECT_EQ(checked.receipt.request_id(), "r1");
  EXPECT_EQ(checked.township.ToString(), "520502001");
  EXPECT_EQ(checked.collector, "test");
}

TEST_F(CheckTest, ADateMayStandForAllReportsOfASection) {
  v1::Batch batch = Good();
  batch.mutable_sections(0)->clear_dates();
  batch.mutable_sections(0)->add_dates(Day("2026-03-31").days());
  EXPECT_THAT(Values(Check(batch)),
              ElementsAre("520502001001/1 1 2026-03-31 120000", "520502001001/1 2 2026-03-31 4",
                          "520502001001/2 1 2026-03-31 90000", "520502001001/2 2 2026-03-31 3"));
}

TEST_F(CheckTest, RefusesABatchWithoutItsNames) {
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->clear_request_id(); }),
              ElementsAre("request_id: is empty; 1 to 64 bytes are needed"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->set_request_id(std::string(65, 'x')); }),
              ElementsAre("request_id: has 65 bytes; the limit is 64"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->clear_collector(); }),
              ElementsAre("collector: is empty; 1 to 64 bytes are needed"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->set_collector(std::string(65, 'x')); }),
              ElementsAre("collector: has 65 bytes; the limit is 64"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->clear_source(); }),
              ElementsAre("source: is not set"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->set_source(static_cast<v1::Source>(9)); }),
              ElementsAre("source: 9 is not a source"));
}

TEST_F(CheckTest, RefusesABatchOfNoTownship) {
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->set_township("520502"); }),
              ElementsAre("township: '520502' is not a township code of 9 digits"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->set_township("Longchang"); }),
              ElementsAre("township: 'Longchang' is not a township code of 9 digits"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->set_township("520502999"); }),
              ElementsAre("township: 520502999 is not a known division"));
}

TEST_F(CheckTest, RefusesAReportThatWasMadeInTheFuture) {
  const auto reported = [&](Instant at) {
    return ViolationsOf(
        [&](v1::Batch* b) { b->set_reported_at_ms(at.time_since_epoch().count()); });
  };
  EXPECT_THAT(reported(At("2026-07-02")), IsEmpty());
  EXPECT_THAT(reported(At("2026-07-02", 1)),
              ElementsAre("reported_at_ms: 1782950400001 is more than a day ahead of the server's "
                          "clock, 1782864000000 (2026-07-01T00:00:00.000Z)"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->clear_reported_at_ms(); }),
              ElementsAre("reported_at_ms: 0 is before 1990-01-01; milliseconds since 1970 are "
                          "needed"));
}

TEST_F(CheckTest, RefusesAnIndicatorThatIsListedTwice) {
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) { b->add_indicators("wage_income"); }),
              ElementsAre("indicators[2]: 'wage_income' is given twice"));
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) {
                for (int i = 2; i < 40; ++i) b->add_indicators(fmt::format("indicator_{}", i));
                b->add_indicators("wage_income");
                b->add_indicators("indicator_39");
              }),
              ElementsAre("indicators[40]: 'wage_income' is given twice",
                          "indicators[41]: 'indicator_39' is given twice"));
}

TEST_F(CheckTest, RefusesABatchThatIsTooLarge) {
  EXPECT_THAT(ViolationsOf([](v1::Batch* b) {
                while (b->sections_size() < 65) *b->add_sections() = b->sections(0);
              }),
              ElementsAre("sections: has 65 sections; the limit is 64"));
  bounds_.max_reports = 1;
  bounds_.max_values = 3;
  EXPECT_THAT(ViolationsOf([](v1::Batch*) {}),
              ElementsAre("sections: 2 reports in all; the limit of a batch is 1",
                          "sections: 4 values in all; the limit of a batch is 3"));
}

TEST_F(CheckTest, RefusesArraysThatDoNotFit) {
  const auto section = [&](const std::function<void(v1::Section*)>& change) {
    return ViolationsOf([&](v1::Batch* b) { change(b->mutable_sections(0)); });
  };
  EXPECT_THAT(section([](v1::Section* s) { s->clear_kind(); }),
              ElementsAre("sections[0].kind: is not set"));
  EXPECT_THAT(
      section([](v1::Section* s) { s->add_dates(20000); }),
      ElementsAre("sections[0].dates: has 3 dates; one, or one for each of 2 reports, is needed"));
  EXPECT_THAT(section([](v1::Section* s) { s->mutable_columns(1)->add_values(7); }),
              ElementsAre("sections[0].columns[1].values: has 3 values; 2 reports are marked as "
                          "having one"));
  EXPECT_THAT(section([](v1::Section* s) { s->mutable_columns(1)->set_present("\x01"); }),
              ElementsAre("sections[0].columns[1].values: has 2 values; 1 reports are marked as "
                          "having one"));
  EXPECT_THAT(section([](v1::Section* s) { s->mutable_columns(1)->set_present("\x07"); }),
              ElementsAre("sections[0].columns[1].present: has a bit set past the last of 2 "
                          "reports"));
  EXPECT_THAT(section([](v1::Section* s) { s->mutable_columns(1)->set_present("\x03\x01"); }),
              ElementsAre("sections[0].columns[1].present: has 2 bytes; 2 reports need 1"));
  EXPECT_THAT(section([](v1::Section* s) { s->mutable_columns(1)->set_indicator(2); }),
              ElementsAre("sections[0].columns[1].indicator: is 2; the batch lists 2 indicators, "
                          "the first is 0"));
  EXPECT_THAT(section([](v1::Section* s) { s->mutable_columns(1)->set_indicator(0); }),
              ElementsAre("sections[0].columns[1].indicator: 0 has a column in this section "
                          "already"));
}

TEST_F(CheckTest, ReportsAllFaultsOfABatchTogether) {
  v1::Batch batch = Good();
  batch.clear_collector();
  batch.clear_source();
  const absl::Status status = CheckBatch(batch, *rulebook_, now_, bounds_).status();
  EXPECT_EQ(std::string(status.message()),
            "batch 'r1' refused: collector: is empty; 1 to 64 bytes are needed (and 1 more)");
  EXPECT_EQ(Violations(batch).size(), 2u);
}

TEST_F(CheckTest, RejectsAnUnknownIndicatorAndKeepsTheRest) {
  v1::Batch batch = Good();
  batch.set_indicators(1, "shoe_size");
  const CheckedBatch checked = Check(batch);
  EXPECT_EQ(checked.observations.size(), 2u);
  EXPECT_EQ(checked.receipt.rejected(), 2u);
  EXPECT_THAT(Messages(checked), ElementsAre("'shoe_size' is not a catalogued indicator",
                                             "'shoe_size' is not a catalogued indicator"));
  const v1::Rejection& first = checked.receipt.rejections(0);
  EXPECT_EQ(first.reason(), v1::REJECTION_REASON_UNKNOWN_INDICATOR);
  EXPECT_EQ(first.subject(), "520502001001/1");
  EXPECT_EQ(first.indicator(), "shoe_size");
  EXPECT_EQ(first.value(), "4");
}

TEST_F(CheckTest, RejectsPlacesThatAreUnknownOrElsewhere) {
  const auto place = [&](const std::string& code) {
    v1::Batch batch = Good();
    batch.mutable_sections(0)->set_place(code);
    return Check(batch);
  };
  const CheckedBatch unknown = place("520502001077");
  EXPECT_TRUE(unknown.observations.empty());
  EXPECT_EQ(unknown.receipt.rejected(), 4u);
  EXPECT_THAT(Messages(unknown), ElementsAre("village 520502001077 is not a known division",
                                             "village 520502001077 is not a known division"));
  EXPECT_EQ(unknown.receipt.rejections(1).reason(), v1::REJECTION_REASON_UNKNOWN_DIVISION);
  EXPECT_EQ(unknown.receipt.rejections(1).report(), 1u);
  EXPECT_EQ(unknown.receipt.rejections(1).subject(), "520502001077/2");
  EXPECT_EQ(unknown.receipt.rejections(1).indicator(), "");

  const CheckedBatch outside = place("520502002001");
  EXPECT_EQ(Messages(outside)[0],
            "village 520502002001 lies outside the batch's township 520502001");
  EXPECT_EQ(outside.receipt.rejections(0).reason(), v1::REJECTION_REASON_OUTSIDE_TOWNSHIP);

  const CheckedBatch wrong_level = place("520502001");
  EXPECT_EQ(Messages(wrong_level)[0], "'520502001' is not a village code of 12 digits");
}

TEST_F(CheckTest, RejectsANumberOfZeroAndASiteThatIsNotRegistered) {
  v1::Batch batch = Good();
  batch.mutable_sections(0)->set_numbers(0, 0);
  const CheckedBatch zero = Check(batch);
  EXPECT_THAT(Messages(zero), ElementsAre("household number 0: numbers start at 1"));
  EXPECT_EQ(zero.receipt.rejections(0).reason(), v1::REJECTION_REASON_INVALID_SUBJECT);
  EXPECT_EQ(zero.receipt.rejected(), 2u);
  EXPECT_EQ(zero.observations.size(), 2u);

  const CheckedBatch site =
      Check(MakeBatch("r1", {{SiteOf(8), Day("2026-05-31"), "school_seats", 10},
                             {SiteOf(3), Day("2026-05-31"), "school_seats", 20}}));
  EXPECT_THAT(Messages(site), ElementsAre("site 520502001/S8 is not registered"));
  EXPECT_EQ(site.receipt.rejections(0).reason(), v1::REJECTION_REASON_UNKNOWN_SITE);
  EXPECT_THAT(Values(site), ElementsAre("520502001/S3 50 2026-05-31 20"));
}

TEST_F(CheckTest, RejectsAnIndicatorOfHouseholdsForASite) {
  const CheckedBatch checked =
      Check(MakeBatch("r1", {{SiteOf(3), Day("2026-05-31"), "household_size", 10},
                             {Household(1), Day("2026-05-31"), "school_seats", 20}}));
  EXPECT_THAT(Messages(checked), ElementsAre("household_size applies to a household, not to a site",
                                             "school_seats applies to a site, not to a household"));
  EXPECT_EQ(checked.receipt.rejections(0).reason(), v1::REJECTION_REASON_NOT_APPLICABLE);
  EXPECT_TRUE(checked.observations.empty());
}

TEST_F(CheckTest, RejectsAValueOutOfRangeWithItsUnitAndLimits) {
  v1::Batch batch = Good();
  batch.mutable_sections(0)->mutable_columns(0)->set_values(1, 100'000'001);
  batch.mutable_sections(0)->mutable_columns(1)->set_values(0, 0);
  const CheckedBatch checked = Check(batch);
  EXPECT_THAT(Messages(checked),
              ElementsAre("household_size is 0 persons; 1 to 30 is valid",
                          "wage_income is 1000000.01 yuan; 0.00 to 1000000.00 is valid"));
  EXPECT_EQ(checked.receipt.rejections(1).value(), "1000000.01");
  EXPECT_EQ(checked.receipt.rejections(1).reason(), v1::REJECTION_REASON_OUT_OF_RANGE);
  EXPECT_EQ(checked.receipt.rejections(1).report(), 1u);
  EXPECT_THAT(Values(checked),
              ElementsAre("520502001001/1 1 2026-05-31 120000", "520502001001/2 2 2026-05-31 3"));
}

TEST_F(CheckTest, SurvivesTheLargestAndSmallestValuesAndDates) {
  v1::Batch batch = Good();
  v1::Section* section = batch.mutable_sections(0);
  section->mutable_columns(0)->set_values(0, INT64_MIN);
  section->mutable_columns(0)->set_values(1, INT64_MAX);
  EXPECT_EQ(Check(batch).receipt.rejected(), 2u);
  section->set_dates(0, INT32_MIN);
  section->set_dates(1, INT32_MAX);
  EXPECT_THAT(Messages(Check(batch)),
              ElementsAre("day -2147483648 is before 1990-01-01",
                          "day 2147483647 is in the future: today is 2026-07-01"));
}

TEST_F(CheckTest, RejectsAFutureDateByTheCalendarOfChina) {
  v1::Batch batch = MakeBatch("r1", {{Household(1), Day("2026-07-02"), "household_size", 3}});
  now_ = At("2026-07-01", 16 * 3600 * 1000 - 1);
  const CheckedBatch early = Check(batch);
  EXPECT_THAT(Messages(early), ElementsAre("2026-07-02 is in the future: today is 2026-07-01"));
  EXPECT_EQ(early.receipt.rejections(0).reason(), v1::REJECTION_REASON_FUTURE_DATE);
  EXPECT_EQ(early.receipt.rejections(0).value(), "2026-07-02");
  now_ = At("2026-07-01", 16 * 3600 * 1000);
  EXPECT_EQ(Check(batch).observations.size(), 1u);
}

TEST_F(CheckTest, RejectsADateBefore1990) {
  const CheckedBatch checked =
      Check(MakeBatch("r1", {{Household(1), Day("1989-12-31"), "household_size", 3},
                             {Household(1), Day("1990-01-01"), "household_size", 3}}));
  EXPECT_THAT(Messages(checked), ElementsAre("1989-12-31 is before 1990-01-01"));
  EXPECT_EQ(checked.receipt.rejections(0).reason(), v1::REJECTION_REASON_DATE_TOO_OLD);
  EXPECT_EQ(checked.observations.size(), 1u);
}

TEST_F(CheckTest, TheFirstOfTwoValuesForOneCellStands) {
  const CheckedBatch checked =
      Check(MakeBatch("r1", {{Household(1), Day("2026-05-31"), "wage_income", 120000},
                             {Household(1), Day("2026-05-31"), "wage_income", 120000},
                             {Household(1), Day("2026-05-31"), "wage_income", 99950}}));
  EXPECT_THAT(Values(checked), ElementsAre("520502001001/1 1 2026-05-31 120000"));
  EXPECT_EQ(checked.receipt.unchanged(), 1u);
  EXPECT_EQ(checked.receipt.rejected(), 1u);
  EXPECT_THAT(Messages(checked),
              ElementsAre("wage_income on 2026-05-31 is 999.50 here and 1200.00 in sections[0], "
                          "report 0, which stands"));
  EXPECT_EQ(checked.receipt.rejections(0).reason(), v1::REJECTION_REASON_CONFLICT);
  EXPECT_EQ(checked.receipt.rejections(0).report(), 2u);
}

TEST_F(CheckTest, ListsABoundedNumberOfRejectionsAndCountsThemAll) {
  std::vector<Row> rows;
  for (uint32_t number = 1; number <= 1500; ++number) {
    rows.push_back({Household(number), Day("2026-05-31"), "household_size", 31});
  }
  const CheckedBatch checked = Check(MakeBatch("r1", rows));
  EXPECT_EQ(checked.receipt.rejected(), 1500u);
  EXPECT_EQ(checked.receipt.rejections_size(), 1000);
  EXPECT_EQ(checked.receipt.rejections(999).report(), 999u);
}

TEST_F(CheckTest, MessagesStayValidTextWhateverWasSent) {
  v1::Batch batch = Good();
  std::string name = "x";
  for (int i = 0; i < 40; ++i) name += "收";
  batch.set_indicators(1, name);
  batch.mutable_sections(0)->set_place(name);
  const CheckedBatch checked = Check(batch);
  v1::Receipt parsed;
  EXPECT_TRUE(parsed.ParseFromString(checked.receipt.SerializeAsString()));
}

TEST_F(CheckTest, ChecksResidencesAgainstTheRegister) {
  v1::Batch batch = Good();
  const auto add = [&](const std::string& household, const std::string& site,
                       const std::string& origin, std::string_view since = "2020-01-01") {
    v1::Residence* residence = batch.add_residences();
    residence->set_household(household);
    residence->set_site(site);
    residence->set_origin(origin);
    residence->set_since(Day(since).days());
  };
  add("520502001001/1", "520502001/S3", "520502002001");
  add("520502001001", "520502001/S3", "520502002001");
  add("520502002001/1", "520502001/S3", "520502002001");
  add("520502001055/1", "520502001/S3", "520502002001");
  add("520502001001/2", "520502001/S9", "520502002001");
  add("520502001001/2", "520502001/S4", "520502002001");
  add("520502001001/2", "520502001/S3", "5205");
  add("520502001001/2", "520502001/S3", "520502777");
  add("520502001001/2", "520502001/S3", "520502002", "2026-07-02");
  const CheckedBatch checked = Check(batch);
  EXPECT_THAT(checked.residences,
              ElementsAre(Residence{Household(1), SiteOf(3), *Division::Parse("520502002001"),
                                    Day("2020-01-01")}));
  EXPECT_EQ(checked.receipt.rejected(), 8u);
  EXPECT_THAT(Messages(checked),
              ElementsAre("'520502001001' is not a household, written VILLAGE/NUMBER",
                          "household 520502002001/1 lies outside the batch's township 520502001",
                          "village 520502001055 is not a known division",
                          "site '520502001/S9' is not registered",
                          "origin 520502002001 is none of those of site 520502001/S4 (520502003)",
                          "origin '5205' is not a township or village code",
                          "origin 520502777 is not a known division",
                          "2026-07-02 is in the future: today is 2026-07-01"));
  EXPECT_EQ(checked.receipt.rejections(0).report(), 1u);
}

TEST_F(CheckTest, OfTwoResidencesTheLaterOneStands) {
  v1::Batch batch = Good();
  AddResidence(&batch, Household(1), SiteOf(3), "520502002", "2020-05-01");
  AddResidence(&batch, Household(1), SiteOf(4), "520502003", "2021-05-01");
  AddResidence(&batch, Household(1), SiteOf(3), "520502003001", "2021-05-01");
  const CheckedBatch checked = Check(batch);
  ASSERT_EQ(checked.residences.size(), 1u);
  EXPECT_EQ(checked.residences[0].site, SiteOf(4));
}

}  // namespace
}  // namespace shouwang::ingest
