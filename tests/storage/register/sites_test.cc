#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/register/register.h"
#include "tests/storage/register/files.h"

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SitesFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* code :
         {"52", "5205", "520502", "520502001", "520502001001", "520523", "520523102"}) {
      ASSERT_TRUE(divisions_.Add(*Division::Parse(code), code).ok());
    }
  }

  SiteRegister Load(const std::string& text) {
    problems_ = Problems();
    const std::string path = files_.Write("sites.yaml", text);
    SiteRegister sites = LoadSites(path, divisions_, &problems_);
    messages_.clear();
    for (const std::string& message : problems_.messages()) {
      messages_.push_back(message.substr(files_.folder().size() + 1));
    }
    return sites;
  }

  Files files_;
  DivisionTree divisions_;
  Problems problems_;
  std::vector<std::string> messages_;
};

TEST_F(SitesFileTest, LinksASettlementToItsOrigins) {
  const SiteRegister sites = Load(
      "sites:\n"
      "  - {settlement: 520502001, number: 3, name_zh: 柏杨林, name_en: Baiyanglin,\n"
      "     origins: [520523102, 520502001001]}\n"
      "  - {settlement: 520502001001, number: 3, name_zh: 二, name_en: Two, origins: "
      "520523102}\n");
  EXPECT_THAT(messages_, ElementsAre());
  ASSERT_EQ(sites.All().size(), 2u);
  const Site* site = sites.Find(*Subject::Parse("520502001/S3"));
  ASSERT_NE(site, nullptr);
  EXPECT_EQ(site->name_zh, "柏杨林");
  EXPECT_EQ(site->name_en, "Baiyanglin");
  EXPECT_THAT(site->origins,
              ElementsAre(*Division::Parse("520523102"), *Division::Parse("520502001001")));
  EXPECT_NE(sites.Find(*Subject::Parse("520502001001/S3")), nullptr);
}

TEST_F(SitesFileTest, ReportsEveryFaultWithItsLine) {
  const SiteRegister sites = Load(
      "sites:\n"
      "  - settlement: 520502\n"
      "    number: 0\n"
      "    name_zh: 一\n"
      "    origins: [520523102, 520523999, 52x]\n"
      "    people: 7\n"
      "  - settlement: 520502009\n"
      "    name_zh: 二\n"
      "    name_en: Two\n"
      "    origins: [520523102]\n");
  EXPECT_TRUE(sites.All().empty());
  EXPECT_THAT(
      messages_,
      ElementsAre("sites.yaml:2: 'settlement': 520502 is a county; a township (9 digits) or a "
                  "village (12) is expected",
                  "sites.yaml:3: 'number' is 0; it must be 1 to 4294967295",
                  "sites.yaml:2: 'name_en' is missing",
                  "sites.yaml:5: 'origins': 520523999 is not a registered division",
                  "sites.yaml:5: 'origins': division '52x' is not a code of decimal digits",
                  HasSubstr("sites.yaml:6: unknown key 'people'"),
                  "sites.yaml:7: 'settlement': 520502009 is not a registered division",
                  "sites.yaml:7: 'number' is missing"));
}

TEST_F(SitesFileTest, ReportsASiteGivenTwiceOrWithoutOrigins) {
  Load(
      "sites:\n"
      "  - {settlement: 520502001, number: 1, name_zh: a, name_en: a, origins: [520523102]}\n"
      "  - {settlement: 520502001, number: 1, name_zh: b, name_en: b, origins: [520523102]}\n"
      "  - {settlement: 520502001, number: 2, name_zh: c, name_en: c}\n");
  EXPECT_THAT(messages_, ElementsAre("sites.yaml:3: site 520502001/S1 is given twice",
                                     "sites.yaml:4: site 520502001/S2 has no origin divisions"));
}

TEST_F(SitesFileTest, TakesAnEmptyListButNotAMissingOne) {
  EXPECT_TRUE(Load("sites: []\n").All().empty());
  EXPECT_THAT(messages_, ElementsAre());
  Load("");
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("'sites' is missing; write 'sites: []'")));
}

}  // namespace
}  // namespace shouwang
