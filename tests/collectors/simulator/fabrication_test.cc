#include "collectors/simulator/fabrication.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "storage/vocabulary/decimal.h"
#include "tests/collectors/simulator/sheets.h"

namespace shouwang::simulator {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kSheet[] = "households-520502001.csv.gz";
// Columns of a row.
constexpr size_t kVillage = 0;
constexpr size_t kNumber = 1;
constexpr size_t kDate = 2;
constexpr size_t kFirstValue = 6;

class FabricationTest : public SimulationTest {
 protected:
  using Row = std::vector<std::string>;
  using Key = std::pair<std::string, std::string>;  // household, month
  // The sheet made up in this way.
  std::vector<Row> MadeUp(const std::string& text) {
    plan_.fabrications = {ParseFabrication(text).value()};
    Run();
    return RowsOf(kSheet);
  }
  std::vector<Row> Honest() {
    plan_.fabrications.clear();
    Run();
    return RowsOf(kSheet);
  }
  static std::string Cell(const Row& row, HouseholdColumn column) {
    return row[kFirstValue + column];
  }
  static double Number(const std::string& cell) {
    return ToDouble(ParseDecimal(cell, 2).value(), 2);
  }
  // Rows of both that differ, in how many households of how many.
  static std::pair<size_t, size_t> HouseholdsThatDiffer(const std::vector<Row>& one,
                                                        const std::vector<Row>& other) {
    EXPECT_EQ(one.size(), other.size());
    std::set<std::string> all;
    std::set<std::string> differ;
    for (size_t i = 0; i < one.size(); ++i) {
      const std::string household = one[i][kVillage] + "/" + one[i][kNumber];
      EXPECT_EQ(other[i][kVillage] + "/" + other[i][kNumber], household);
      all.insert(household);
      if (one[i] != other[i]) differ.insert(household);
    }
    return {differ.size(), all.size()};
  }
};

TEST_F(FabricationTest, IsWrittenAsKindTownshipAndShare) {
  const Fabrication whole = ParseFabrication("round:520502001").value();
  EXPECT_EQ(whole.kind, FabricationKind::kRound);
  EXPECT_EQ(whole.township.ToString(), "520502001");
  EXPECT_EQ(whole.share, 1);
  EXPECT_EQ(ParseFabrication("rushed:520502001:0.3")->share, 0.3);
  EXPECT_EQ(ParseFabrication("copied:520502001:1")->kind, FabricationKind::kCopied);
  EXPECT_EQ(ParseFabrication("above_line:520502001:1")->kind, FabricationKind::kAboveLine);
  const std::map<std::string, std::string> faults = {{"round", "names no township"},
                                                     {"square:520502001", "unknown kind 'square'"},
                                                     {"round:520502", "'520502' is no township"},
                                                     {"round:520502001:0", "'0' is no share"},
                                                     {"round:520502001:1.5", "'1.5' is no share"},
                                                     {"round:520502001:", "'' is no share"},
                                                     {"round:520502001:0.3x", "'0.3x' is no share"},
                                                     {"round:520502001:nan", "'nan' is no share"}};
  for (const auto& [text, fault] : faults) {
    const auto parsed = ParseFabrication(text);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(fault));
  }
}

TEST_F(FabricationTest, OtherTownshipsAndHouseholdsStayAsTheyAre) {
  plan_.townships.push_back(*Division::Parse("520502002"));
  const std::vector<Row> honest = Honest();
  const std::string other = BytesOf("households-520502002.csv.gz");
  const std::vector<Row> made_up = MadeUp("round:520502001:0.3");
  EXPECT_EQ(BytesOf("households-520502002.csv.gz"), other);
  const auto [differ, all] = HouseholdsThatDiffer(honest, made_up);
  EXPECT_EQ(all, 60u);
  EXPECT_GT(differ, 60 * 0.15);
  EXPECT_LT(differ, 60 * 0.45);
}

TEST_F(FabricationTest, CopiedAmountsAreThoseOfTheFirstMonth) {
  std::map<std::string, std::string> wages;
  for (const Row& row : MadeUp("copied:520502001")) {
    const std::string wage = Cell(row, kWageIncome);
    if (wage.empty()) continue;
    const auto [at, added] = wages.emplace(row[kVillage] + "/" + row[kNumber], wage);
    if (!added) {
      EXPECT_EQ(wage, at->second) << at->first;
    }
  }
  EXPECT_THAT(wages, SizeIs(60));
}

TEST_F(FabricationTest, RoundAmountsAreRoundByTheirMagnitude) {
  size_t large = 0;
  for (const Row& row : MadeUp("round:520502001")) {
    const std::string cell = Cell(row, kWageIncome);
    if (cell.empty()) continue;
    const auto yuan = static_cast<int64_t>(Number(cell));
    if (yuan >= 1000) {
      EXPECT_EQ(yuan % 500, 0) << cell;
      ++large;
    }
  }
  EXPECT_GT(large, 100u);
}

TEST_F(FabricationTest, IncomesAreLiftedJustAboveTheLine) {
  plan_.line = 6'000;
  size_t lifted = 0;
  for (const Row& row : MadeUp("above_line:520502001")) {
    bool whole = true;
    double income = 0;
    for (const auto& [column, sign] :
         std::vector<std::pair<HouseholdColumn, int>>{{kWageIncome, 1},
                                                      {kOperatingIncome, 1},
                                                      {kOperatingCost, -1},
                                                      {kPropertyIncome, 1},
                                                      {kTransferIncome, 1}}) {
      whole = whole && !Cell(row, column).empty();
      if (whole) income += sign * Number(Cell(row, column));
    }
    if (!whole || Cell(row, kHouseholdSize).empty()) continue;
    const double of_each = income * 12 / Number(Cell(row, kHouseholdSize));
    EXPECT_GE(of_each, 5'999.9);
    EXPECT_LE(of_each, 6'240.1);
    ++lifted;
  }
  EXPECT_GT(lifted, 700u);
}

TEST_F(FabricationTest, RushedMonthsHaveOneDay) {
  std::map<std::string, std::set<std::string>> days;  // of months
  for (const Row& row : MadeUp("rushed:520502001:0.3")) {
    days[row[kDate].substr(0, 7)].insert(row[kDate]);
  }
  EXPECT_THAT(days, SizeIs(14));
  std::set<std::string> rushed;
  for (const auto& [month, of_month] : days) {
    if (of_month == std::set<std::string>{month + "-20"}) rushed.insert(month);
  }
  EXPECT_EQ(rushed, (std::set<std::string>{"2026-10", "2026-07", "2026-04", "2025-12", "2025-09"}));
}

TEST_F(FabricationTest, AFabricationOfATownshipThatIsNotSimulatedIsRefused) {
  plan_.fabrications = {ParseFabrication("round:520502002").value()};
  EXPECT_THAT(Refusal(), HasSubstr("fabrication of township 520502002: it is not simulated"));
  plan_.fabrications.assign(101, ParseFabrication("round:520502001").value());
  EXPECT_THAT(Refusal(), HasSubstr("fabrications: 101 is outside 0 to 100"));
  plan_.fabrications.clear();
  plan_.line = 0;
  EXPECT_THAT(Refusal(), HasSubstr("line: 0 is outside 1 to"));
}

}  // namespace
}  // namespace shouwang::simulator
