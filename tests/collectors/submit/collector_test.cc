// The program as it is run: arguments, exit codes, the summary.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/collectors/run_program.h"
#include "tests/collectors/submit/fake_daemon.h"
#include "tests/collectors/submit/sheets.h"

namespace shouwang {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Ended RunCollector(const std::string& arguments) {
  return RunProgram("shouwang-collector", arguments);
}

class CollectorTest : public ::testing::Test {
 protected:
  CollectorTest() {
    daemon_.AddIndicator("wage_income", 2);
    daemon_.AddIndicator("household_size", 0);
    mapping_ = sheets_.WriteMapping();
  }
  std::string Sheet(const std::string& rows) const {
    return sheets_.Write("sheet.csv", "村代码,户编号,日期,工资,人口\n" + rows);
  }
  Ended Submit(const std::string& rest) const {
    return RunCollector(
        fmt::format("submit --mapping {} --server {} {}", mapping_, daemon_.address(), rest));
  }
  FakeDaemon daemon_;
  Sheets sheets_;
  std::string mapping_;
};

TEST_F(CollectorTest, ExitsWith0WhereAllIsStored) {
  const Ended ended = Submit(Sheet("520502001001,1,2026-10-05,1,4\n"));
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("1 rows: 1 reports with 2 values in 1 batches"),
                               HasSubstr("stored: 2 new, 0 corrected, 0 unchanged")));
}

TEST_F(CollectorTest, ExitsWith2WhereSomeIsRejectedAndSaysWhere) {
  const Ended ended = Submit(Sheet("520502001001,1,2026-10-05,x,4\n"));
  EXPECT_EQ(ended.code, 2) << ended.out;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("rejected: 1"), HasSubstr("sheet.csv.rejected.csv")));
}

TEST_F(CollectorTest, PrintsTheSummaryAsJsonOnTheLastLine) {
  const Ended ended = Submit("--json --reported-at 2026-10-05T18:00:00+08:00 --collector pc-7 " +
                             Sheet("520502001001,1,2026-10-05,1,4\n"));
  EXPECT_EQ(ended.code, 0) << ended.out;
  const size_t last = ended.out.rfind('\n', ended.out.size() - 2);
  const auto json = nlohmann::json::parse(
      ended.out.substr(last == std::string::npos ? 0 : last + 1), nullptr, false);
  ASSERT_TRUE(json.is_object()) << ended.out;
  for (const char* key : {"rows", "reports", "values", "accepted", "corrected", "unchanged",
                          "superseded", "rejected", "batches", "seconds", "values_per_second"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["accepted"], 2);
  ASSERT_EQ(daemon_.batches().size(), 1u);
  EXPECT_EQ(daemon_.batches()[0].reported_at_ms(), 1'791'194'400'000);
  EXPECT_EQ(daemon_.batches()[0].collector(), "pc-7");
}

TEST_F(CollectorTest, ExitsWith1WhereItCannotWork) {
  const std::string sheet = Sheet("520502001001,1,2026-10-05,1,4\n");
  EXPECT_EQ(RunCollector("").code, 1);
  EXPECT_EQ(Submit("--order backwards " + sheet).code, 1);
  EXPECT_EQ(Submit("--reported-at yesterday " + sheet).code, 1);
  EXPECT_EQ(Submit(sheets_.Path("absent.csv")).code, 1);
  daemon_.Stop();
  const Ended ended = Submit("--retry-seconds 0 " + sheet);
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("Is shouwangd running and reachable at"));
}

TEST_F(CollectorTest, HelpsWithExamples) {
  const Ended ended = RunCollector("submit --help");
  EXPECT_EQ(ended.code, 0);
  EXPECT_THAT(ended.out, AllOf(HasSubstr("--mapping"), HasSubstr("Examples:")));
}

}  // namespace
}  // namespace shouwang
