#include "collectors/submit/submission.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "daemon/wire/status.h"
#include "tests/collectors/submit/fake_daemon.h"
#include "tests/collectors/submit/sheets.h"

namespace shouwang {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Answer = FakeDaemon::Answer;

constexpr char kHeading[] = "村代码,户编号,日期,工资,人口\n";

class SubmissionTest : public ::testing::Test {
 protected:
  SubmitOptions Options(FakeDaemon* daemon, std::vector<std::string> files) {
    daemon->AddIndicator("wage_income", 2);
    daemon->AddIndicator("household_size", 0);
    SubmitOptions options;
    options.server = daemon->address();
    options.mapping_path = sheets_.WriteMapping();
    options.files = std::move(files);
    options.reported_at = Instant(std::chrono::milliseconds(1'790'000'000'000));
    options.stream.first_backoff = std::chrono::milliseconds(1);
    options.stream.max_backoff = std::chrono::milliseconds(10);
    options.quiet = true;
    return options;
  }
  static SubmitOutcome Ok(const SubmitOptions& options) {
    absl::StatusOr<SubmitOutcome> outcome = Submit(options);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.ok() ? *std::move(outcome) : SubmitOutcome();
  }
  static std::string Failure(const SubmitOptions& options) {
    return std::string(Submit(options).status().message());
  }
  Sheets sheets_;
};

TEST_F(SubmissionTest, SendsEveryRowOfPlainAndGzipSheets) {
  FakeDaemon daemon;
  const std::string plain = sheets_.Write("a.csv", std::string(kHeading) +
                                                       "520502001001,1,2026-10-05,3300.5,4\n"
                                                       "520502002001,2,2026-10-05,,3\n");
  const std::string gzip =
      sheets_.WriteGzip("b.csv.gz", "人口,村代码,户编号,日期,工资\n5,520502001001,7,2026/10/6,1\n");
  const SubmitOutcome outcome = Ok(Options(&daemon, {plain, gzip}));
  EXPECT_EQ(outcome.summary.rows, 3u);
  EXPECT_EQ(outcome.summary.reports, 3u);
  EXPECT_EQ(outcome.summary.values, 5u);
  EXPECT_EQ(outcome.summary.accepted, 5u);
  EXPECT_EQ(outcome.summary.rejected, 0u);
  EXPECT_EQ(outcome.summary.batches, 2u);
  EXPECT_THAT(outcome.rejected_paths, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(plain + ".rejected.csv"));
  uint64_t first_township = 0;
  for (const v1::Batch& batch : daemon.batches()) {
    if (batch.township() != "520502001") continue;
    ++first_township;
    EXPECT_THAT(batch.sections(0).numbers(), ElementsAre(1, 7));
    EXPECT_THAT(batch.sections(0).columns(0).values(), ElementsAre(330050, 100));
  }
  EXPECT_EQ(first_township, 1u);
}

TEST_F(SubmissionTest, TellsBadRowsAndSendsTheRest) {
  FakeDaemon daemon;
  const std::string sheet = sheets_.Write("a.csv", std::string(kHeading) +
                                                       "520502001001,1,2026-10-05,NaN,4\n"
                                                       "520502001001,2,2026-10-05,5\n"
                                                       "520502001001,3,5.10.2026,5,5\n"
                                                       "520502001001,4,2026-10-05,5,5\n");
  const SubmitOutcome outcome = Ok(Options(&daemon, {sheet}));
  EXPECT_EQ(outcome.summary.rows, 4u);
  EXPECT_EQ(outcome.summary.reports, 2u);
  EXPECT_EQ(outcome.summary.accepted, 3u);
  EXPECT_EQ(outcome.summary.rejected, 3u);
  EXPECT_THAT(outcome.rejected_paths, ElementsAre(sheet + ".rejected.csv"));
  EXPECT_EQ(sheets_.Read("a.csv.rejected.csv"),
            fmt::format("file,row,column,value,reason\n"
                        "{0},2,工资,NaN,'NaN' is not a decimal number\n"
                        "{0},3,,,\"has 4 cells, the heading has 5\"\n"
                        "{0},4,日期,5.10.2026,'5.10.2026' is not a date such as 2026-10-05\n",
                        sheet));
}

TEST_F(SubmissionTest, SendsTheRowsBeforeATruncatedGzipsEnd) {
  FakeDaemon daemon;
  std::string text = kHeading;
  uint64_t noise = 88172645463325252u;
  for (int i = 1; i <= 20'000; ++i) {
    noise ^= noise << 13;
    noise ^= noise >> 7;
    noise ^= noise << 17;
    text += fmt::format("520502001001,{},2026-10-05,{},4\n", i, noise % 100'000'000);
  }
  const std::string sheet = sheets_.WriteGzip("a.csv.gz", text, 20'000);
  const SubmitOutcome outcome = Ok(Options(&daemon, {sheet}));
  EXPECT_GT(outcome.summary.reports, 1000u);
  EXPECT_LT(outcome.summary.reports, 20'000u);
  EXPECT_EQ(outcome.summary.accepted, 2 * outcome.summary.reports);
  EXPECT_EQ(outcome.summary.rejected, 1u);
  EXPECT_THAT(sheets_.Read("a.csv.gz.rejected.csv"),
              AllOf(HasSubstr(fmt::format("{},{},,,", sheet, outcome.summary.rows + 2)),
                    HasSubstr("nothing behind this row was read")));
}

TEST_F(SubmissionTest, SendsNothingWhereAHeadingOrAnIndicatorDoesNotFit) {
  FakeDaemon daemon;
  const std::string good =
      sheets_.Write("a.csv", std::string(kHeading) + "520502001001,1,2026-10-05,1,4\n");
  const std::string bad = sheets_.Write("b.csv", "村代码,户编号,日期,工资\n");
  SubmitOptions options = Options(&daemon, {good, bad});
  EXPECT_THAT(Failure(options), AllOf(HasSubstr("b.csv does not fit the mapping"),
                                      HasSubstr("mapping.yaml:8: the sheet has no column '人口'")));
  options.files = {good};
  options.mapping_path =
      sheets_.Write("m.yaml", sheets_.Read("mapping.yaml") + "  shoe_size: 人口\n");
  EXPECT_THAT(Failure(options), HasSubstr("m.yaml:9: the catalogue has no indicator 'shoe_size'"));
  options.files = {sheets_.Path("absent.csv")};
  EXPECT_THAT(Failure(options), HasSubstr("absent.csv"));
  EXPECT_THAT(daemon.batches(), IsEmpty());
}

TEST_F(SubmissionTest, TellsRefusalsOfTheDaemonByRowAndColumn) {
  FakeDaemon daemon([](size_t, const v1::Batch& batch) {
    Answer answer{FakeDaemon::Accepted(batch)};
    answer.receipt.set_accepted(1);
    answer.receipt.set_rejected(5);  // two of them by the report below, two without a word
    v1::Rejection* value = answer.receipt.add_rejections();
    value->set_section(1);
    value->set_report(0);
    value->set_subject("520502001002/9");
    value->set_indicator("wage_income");
    value->set_value("-5.00");
    value->set_message("wage_income is -5.00; it must be 0 to 100000");
    v1::Rejection* report = answer.receipt.add_rejections();
    report->set_section(0);
    report->set_report(1);
    report->set_value("2030-01-01");
    report->set_message("2030-01-01 is in the future");
    return answer;
  });
  const std::string sheet = sheets_.Write("a.csv", std::string(kHeading) +
                                                       "520502001002,9,2026-10-05,-5,4\n"
                                                       "520502001001,8,2030-01-01,1,1\n"
                                                       "520502001001,7,2026-10-05,1,1\n");
  const SubmitOutcome outcome = Ok(Options(&daemon, {sheet}));
  EXPECT_EQ(outcome.summary.rejected, 5u);
  EXPECT_EQ(sheets_.Read("a.csv.rejected.csv"),
            fmt::format("file,row,column,value,reason\n"
                        "{0},2,工资,-5.00,wage_income is -5.00; it must be 0 to 100000\n"
                        "{0},3,,2030-01-01,2030-01-01 is in the future\n"
                        "{0},4,,,township 520502001: 2 more refused in the batch of this row than "
                        "the daemon lists\n",
                        sheet));
}

TEST_F(SubmissionTest, TellsEveryRowOfARefusedBatch) {
  FakeDaemon daemon([](size_t, const v1::Batch& batch) {
    Answer answer;
    answer.receipt.set_request_id(batch.request_id());
    *answer.receipt.mutable_error() =
        wire::ToProto(absl::InvalidArgumentError("township 520502001 is not known"));
    return answer;
  });
  const std::string sheet = sheets_.Write("a.csv", std::string(kHeading) +
                                                       "520502001001,1,2026-10-05,1,4\n"
                                                       "520502001001,2,2026-10-05,1,4\n");
  SubmitOptions options = Options(&daemon, {sheet});
  options.rejected_path = sheets_.Path("refused.csv");
  const SubmitOutcome outcome = Ok(options);
  EXPECT_EQ(outcome.summary.rejected, 4u);
  EXPECT_EQ(outcome.summary.accepted, 0u);
  const std::string refused = sheets_.Read("refused.csv");
  EXPECT_THAT(refused, AllOf(HasSubstr(sheet + ",2,"), HasSubstr(sheet + ",3,"),
                             HasSubstr("township 520502001 is not known")));
}

TEST_F(SubmissionTest, ASecondRunWithTheSameReportedAtRepeatsItsBatches) {
  FakeDaemon daemon;
  const std::string sheet = sheets_.Write("a.csv", std::string(kHeading) +
                                                       "520502001001,1,2026-10-05,1,4\n"
                                                       "520502002001,2,2026-10-05,1,4\n");
  SubmitOptions options = Options(&daemon, {sheet});
  EXPECT_EQ(Ok(options).summary.batches_repeated, 0u);
  EXPECT_EQ(Ok(options).summary.batches_repeated, 2u);
  options.reported_at += std::chrono::milliseconds(1);
  EXPECT_EQ(Ok(options).summary.batches_repeated, 0u);
}

TEST_F(SubmissionTest, ShuffledRowsAreTheSameRows) {
  FakeDaemon daemon;
  std::string text = kHeading;
  for (int i = 1; i <= 500; ++i) text += fmt::format("520502001001,{},2026-10-05,{},4\n", i, i);
  SubmitOptions options = Options(&daemon, {sheets_.Write("a.csv", text)});
  options.order = RowOrder::kShuffled;
  options.limits.buffered_rows = 100;
  options.limits.reports = 50;
  const SubmitOutcome outcome = Ok(options);
  EXPECT_EQ(outcome.summary.reports, 500u);
  EXPECT_EQ(outcome.summary.accepted, 1000u);
  std::set<uint32_t> numbers;
  bool in_order = true;
  uint32_t previous = 0;
  for (const v1::Batch& batch : daemon.batches()) {
    for (const uint32_t number : batch.sections(0).numbers()) {
      EXPECT_TRUE(numbers.insert(number).second) << number;
      in_order &= number > previous;
      previous = number;
    }
  }
  EXPECT_THAT(numbers, SizeIs(500));
  EXPECT_FALSE(in_order);
}

TEST_F(SubmissionTest, ADryRunSendsNothing) {
  FakeDaemon daemon;
  SubmitOptions options = Options(
      &daemon, {sheets_.Write("a.csv", std::string(kHeading) + "520502001001,1,2026-10-05,x,4\n")});
  options.dry_run = true;
  const SubmitOutcome outcome = Ok(options);
  EXPECT_EQ(outcome.summary.reports, 1u);
  EXPECT_EQ(outcome.summary.rejected, 1u);
  EXPECT_THAT(daemon.batches(), IsEmpty());
}

TEST_F(SubmissionTest, SurvivesADaemonThatBreaksTheStreamAgainAndAgain) {
  FakeDaemon daemon([](size_t ordinal, const v1::Batch& batch) {
    Answer answer{FakeDaemon::Accepted(batch)};
    if (ordinal % 3 == 1) answer.end = grpc::Status(grpc::StatusCode::UNAVAILABLE, "restart");
    return answer;
  });
  std::string text = kHeading;
  for (int i = 1; i <= 300; ++i) text += fmt::format("520502001001,{},2026-10-05,{},4\n", i, i);
  SubmitOptions options = Options(&daemon, {sheets_.Write("a.csv", text)});
  options.limits.reports = 10;
  options.stream.window = 2;
  const SubmitOutcome outcome = Ok(options);
  EXPECT_EQ(outcome.summary.batches, 30u);
  EXPECT_EQ(outcome.summary.accepted, 600u);
  std::set<std::string> ids;
  for (const v1::Batch& batch : daemon.batches()) ids.insert(batch.request_id());
  EXPECT_THAT(ids, SizeIs(30));
  EXPECT_GT(daemon.batches().size(), 30u);
}

}  // namespace
}  // namespace shouwang
