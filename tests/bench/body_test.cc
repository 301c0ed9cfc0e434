#include "tests/bench/body.h"

#include <gtest/gtest.h>
#include <snappy.h>

#include <map>
#include <set>
#include <sstream>

#include "remote_write.pb.h"

namespace shouwang::bench {
namespace {

std::vector<v1::Indicator> SmallCatalogue() {
  std::vector<v1::Indicator> catalogue(2);
  catalogue[0].set_id(1);
  catalogue[0].set_name("wage_income");
  catalogue[0].set_unit("yuan");
  catalogue[0].set_decimals(2);
  catalogue[0].set_max(100'000'000);
  catalogue[0].set_applies_to(v1::SUBJECT_KIND_HOUSEHOLD);
  catalogue[1].set_id(9);
  catalogue[1].set_name("household_size");
  catalogue[1].set_min(1);
  catalogue[1].set_max(30);
  catalogue[1].set_applies_to(v1::SUBJECT_KIND_HOUSEHOLD);
  return catalogue;
}

template <size_t kSize>
std::string Bytes(const char (&literal)[kSize]) {
  return std::string(literal, kSize - 1);
}

// Household 1 is the second of village 910101100201; its January is 990 yuan and 5 persons.
class BodyTest : public testing::Test {
 protected:
  std::string BodyOf(BodyFormat format) {
    BodyWriter writer(panel_, format);
    writer.Add(1, 0);
    return writer.Finish();
  }

  static remote::WriteRequest Uncompressed(const std::string& body) {
    std::string plain;
    EXPECT_TRUE(snappy::Uncompress(body.data(), body.size(), &plain));
    remote::WriteRequest request;
    EXPECT_TRUE(request.ParseFromString(plain));
    return request;
  }

  const Panel panel_{{.households = 5'000, .indicators = 2, .months = 3}, SmallCatalogue()};
};

TEST_F(BodyTest, KnowsItsFormatsByName) {
  EXPECT_EQ(ParseBodyFormat("clickhouse-wide"), BodyFormat::kClickhouseWide);
  EXPECT_EQ(ParseBodyFormat("clickhouse-narrow"), BodyFormat::kClickhouseNarrow);
  EXPECT_EQ(ParseBodyFormat("remote-write"), BodyFormat::kRemoteWrite);
  EXPECT_EQ(ParseBodyFormat("line-protocol"), BodyFormat::kLineProtocol);
  EXPECT_EQ(ParseBodyFormat("csv"), std::nullopt);
}

TEST_F(BodyTest, WritesALineForAHouseholdsMonth) {
  EXPECT_EQ(BodyOf(BodyFormat::kLineProtocol),
            "report,county=910101,household=910101100201/2 wage_income=990,household_size=5i "
            "1580428800000\n");
}

TEST_F(BodyTest, WritesRemoteSamplesWithSortedLabelsInTheIndicatorsUnit) {
  const remote::WriteRequest request = Uncompressed(BodyOf(BodyFormat::kRemoteWrite));
  EXPECT_EQ(request.ShortDebugString(),
            "timeseries { labels { name: \"__name__\" value: \"wage_income\" } "
            "labels { name: \"county\" value: \"910101\" } "
            "labels { name: \"household\" value: \"910101100201/2\" } "
            "samples { value: 990 timestamp: 1580428800000 } } "
            "timeseries { labels { name: \"__name__\" value: \"household_size\" } "
            "labels { name: \"county\" value: \"910101\" } "
            "labels { name: \"household\" value: \"910101100201/2\" } "
            "samples { value: 5 timestamp: 1580428800000 } }");
}

TEST_F(BodyTest, RemoteWriteHoldsEveryValueOfThePanel) {
  BodySequence sequence(panel_, BodyFormat::kRemoteWrite, 10'000, 0, 1);
  std::map<std::string, double> found;  // metric, household and time
  for (std::string body = sequence.Next(); !body.empty(); body = sequence.Next()) {
    const remote::WriteRequest request = Uncompressed(body);
    for (const remote::TimeSeries& series : request.timeseries()) {
      found[series.labels(0).value() + " " + series.labels(2).value() + " " +
            std::to_string(series.samples(0).timestamp())] = series.samples(0).value();
    }
  }
  ASSERT_EQ(found.size(), 30'000u);
  for (int64_t household = 0; household < 5'000; ++household) {
    for (int month = 0; month < 3; ++month) {
      const std::string rest =
          " " + SubjectOf(household) + " " + std::to_string(int64_t{86'400'000} * ReportDay(month));
      const int64_t fen = panel_.ValueOf(household, panel_.indicators()[0], month);
      const int64_t persons = panel_.ValueOf(household, panel_.indicators()[1], month);
      EXPECT_EQ(found["wage_income" + rest], static_cast<double>(fen) / 100) << rest;
      EXPECT_EQ(found["household_size" + rest], static_cast<double>(persons)) << rest;
    }
  }
}

// 910101100201 is D3 E6 40 B6 A9; 2020-01-31 is day 4774; 99,000 fen are 01 82 B8: hexadecimal.
TEST_F(BodyTest, WritesANativeBlockOfAColumnForEachIndicator) {
  EXPECT_EQ(BodyOf(BodyFormat::kClickhouseWide),
            Bytes("\x05\x01"
                  "\x07village\x06UInt64\xA9\xB6\x40\xE6\xD3\0\0\0"
                  "\x09household\x06UInt16\x02\0"
                  "\x04"
                  "date\x04"
                  "Date\x74\x47"
                  "\x0Bwage_income\x05Int32\xB8\x82\x01\0"
                  "\x0Ehousehold_size\x05Int32\x05\0\0\0"));
}

TEST_F(BodyTest, WritesANativeBlockOfARowForEachValue) {
  EXPECT_EQ(BodyOf(BodyFormat::kClickhouseNarrow),
            Bytes("\x05\x02"
                  "\x07village\x06UInt64\xA9\xB6\x40\xE6\xD3\0\0\0"
                  "\xA9\xB6\x40\xE6\xD3\0\0\0"
                  "\x09household\x06UInt16\x02\0\x02\0"
                  "\x09indicator\x06UInt16\x01\0\x09\0"
                  "\x04"
                  "date\x04"
                  "Date\x74\x47\x74\x47"
                  "\x05value\x05Int32\xB8\x82\x01\0\x05\0\0\0"));
}

TEST_F(BodyTest, IsEmptyWhereNothingWasAdded) {
  BodyWriter writer(panel_, BodyFormat::kRemoteWrite);
  EXPECT_EQ(writer.Finish(), "");
  writer.Add(0, 0);
  EXPECT_NE(writer.Finish(), "");
  EXPECT_EQ(writer.Finish(), "");
}

TEST_F(BodyTest, CountsRowsAsThePeerDoes) {
  EXPECT_EQ(BodyWriter(panel_, BodyFormat::kClickhouseWide).rows_per_report(), 1);
  EXPECT_EQ(BodyWriter(panel_, BodyFormat::kLineProtocol).rows_per_report(), 1);
  EXPECT_EQ(BodyWriter(panel_, BodyFormat::kClickhouseNarrow).rows_per_report(), 2);
  EXPECT_EQ(BodyWriter(panel_, BodyFormat::kRemoteWrite).rows_per_report(), 2);
}

std::vector<std::string> LinesOf(BodySequence* sequence) {
  std::vector<std::string> lines;
  for (std::string body = sequence->Next(); !body.empty(); body = sequence->Next()) {
    std::istringstream stream(body);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
  }
  return lines;
}

TEST_F(BodyTest, SendsEveryHouseholdsMonthOnceOverAllConnections) {
  std::set<std::string> seen;
  size_t lines = 0;
  for (int connection = 0; connection < 2; ++connection) {
    BodySequence sequence(panel_, BodyFormat::kLineProtocol, 999, connection, 2);
    for (const std::string& line : LinesOf(&sequence)) {
      seen.insert(line.substr(0, line.find(' ')) + line.substr(line.rfind(' ')));
      ++lines;
    }
    // Two townships of 2,500 households.
    EXPECT_EQ(sequence.values(), 15'000);
  }
  EXPECT_EQ(lines, 15'000u);
  EXPECT_EQ(seen.size(), 15'000u);
}

TEST_F(BodyTest, SendsAHouseholdsMonthsInOrder) {
  BodySequence sequence(panel_, BodyFormat::kLineProtocol, 10'000, 1, 2);
  std::map<std::string, int64_t> latest;
  for (const std::string& line : LinesOf(&sequence)) {
    const int64_t now = std::stoll(line.substr(line.rfind(' ')));
    int64_t& before = latest[line.substr(0, line.find(' '))];
    EXPECT_LT(before, now) << line;
    before = now;
  }
  EXPECT_EQ(latest.size(), 2500u);
}

TEST_F(BodyTest, CutsBodiesAtTheAskedRows) {
  // 500 rows of single values are 250 reports of two.
  BodySequence sequence(panel_, BodyFormat::kRemoteWrite, 500, 0, 1);
  const std::string body = sequence.Next();
  EXPECT_EQ(sequence.values(), 500);
  EXPECT_EQ(Uncompressed(body).timeseries_size(), 500);
}

TEST_F(BodyTest, HasNothingForAConnectionWithoutATownship) {
  BodySequence sequence(panel_, BodyFormat::kRemoteWrite, 500, 2, 3);
  EXPECT_EQ(sequence.Next(), "");
}

}  // namespace
}  // namespace shouwang::bench
