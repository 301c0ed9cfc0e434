#include "storage/files/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/temporary_directory.h"

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Row = std::vector<std::string>;

class CsvTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& text) {
    std::string path = folder_.path() + "/sheet.csv";
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  absl::StatusOr<CsvReader> Open(const std::string& text) { return CsvReader::Open(Write(text)); }

  // The rows under the heading, with their lines; stops at a fault and keeps it in `fault_`.
  std::vector<Row> Rows(const std::string& text) {
    std::vector<Row> rows;
    lines_.clear();
    absl::StatusOr<CsvReader> reader = Open(text);
    fault_ = reader.status();
    if (!reader.ok()) return rows;
    heading_ = reader->heading();
    Row row;
    for (;;) {
      absl::StatusOr<bool> more = reader->Next(&row);
      fault_ = more.status();
      if (!more.ok() || !*more) return rows;
      rows.push_back(row);
      lines_.push_back(reader->line());
    }
  }

  TemporaryDirectory folder_;
  Row heading_;
  std::vector<int64_t> lines_;
  absl::Status fault_;
};

TEST_F(CsvTest, KeepsHeadingAndRowsApart) {
  EXPECT_THAT(Rows("code,name\n52,贵州省\n53,云南省\n"),
              ElementsAre(Row{"52", "贵州省"}, Row{"53", "云南省"}));
  EXPECT_EQ(heading_, (Row{"code", "name"}));
  EXPECT_THAT(lines_, ElementsAre(2, 3));
}

TEST_F(CsvTest, UnderstandsQuotedCommasQuotesAndLineFeeds) {
  EXPECT_THAT(Rows("a,b\n\"1,5\",\"say \"\"no\"\"\"\n\"two\nlines\",\"\"\nx,y\n"),
              ElementsAre(Row{"1,5", "say \"no\""}, Row{"two\nlines", ""}, Row{"x", "y"}));
  EXPECT_THAT(lines_, ElementsAre(2, 3, 5));
}

TEST_F(CsvTest, TakesBothLineEndsAndALastRowWithoutOne) {
  EXPECT_THAT(Rows("a,b\r\n1,2\r\n3,\"4\"\r\n5,6"),
              ElementsAre(Row{"1", "2"}, Row{"3", "4"}, Row{"5", "6"}));
  EXPECT_THAT(Rows("a\n7"), ElementsAre(Row{"7"}));
  EXPECT_THAT(lines_, ElementsAre(2));
}

TEST_F(CsvTest, StripsAByteOrderMark) {
  EXPECT_THAT(Rows("\xEF\xBB\xBF\"code\",name\n1,2\n"), ElementsAre(Row{"1", "2"}));
  EXPECT_EQ(heading_, (Row{"code", "name"}));
}

TEST_F(CsvTest, LeavesBlanksInCellsAndSkipsEmptyLines) {
  EXPECT_THAT(Rows("a,b\n\n 1 ,\t2\r\n\r\n3,4\n\n"), ElementsAre(Row{" 1 ", "\t2"}, Row{"3", "4"}));
  EXPECT_THAT(lines_, ElementsAre(3, 5));
}

TEST_F(CsvTest, PassesWrongCellCountsThrough) {
  EXPECT_THAT(Rows("a,b\n1\n1,2,3\n,\n"), ElementsAre(Row{"1"}, Row{"1", "2", "3"}, Row{"", ""}));
  EXPECT_TRUE(fault_.ok()) << fault_;
}

TEST_F(CsvTest, NamesTheLineOfAStrayQuote) {
  EXPECT_THAT(Rows("a,b\n1,2\n3,4\"5\n6,7\n"), ElementsAre(Row{"1", "2"}));
  EXPECT_EQ(fault_.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(fault_.message()), HasSubstr("sheet.csv:3: a quote stands inside"));
}

TEST_F(CsvTest, NamesTheLineOfAQuoteThatIsNeverClosed) {
  EXPECT_THAT(Rows("a,b\n1,2\n3,\"4\n5,6\n7,8\n"), ElementsAre(Row{"1", "2"}));
  EXPECT_EQ(fault_.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(fault_.message()), HasSubstr("sheet.csv:3: the file ends inside"));
}

TEST_F(CsvTest, RepeatsItsFaultWhenAskedAgain) {
  absl::StatusOr<CsvReader> reader = Open("a\n\"x\"y\nz\n");
  ASSERT_TRUE(reader.ok());
  Row row;
  const absl::Status first = reader->Next(&row).status();
  EXPECT_FALSE(first.ok());
  EXPECT_EQ(reader->Next(&row).status(), first);
}

TEST_F(CsvTest, RefusesAnEmptyFileAndATooWideHeading) {
  EXPECT_THAT(std::string(Open("").status().message()),
              HasSubstr("sheet.csv:1: the file is empty"));
  EXPECT_THAT(std::string(Open("\n\n").status().message()), HasSubstr("the file is empty"));
  std::string wide = "c0";
  for (int i = 1; i < 1000; ++i) wide += ",c" + std::to_string(i);
  EXPECT_TRUE(Open(wide + "\n").ok());
  EXPECT_THAT(std::string(Open(wide + ",one\n").status().message()),
              HasSubstr("the heading has 1001 columns; at most 1000 are read"));
}

TEST_F(CsvTest, RefusesARowOverTheLimit) {
  const std::string most(1'048'500, 'x');
  EXPECT_THAT(Rows("a\n" + most + "\n"), ElementsAre(Row{most}));
  EXPECT_THAT(Rows("a\n1\n" + most + most + "\n"), ElementsAre(Row{"1"}));
  EXPECT_THAT(std::string(fault_.message()),
              HasSubstr("sheet.csv:3: this row is over 1048576 bytes"));
  // A quote left open must not take in the rest of a large file.
  std::string open = "a\n1\n\"";
  for (int i = 0; i < 300'000; ++i) open += "12345\n";
  EXPECT_THAT(Rows(open), ElementsAre(Row{"1"}));
  EXPECT_THAT(std::string(fault_.message()), HasSubstr("sheet.csv:3: this row is over"));
}

TEST_F(CsvTest, ReadsGzipAndReportsOneThatIsCutOffWithFileAndLine) {
  const std::string path = folder_.path() + "/sheet.csv.gz";
  gzFile file = gzopen(path.c_str(), "wb");
  gzputs(file, "a,b\n");
  for (int i = 0; i < 20'000; ++i) gzprintf(file, "%d,%d\n", i, i * 7919 % 100'003);
  gzclose(file);

  absl::StatusOr<CsvReader> whole = CsvReader::Open(path);
  ASSERT_TRUE(whole.ok()) << whole.status();
  Row row;
  int rows = 0;
  while (*whole->Next(&row)) ++rows;
  EXPECT_EQ(rows, 20'000);
  EXPECT_EQ(row, (Row{"19999", "67332"}));
  EXPECT_EQ(whole->bytes_read(), whole->bytes_total());

  const auto size = std::filesystem::file_size(path);
  std::filesystem::resize_file(path, size / 2);
  absl::StatusOr<CsvReader> cut = CsvReader::Open(path);
  ASSERT_TRUE(cut.ok()) << cut.status();
  absl::StatusOr<bool> more = true;
  rows = 0;
  while ((more = cut->Next(&row)).ok()) {
    ASSERT_TRUE(*more) << "a cut file must not end quietly";
    ASSERT_EQ(row.size(), 2u) << "a row cut in two must not be returned";
    ++rows;
  }
  EXPECT_GT(rows, 5'000);
  EXPECT_EQ(more.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(more.status().message()), StartsWith(path + ": the gzip stream is cut"));
  EXPECT_THAT(std::string(more.status().message()),
              HasSubstr("(at line " + std::to_string(rows + 2) + ")"));
}

TEST_F(CsvTest, SaysWhyAFileCannotBeOpened) {
  const absl::Status status = CsvReader::Open(folder_.path() + "/absent.csv").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("absent.csv: can't be opened"));
}

}  // namespace
}  // namespace shouwang
