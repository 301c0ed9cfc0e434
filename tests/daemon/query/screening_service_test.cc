#include "daemon/query/screening_service.h"

#include <fmt/format.h>
#include <shouwang/v1/screening.grpc.pb.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "daemon/query/screening_answer.h"
#include "daemon/query/screening_run.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kScreening = R"(screening:
  false_discovery_rate: 0.05
  peers_at_least: 3
  least_excess: 0.03
  amounts: [wage_income, medical_cost]
  copied: {at_least: 40, constant_share: 0.5, report_values: 2}
  heaping: {at_least: 40, round: [{from: 100, multiple: 100}, {from: 1000, multiple: 500}]}
  bunching: {feature: wage, line: line, width: 0.1, at_least: 20}
  speed: {at_least: 40, visits_per_day: 60, visits_per_hour: 6, sheet_households: 5,
          night_from_hour: 23, night_before_hour: 5}
)";
constexpr int kCollectors = 8;
constexpr uint32_t kHouseholds = 20;

class ScreeningTest : public QueryServer {
 protected:
  ScreeningTest() { rulebook_.Set(SmallRulebook(kScreening)); }

  // Eight collectors of a township, twenty households each, April to October 2026; the last one
  // says the same wage every month. Another township of the county and one of another county have
  // one each.
  void FillCounty() {
    for (int collector = 0; collector < kCollectors; ++collector) {
      FillOne(collector, "520502001", fmt::format("{:02}", collector),
              collector + 1 == kCollectors);
    }
    FillOne(20, "520502002", "other", false);
    FillOne(21, "520302001", "far", false);
  }
  void FillOne(int collector, const std::string& township, const std::string& name, bool copies) {
    for (int month = 4; month <= 10; ++month) {
      Transaction transaction;
      const BatchRecord batch = {.number = static_cast<uint64_t>(100 * (collector + 1) + month),
                                 .request_id = fmt::format("{}-{}", name, month),
                                 .township = At(township),
                                 .collector = "office " + name,
                                 .source = Source::kCadreVisit,
                                 .reported_at = At(kNowMs - 1'000'000),
                                 .known_at = At(kNowMs - 1'000),
                                 .receipt = ""};
      transaction.batches.push_back(batch);
      for (uint32_t i = 1; i <= kHouseholds; ++i) {
        const uint32_t number = static_cast<uint32_t>(collector % 20) * kHouseholds + i;
        const int64_t wage = copies ? 2'000'00 + number * 13'00
                                    : 1'500'00 + (number * 7'919 + month * 104'729) % 997 * 1'00;
        transaction.observations.push_back(
            {.subject = Of(fmt::format("{}001/{}", township, number)),
             .indicator = kWage,
             .date = Day(fmt::format("2026-{:02}-15", month)),
             .value = wage,
             .arrival = {.reported_at = batch.reported_at,
                         .known_at = batch.known_at,
                         .batch = batch.number,
                         .source = Source::kCadreVisit}});
      }
      if (month == 4) {
        Tally tally;
        tally.place = Settlement(township);
        tally.households = kHouseholds;
        transaction.tallies.push_back(tally);
      }
      ASSERT_TRUE(county_.store().Commit(transaction).ok());
    }
  }

  grpc::Status Ask(const v1::ScreenRequest& request, v1::ScreenResponse* all) {
    const auto stub = v1::ScreeningService::NewStub(channel_);
    grpc::ClientContext context;
    const auto reader = stub->Screen(&context, request);
    v1::ScreenResponse response;
    while (reader->Read(&response)) all->MergeFrom(response);
    return reader->Finish();
  }
  static v1::ScreenRequest About(const std::string& region) {
    v1::ScreenRequest request;
    request.set_region(region);
    return request;
  }
  std::vector<std::string> FaultsOf(const v1::ScreenRequest& request) {
    v1::ScreenResponse all;
    const grpc::Status status = Ask(request, &all);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
    message_ = status.error_message();
    return FieldsOf(status);
  }

  std::string message_;
};

TEST_F(ScreeningTest, TellsWhoStandsOutFirstWithItsEvidence) {
  FillCounty();
  Up();
  v1::ScreenResponse all;
  const grpc::Status status = Ask(About("520502"), &all);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(all.reporters_size(), 9);
  const v1::ScreenedReporter& first = all.reporters(0);
  EXPECT_EQ(first.township(), "520502001");
  EXPECT_EQ(first.name(), "贵州省 / 毕节市 / 七星关区 / 市西街道");
  EXPECT_EQ(first.collector(), "office 07");
  EXPECT_EQ(first.source(), v1::SOURCE_CADRE_VISIT);
  EXPECT_EQ(first.households(), 20u);
  EXPECT_EQ(first.reports(), 120u) << "six months by default, to the last full one";
  ASSERT_EQ(first.outcomes_size(), 6);
  const v1::ScreenOutcome& copied = first.outcomes(0);
  EXPECT_EQ(copied.screen(), v1::SCREEN_COPIED_VALUES);
  EXPECT_EQ(copied.state(), v1::SCREEN_STATE_FINDING);
  EXPECT_EQ(copied.hits(), 120u) << "May is compared with April";
  EXPECT_EQ(copied.values(), 120u);
  EXPECT_EQ(copied.share(), 1);
  EXPECT_EQ(copied.peers(), 8u);
  EXPECT_LT(copied.peers_median(), 0.02);
  EXPECT_LT(copied.q(), 0.01);
  ASSERT_EQ(copied.examples_size(), 20);
  for (const v1::ScreenExample& example : copied.examples()) {
    EXPECT_THAT(example.subject(), HasSubstr("520502001001/1"));
    EXPECT_EQ(example.indicator(), "wage_income");
    EXPECT_EQ(Date::OfDays(example.date_before()).PlusMonths(1), Date::OfDays(example.date()));
    EXPECT_GE(example.value(), 2'000);
  }
  for (int i = 1; i < 9; ++i) {
    for (const v1::ScreenOutcome& outcome : all.reporters(i).outcomes()) {
      EXPECT_NE(outcome.state(), v1::SCREEN_STATE_FINDING) << i << ": " << outcome.screen();
      EXPECT_EQ(outcome.examples_size(), 0);
    }
  }
  const v1::ScreeningSummary& summary = all.summary();
  EXPECT_EQ(Month::OfIndex(summary.from_month()).ToString(), "2026-05");
  EXPECT_EQ(Month::OfIndex(summary.to_month()).ToString(), "2026-10");
  EXPECT_EQ(summary.policy_version(), 202601u);
  EXPECT_EQ(summary.false_discovery_rate(), 0.05);
  EXPECT_EQ(summary.subjects(), 180u);
  EXPECT_EQ(summary.reporters(), 9u);
  EXPECT_EQ(summary.tests(), 8u * 4 + 2)
      << "copied values, round amounts, last digits, entry speed; who copies says nothing anew";
  EXPECT_EQ(summary.findings(), 1u);
  EXPECT_EQ(summary.values_of_unknown_batches(), 0u);
}

TEST_F(ScreeningTest, ATownshipIsComparedWithItsCountyAndToldAlone) {
  FillCounty();
  Up();
  v1::ScreenResponse all;
  ASSERT_TRUE(Ask(About("520502002"), &all).ok());
  ASSERT_EQ(all.reporters_size(), 1);
  EXPECT_EQ(all.reporters(0).collector(), "office other");
  EXPECT_EQ(all.reporters(0).outcomes(0).peers(), 8u);
  EXPECT_EQ(all.summary().reporters(), 9u);
  EXPECT_EQ(all.summary().findings(), 0u) << "of those told";
}

TEST_F(ScreeningTest, OneCollectorsRowsAreTheSameAsAmongAll) {
  FillCounty();
  Up();
  v1::ScreenResponse all;
  ASSERT_TRUE(Ask(About(""), &all).ok());
  EXPECT_EQ(all.reporters_size(), 10);
  v1::ScreenRequest request = About("");
  request.set_collector("office 07");
  v1::ScreenResponse one;
  ASSERT_TRUE(Ask(request, &one).ok());
  ASSERT_EQ(one.reporters_size(), 1);
  EXPECT_EQ(one.reporters(0).SerializeAsString(), all.reporters(0).SerializeAsString());
  request.set_collector("nobody");
  v1::ScreenResponse none;
  ASSERT_TRUE(Ask(request, &none).ok());
  EXPECT_EQ(none.reporters_size(), 0);
  EXPECT_EQ(none.summary().reporters(), 10u);
}

TEST_F(ScreeningTest, MonthsWithoutReportsHaveNoReporters) {
  FillCounty();
  Up();
  v1::ScreenRequest request = About("520502");
  request.set_from_month(MonthOf("2025-01").index());
  request.set_to_month(MonthOf("2025-12").index());
  rulebook_.Set(SmallRulebook(kScreening));
  v1::ScreenResponse all;
  const grpc::Status status = Ask(request, &all);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(all.reporters_size(), 0);
  EXPECT_EQ(all.summary().tests(), 0u);
}

TEST_F(ScreeningTest, ValuesOfUnknownBatchesAreCounted) {
  county_.Observe("520502001001/1", kWage, "2026-10-15", 500'00);
  Tally tally;
  tally.place = Settlement("520502001");
  tally.households = 1;
  county_.Tell(tally);
  Up();
  v1::ScreenResponse all;
  ASSERT_TRUE(Ask(About("520502"), &all).ok());
  EXPECT_EQ(all.reporters_size(), 0);
  EXPECT_EQ(all.summary().values_of_unknown_batches(), 1u);
}

TEST_F(ScreeningTest, EveryFaultOfARequestIsNamed) {
  Up();
  EXPECT_THAT(FaultsOf(About("999999")), ElementsAre("region"));
  EXPECT_THAT(FaultsOf(About("520502001001")), ElementsAre("region"));
  EXPECT_THAT(message_, HasSubstr("is a village; reporters are told by township"));
  v1::ScreenRequest request = About("52");
  request.set_collector(std::string(65, 'x'));
  request.set_to_month(1'000'000);
  EXPECT_THAT(FaultsOf(request), ElementsAre("collector", "to_month"));
  EXPECT_THAT(message_, HasSubstr("65 bytes; 64 at most"));
  request.clear_collector();
  FaultsOf(request);
  EXPECT_THAT(message_,
              HasSubstr("1000000 months since January 1970 is outside 1900-01 to 2199-12"));
}

TEST_F(ScreeningTest, MonthsAreBounded) {
  Up();
  const auto fault_of = [&](const std::string& from, const std::string& to) {
    v1::ScreenRequest request = About("52");
    request.set_from_month(MonthOf(from).index());
    request.set_to_month(MonthOf(to).index());
    EXPECT_THAT(FaultsOf(request), SizeIs(1));
    return message_;
  };
  EXPECT_THAT(fault_of("2026-07", "2026-06"), HasSubstr("2026-07 is after to_month, 2026-06"));
  EXPECT_THAT(fault_of("2026-07", "2026-12"), HasSubstr("2026-12 is after this month, 2026-11"));
  EXPECT_THAT(fault_of("2023-10", "2026-10"),
              HasSubstr("2023-10 to 2026-10 are 37 months; 36 at most"));
}

TEST_F(ScreeningTest, APolicyThatSaysNothingOfItIsToldSo) {
  rulebook_.Set(SmallRulebook());
  Up();
  v1::ScreenResponse all;
  const grpc::Status status = Ask(About("52"), &all);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(),
              HasSubstr("policy 202601, in force on 2026-10-31, has no section 'screening'"));
}

TEST_F(ScreeningTest, ACallerWhoLeavesEndsIt) {
  FillCounty();
  std::atomic<int> asked = 0;
  const auto question = CheckScreening(About("52"), rulebook_.Get(), At(kNowMs));
  ASSERT_TRUE(question.ok());
  const auto result = RunScreening(
      county_.store(), *question, 2, [&] { return ++asked > 50; }, [](const ScreeningProgress&) {});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kCancelled);
  EXPECT_LT(asked, 60) << "nothing is read on";
}

TEST_F(ScreeningTest, ThreadsChangeNothing) {
  FillCounty();
  const auto question = CheckScreening(About("52"), rulebook_.Get(), At(kNowMs));
  ASSERT_TRUE(question.ok());
  std::vector<std::string> answers;
  for (const int threads : {1, 4}) {
    auto result = RunScreening(
        county_.store(), *question, threads, [] { return false; }, [](const ScreeningProgress&) {});
    ASSERT_TRUE(result.ok());
    result->took_ms = 0;
    std::string answer;
    for (const v1::ScreenResponse& part : ScreeningAnswer(*question, *result)) {
      answer += part.SerializeAsString();
    }
    answers.push_back(answer);
  }
  EXPECT_EQ(answers[0], answers[1]);
}

TEST_F(ScreeningTest, ReportersComeAHundredAMessage) {
  ScreeningQuestion question = *CheckScreening(About("52"), rulebook_.Get(), At(kNowMs));
  ScreeningResult result;
  result.comparison.reporters.resize(250);
  for (auto& reporter : result.comparison.reporters) {
    reporter.reporter.township = At("520502001");
  }
  const auto messages = ScreeningAnswer(question, result);
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_EQ(messages[0].reporters_size(), 100);
  EXPECT_EQ(messages[2].reporters_size(), 50);
  EXPECT_FALSE(messages[0].has_summary());
  EXPECT_TRUE(messages[2].has_summary());
}

TEST_F(ScreeningTest, CallsAreCountedAndStoppingEndsThem) {
  FillCounty();
  Up();
  v1::ScreenResponse all;
  ASSERT_TRUE(Ask(About("520502"), &all).ok());
  const auto families = registry_.Collect();
  bool counted = false;
  for (const auto& family : families) {
    if (family.name != "shouwang_rpc_requests_total") continue;
    for (const auto& metric : family.metric) {
      std::string labels;
      for (const auto& label : metric.label) labels += label.value + " ";
      if (labels.find("ScreeningService/Screen") == std::string::npos) continue;
      if (labels.find("OK") != std::string::npos) counted = metric.counter.value == 1;
    }
  }
  EXPECT_TRUE(counted);
  query_->EndLongCalls();
  EXPECT_FALSE(Ask(About("520502"), &all).ok());
}

}  // namespace
}  // namespace shouwang::query
