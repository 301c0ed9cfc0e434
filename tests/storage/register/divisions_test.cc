#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "storage/register/register.h"
#include "tests/storage/register/files.h"

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The first entries of the statistical list's files.
constexpr char kProvinces[] = "code,name\n52,\"贵州省\"\n53,\"云南省\"\n";
constexpr char kCities[] = "code,name,provinceCode\n5205,\"毕节市\",52\n5301,\"昆明市\",53\n";
constexpr char kAreas[] =
    "code,name,cityCode,provinceCode\n520502,\"七星关区\",5205,52\n530102,\"五华区\",5301,53\n";
constexpr char kStreets[] =
    "code,name,areaCode,provinceCode,cityCode\n520502001,\"市西街道\",520502,52,5205\n"
    "530102001,\"华山街道\",530102,53,5301\n";
constexpr char kVillages[] =
    "code,name,streetCode,provinceCode,cityCode,areaCode\n"
    "520502001001,\"天河社区居民委员会\",520502001,52,5205,520502\n"
    "520502001002,\"和平社区居民委员会\",520502001,52,5205,520502\n"
    "530102001001,\"文林社区居委会\",530102001,53,5301,530102\n";

class DivisionsFileTest : public ::testing::Test {
 protected:
  void WriteFolder() {
    files_.Write("provinces.csv", kProvinces);
    files_.Write("cities.csv", kCities);
    files_.Write("areas.csv", kAreas);
    files_.Write("streets.csv", kStreets);
    files_.Write("villages.csv", kVillages);
  }

  DivisionTree Load(const std::string& path, const std::vector<std::string>& regions = {}) {
    std::vector<Division> divisions;
    divisions.reserve(regions.size());
    for (const std::string& code : regions) divisions.push_back(*Division::Parse(code));
    problems_ = Problems();
    DivisionTree tree = LoadDivisions(path, divisions, &problems_);
    messages_.clear();
    for (const std::string& message : problems_.messages()) {
      messages_.push_back(message.starts_with(files_.folder() + "/")
                              ? message.substr(files_.folder().size() + 1)
                              : message);
    }
    return tree;
  }

  Files files_;
  Problems problems_;
  std::vector<std::string> messages_;
};

TEST_F(DivisionsFileTest, ReadsTheFolderOfTheStatisticalList) {
  WriteFolder();
  const DivisionTree tree = Load(files_.folder());
  EXPECT_THAT(messages_, ElementsAre());
  EXPECT_EQ(tree.size(), 11u);
  EXPECT_EQ(tree.PathOf(*Division::Parse("520502001002")),
            "贵州省 / 毕节市 / 七星关区 / 市西街道 / 和平社区居民委员会");
}

TEST_F(DivisionsFileTest, KeepsOnlyRegionsAndWhatStandsAboveThem) {
  WriteFolder();
  const DivisionTree tree = Load(files_.folder(), {"520502", "530102001001"});
  EXPECT_THAT(messages_, ElementsAre());
  EXPECT_TRUE(tree.Has(*Division::Parse("52")));
  EXPECT_TRUE(tree.Has(*Division::Parse("520502001001")));
  EXPECT_TRUE(tree.Has(*Division::Parse("530102001001")));
  EXPECT_EQ(tree.size(), 11u);
  EXPECT_EQ(Load(files_.folder(), {"53"}).size(), 5u);
  Load(files_.folder(), {"54"});
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("region 54 is not among the divisions")));
}

TEST_F(DivisionsFileTest, ReadsASingleFileInAnyOrderPlainOrGzip) {
  const std::string text =
      "name,remark,code\n天河社区,x,520502001001\n市西街道,,520502001\n"
      "贵州省,,52\n七星关区,, 520502 \n毕节市,,5205\n";
  const DivisionTree tree = Load(files_.Write("divisions.csv", text));
  EXPECT_THAT(messages_, ElementsAre());
  EXPECT_EQ(tree.PathOf(*Division::Parse("520502001001")),
            "贵州省 / 毕节市 / 七星关区 / 市西街道 / 天河社区");

  const std::string path = files_.folder() + "/divisions.csv.gz";
  gzFile gzip = gzopen(path.c_str(), "wb");
  gzputs(gzip, text.c_str());
  gzclose(gzip);
  EXPECT_EQ(Load(path).size(), 5u);
  EXPECT_THAT(messages_, ElementsAre());
}

TEST_F(DivisionsFileTest, ReportsEveryFaultWithFileAndLine) {
  Load(files_.Write("d.csv",
                    "code,name\n52,贵州省\n5,短\n52x2,坏\n53,\n54\n5205,毕节市\n"
                    "520601001,孤\n5205,毕节地区\n"));
  EXPECT_THAT(messages_,
              ElementsAre("d.csv:3: division '5' has 1 digits; a code has 2, 4, 6, 9 or 12",
                          "d.csv:4: division '52x2' is not a code of decimal digits",
                          "d.csv:5: division 53 has no name",
                          "d.csv:6: 1 cells; code and name are not among them",
                          "d.csv:9: division 5205 is named both '毕节市' and '毕节地区'",
                          "d.csv:8: division 520601001 '孤': its county 520601 is missing"));
}

TEST_F(DivisionsFileTest, ReportsARowOfAnotherLevelInAFolder) {
  WriteFolder();
  files_.Write("cities.csv", "code,name\n5205,毕节市\n5301,昆明市\n520502,七星关区\n");
  Load(files_.folder());
  EXPECT_THAT(messages_, ElementsAre("cities.csv:4: division '520502' is no prefecture, whose "
                                     "code has 4 digits"));
}

TEST_F(DivisionsFileTest, ReportsFilesThatAreMissingOrSomethingElse) {
  WriteFolder();
  std::filesystem::remove(files_.folder() + "/streets.csv");
  files_.Write("areas.csv", "kind,title\n1,2\n");
  Load(files_.folder());
  ASSERT_GE(messages_.size(), 2u);
  EXPECT_EQ(messages_[0],
            "areas.csv:1: the columns 'code' and 'name' are needed; the heading is 'kind,title'");
  EXPECT_THAT(messages_[1], HasSubstr("streets.csv: can't be opened: No such file"));
  Load(files_.Write("empty.csv", "code,name\n"));
  EXPECT_THAT(messages_, ElementsAre("empty.csv: lists no divisions"));
}

TEST_F(DivisionsFileTest, BoundsTheFaultsThatItReports) {
  std::string text = "code,name\n";
  for (int i = 0; i < 5000; ++i) text += "bad,row\n";
  Load(files_.Write("d.csv", text));
  ASSERT_EQ(messages_.size(), 51u);
  EXPECT_EQ(messages_[49], "d.csv:51: division 'bad' is not a code of decimal digits");
  EXPECT_EQ(messages_[50], "d.csv: has more faults; further ones are not shown");
}

}  // namespace
}  // namespace shouwang
