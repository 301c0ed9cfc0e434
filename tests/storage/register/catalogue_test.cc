#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/register/register.h"
#include "tests/storage/register/files.h"

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kTwo[] =
    "indicators:\n"
    "  - {id: 1, name: wage_income, title_zh: 工资性收入, title_en: Wage income, unit: yuan,\n"
    "     decimals: 2, min: -10.5, max: 1000000, cadence: monthly, applies_to: household,\n"
    "     supplied_by: cadre_visit}\n"
    "  - {id: 201, name: site_households, title_zh: 安置户数, title_en: Households,\n"
    "     unit: households, decimals: 0, min: 0, max: 20000, cadence: quarterly,\n"
    "     applies_to: site, supplied_by: department_screening}\n";

class CatalogueFileTest : public ::testing::Test {
 protected:
  Catalogue Load(const std::string& text) {
    problems_ = Problems();
    const std::string path = files_.Write("c.yaml", text);
    Catalogue catalogue = LoadCatalogue(path, &problems_);
    messages_.clear();
    for (const std::string& message : problems_.messages()) {
      EXPECT_TRUE(message.starts_with(path)) << message;
      messages_.push_back(message.substr(files_.folder().size() + 1));
    }
    return catalogue;
  }

  // What is in kTwo, and more.
  Catalogue LoadTwoAnd(std::string_view more) {
    std::string text(kTwo);
    text += more;
    return Load(text);
  }

  Files files_;
  Problems problems_;
  std::vector<std::string> messages_;
};

TEST_F(CatalogueFileTest, ReadsEveryFieldOfAnIndicator) {
  const Catalogue catalogue = Load(kTwo);
  EXPECT_THAT(messages_, ElementsAre());
  ASSERT_EQ(catalogue.All().size(), 2u);
  const Indicator& wage = *catalogue.Find("wage_income");
  EXPECT_EQ(wage.id, 1);
  EXPECT_EQ(wage.title_zh, "工资性收入");
  EXPECT_EQ(wage.title_en, "Wage income");
  EXPECT_EQ(wage.unit, "yuan");
  EXPECT_EQ(wage.decimals, 2);
  EXPECT_EQ(wage.min, -1050);
  EXPECT_EQ(wage.max, 100'000'000);
  EXPECT_EQ(wage.cadence, Cadence::kMonthly);
  EXPECT_EQ(wage.applies_to, SubjectKind::kHousehold);
  EXPECT_EQ(wage.supplied_by, Source::kCadreVisit);
  const Indicator& site = *catalogue.Get(201);
  EXPECT_EQ(site.applies_to, SubjectKind::kSite);
  EXPECT_EQ(site.cadence, Cadence::kQuarterly);
  EXPECT_EQ(site.supplied_by, Source::kDepartmentScreening);
}

TEST_F(CatalogueFileTest, ReportsAllFaultsWithTheirLines) {
  const Catalogue catalogue = Load(
      "indicators:\n"
      "  - id: 0\n"
      "    name: Wage\n"
      "    title_zh: 工资\n"
      "    unit: yuan\n"
      "    decimals: 2\n"
      "    min: 1.005\n"
      "    max: many\n"
      "    cadence: weekly\n"
      "    applies_to: village\n"
      "    supplied_by: rumour\n"
      "    colour: red\n");
  EXPECT_TRUE(catalogue.All().empty());
  EXPECT_THAT(
      messages_,
      ElementsAre("c.yaml:2: 'id' is 0; it must be 1 to 65533", "c.yaml:2: 'title_en' is missing",
                  "c.yaml:7: 'min': '1.005' has more than 2 decimals",
                  "c.yaml:8: 'max': 'many' is not a decimal number",
                  "c.yaml:9: 'weekly' is not a cadence (monthly, quarterly, yearly, on_change)",
                  "c.yaml:10: 'village' is not a subject (household, site)",
                  "c.yaml:11: 'rumour' is not a source (self_declaration, cadre_visit, "
                  "department_screening)",
                  HasSubstr("c.yaml:12: unknown key 'colour'")));
}

TEST_F(CatalogueFileTest, KeepsTheSoundIndicatorsSoThatOneFaultDoesNotHideOthers) {
  const Catalogue catalogue = LoadTwoAnd(
      "  - {id: 3, name: Bad Name, title_zh: x, title_en: x, unit: yuan, decimals: 0,\n"
      "     min: 5, max: 4, cadence: monthly, applies_to: household,\n"
      "     supplied_by: cadre_visit}\n");
  EXPECT_EQ(catalogue.All().size(), 2u);
  EXPECT_THAT(messages_, ElementsAre("c.yaml:8: indicator 'Bad Name' (id 3): name must be "
                                     "lower-case letters, digits and '_'"));
}

TEST_F(CatalogueFileTest, ReportsIdsAndNamesGivenTwice) {
  LoadTwoAnd(
      "  - {id: 201, name: wage_income, title_zh: x, title_en: x, unit: yuan, decimals: 0,\n"
      "     min: 0, max: 4, cadence: monthly, applies_to: household,\n"
      "     supplied_by: cadre_visit}\n");
  EXPECT_THAT(messages_,
              ElementsAre("c.yaml:8: id 201 is given in line 5 already",
                          "c.yaml:8: indicator 'wage_income' is given in line 2 already"));
}

TEST_F(CatalogueFileTest, ReportsAFileWithoutIndicators) {
  Load("indicators: []\n");
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("'indicators' is missing or empty")));
  Load("");
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("'indicators' is missing or empty")));
  Load("indicators: 7\n");
  EXPECT_THAT(messages_, ElementsAre("c.yaml:1: 'indicators' must be a list"));
  Problems problems;
  LoadCatalogue(files_.folder() + "/absent.yaml", &problems);
  EXPECT_THAT(problems.messages(), ElementsAre(HasSubstr("absent.yaml: can't be opened")));
}

}  // namespace
}  // namespace shouwang
