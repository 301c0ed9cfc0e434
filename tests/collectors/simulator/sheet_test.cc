#include "collectors/simulator/sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/files/csv.h"
#include "tests/collectors/simulator/sheets.h"

namespace shouwang::simulator {
namespace {

using ::testing::HasSubstr;

class SheetTest : public SimulationTest {};

TEST_F(SheetTest, WritesDecimalsAsPeopleDo) {
  for (const std::string name : {"plain.csv", "packed.csv.gz"}) {
    const std::string path = folder_.path() + "/" + name;
    auto sheet = Sheet::Create(path);
    ASSERT_TRUE(sheet.ok()) << sheet.status();
    sheet->Cell("a");
    sheet->EndRow();
    for (int64_t value : {0, 1200, 1250, 1234, 5, -705}) sheet->Hundredths(value);
    sheet->EmptyCell();
    sheet->Number(520'502'001'001);
    sheet->EndRow();
    EXPECT_FALSE(std::filesystem::exists(path)) << "not before it is whole";
    ASSERT_TRUE(sheet->Finish().ok());
    auto reader = CsvReader::Open(path);
    ASSERT_TRUE(reader.ok()) << reader.status();
    std::vector<std::string> row;
    ASSERT_TRUE(*reader->Next(&row));
    EXPECT_EQ(row, (std::vector<std::string>{"0", "12", "12.5", "12.34", "0.05", "-7.05", "",
                                             "520502001001"}));
  }
}

TEST_F(SheetTest, LeavesNothingBehindWhereItIsNotFinished) {
  { ASSERT_TRUE(Sheet::Create(folder_.path() + "/a.csv").ok()); }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(SheetTest, TellsThatItsFolderIsMissing) {
  const absl::Status status = Sheet::Create(folder_.path() + "/absent/a.csv").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("absent/a.csv.part: can't be created"));
}

}  // namespace
}  // namespace shouwang::simulator
