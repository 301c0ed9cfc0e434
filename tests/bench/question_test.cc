#include "tests/bench/question.h"

#include <gtest/gtest.h>

#include <cstring>

namespace shouwang::bench {
namespace {

std::vector<v1::Indicator> SmallCatalogue() {
  std::vector<v1::Indicator> catalogue(1);
  catalogue[0].set_id(7);
  catalogue[0].set_name("wage_income");
  catalogue[0].set_unit("yuan");
  catalogue[0].set_decimals(2);
  catalogue[0].set_max(100'000'000);
  catalogue[0].set_applies_to(v1::SUBJECT_KIND_HOUSEHOLD);
  return catalogue;
}

class QuestionTest : public testing::Test {
 protected:
  // Household 3's two values, scaled, with `off` added to the second.
  int64_t Value(int month, int64_t off = 0) {
    return panel_.ValueOf(3, panel_.indicators()[0], month) + (month == 1 ? off : 0);
  }
  std::string Units(int64_t scaled) {
    return std::to_string(scaled / 100) + "." + std::to_string(scaled % 100 / 10) +
           std::to_string(scaled % 10);
  }
  std::string Matrix(int64_t off = 0) {
    return R"({"data":{"result":[{"metric":{"__name__":"wage_income"},"values":[[1,")" +
           Units(Value(0)) + R"("],[2,")" + Units(Value(1, off)) + R"("]]}]}})";
  }
  std::string Series(int64_t off = 0) {
    return R"({"results":[{"series":[{"columns":["time","county","wage_income"],)"
           R"("values":[[1,"9",)" +
           Units(Value(0)) + R"(],[2,"9",)" + Units(Value(1, off)) + "]]}]}]}";
  }
  template <typename Number>
  static void Append(Number number, std::string* out) {
    out->append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  std::string Wide(int64_t off = 0) {
    std::string out;
    for (int month = 0; month < 2; ++month) {
      Append(uint16_t{18'000}, &out);
      Append(static_cast<int32_t>(Value(month, off)), &out);
    }
    return out;
  }
  std::string Narrow(int64_t off = 0) {
    std::string out;
    for (int month = 0; month < 2; ++month) {
      Append(uint16_t{7}, &out);
      Append(uint16_t{18'000}, &out);
      Append(static_cast<int32_t>(Value(month, off)), &out);
    }
    return out;
  }

  const Panel panel_{{.households = 10, .indicators = 1, .months = 2}, SmallCatalogue()};
};

TEST_F(QuestionTest, AsksForOneHouseholdInThePeersOwnWords) {
  EXPECT_EQ(HistoryUrl(panel_, BodyFormat::kRemoteWrite, "http://h", 3),
            "http://h/api/v1/query?query=%7Bhousehold%3D%22910101100201%2F4%22%7D%5B30d%5D"
            "&time=1582934401");
  EXPECT_EQ(HistoryUrl(panel_, BodyFormat::kLineProtocol, "http://h", 3),
            "http://h/query?db=bench&epoch=ms&q=SELECT%20%2A%20FROM%20report%20WHERE%20household"
            "%20%3D%20%27910101100201%2F4%27");
  EXPECT_EQ(HistoryUrl(panel_, BodyFormat::kClickhouseWide, "http://h", 3),
            "http://h/?query=SELECT%20date%2C%20wage_income%20FROM%20panel%20WHERE%20village%20%3D"
            "%20910101100201%20AND%20household%20%3D%204%20ORDER%20BY%20date%20FORMAT%20RowBinary");
  EXPECT_EQ(HistoryUrl(panel_, BodyFormat::kClickhouseNarrow, "http://h", 3),
            "http://h/?query=SELECT%20indicator%2C%20date%2C%20value%20FROM%20panel%20WHERE"
            "%20village%20%3D%20910101100201%20AND%20household%20%3D%204%20ORDER%20BY%20indicator"
            "%2C%20date%20FORMAT%20RowBinary");
}

TEST_F(QuestionTest, TakesTheRightAnswer) {
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kRemoteWrite, Matrix(), 3), absl::OkStatus());
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kLineProtocol, Series(), 3), absl::OkStatus());
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kClickhouseWide, Wide(), 3), absl::OkStatus());
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kClickhouseNarrow, Narrow(), 3), absl::OkStatus());
}

TEST_F(QuestionTest, RefusesOneWrongValue) {
  const auto wrong = absl::StatusCode::kFailedPrecondition;
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kRemoteWrite, Matrix(1), 3).code(), wrong);
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kLineProtocol, Series(1), 3).code(), wrong);
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kClickhouseWide, Wide(1), 3).code(), wrong);
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kClickhouseNarrow, Narrow(1), 3).code(), wrong);
}

TEST_F(QuestionTest, RefusesAnAnswerThatIsCutOrEmpty) {
  const auto wrong = absl::StatusCode::kFailedPrecondition;
  for (const auto format : {BodyFormat::kRemoteWrite, BodyFormat::kLineProtocol,
                            BodyFormat::kClickhouseWide, BodyFormat::kClickhouseNarrow}) {
    EXPECT_EQ(CheckHistory(panel_, format, "", 3).code(), wrong);
  }
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kClickhouseWide, Wide().substr(0, 6), 3).code(),
            wrong);
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kRemoteWrite, R"({"data":{"result":[]}})", 3).code(),
            wrong);
  EXPECT_EQ(CheckHistory(panel_, BodyFormat::kLineProtocol, R"({"results":[{}]})", 3).code(),
            wrong);
}

TEST_F(QuestionTest, DrawsTheLineAtAThousandYuan) { EXPECT_EQ(ShareLine(panel_), 100'000); }

}  // namespace
}  // namespace shouwang::bench
