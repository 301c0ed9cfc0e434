#include "collectors/submit/batch_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kVillage = 520502001001;

BatchHeader Header() {
  return {"pc-7",
          Source::kCadreVisit,
          Instant(std::chrono::milliseconds(1'790'000'000'000)),
          {"wage_income", "household_size"}};
}

MappedRow Row(uint64_t village, uint32_t number, int32_t day, std::vector<MappedValue> values) {
  MappedRow row;
  row.usable = true;
  row.subject = {village, SubjectKind::kHousehold, number};
  row.date = Date::OfDays(day);
  row.values = std::move(values);
  return row;
}

Residence Living(uint64_t village, uint32_t number, uint32_t site) {
  return {{village, SubjectKind::kHousehold, number},
          {village / 1000 * 1000, SubjectKind::kSite, site},
          *Division::Parse("520526203"),
          Date::OfDays(18'000)};
}

// Adds rows as lines 2, 3, ... of file 0.
class Rows {
 public:
  explicit Rows(BatchLimits limits = {}, BatchHeader header = Header())
      : builder_(std::move(header), limits) {}
  Rows& Add(const MappedRow& row) {
    builder_.Add(row, {0, ++line_}, &due);
    return *this;
  }
  const std::vector<OutgoingBatch>& Flush() {
    builder_.Flush(&due);
    return due;
  }
  size_t buffered() const { return builder_.buffered_rows(); }
  std::vector<OutgoingBatch> due;

 private:
  BatchBuilder builder_;
  int64_t line_ = 1;
};

TEST(BatchBuilderTest, PutsAVillageIntoOneSectionColumnByColumn) {
  Rows rows;
  rows.Add(Row(kVillage, 9, 20'000, {{0, 330050}, {1, 4}}))
      .Add(Row(kVillage, 2, 20'000, {{1, 3}}))
      .Add(Row(kVillage, 5, 20'000, {{0, 100}, {1, 2}}));
  ASSERT_THAT(rows.Flush(), SizeIs(1));
  const OutgoingBatch& out = rows.due[0];
  const v1::Batch& batch = out.request.batch();
  EXPECT_EQ(batch.township(), "520502001");
  EXPECT_EQ(batch.collector(), "pc-7");
  EXPECT_EQ(batch.source(), v1::SOURCE_CADRE_VISIT);
  EXPECT_EQ(batch.reported_at_ms(), 1'790'000'000'000);
  EXPECT_THAT(batch.indicators(), ElementsAre("wage_income", "household_size"));
  ASSERT_THAT(batch.sections(), SizeIs(1));
  const v1::Section& section = batch.sections(0);
  EXPECT_EQ(section.kind(), v1::SUBJECT_KIND_HOUSEHOLD);
  EXPECT_EQ(section.place(), "520502001001");
  EXPECT_THAT(section.numbers(), ElementsAre(2, 5, 9));
  EXPECT_THAT(section.dates(), ElementsAre(20'000));
  ASSERT_THAT(section.columns(), SizeIs(2));
  EXPECT_EQ(section.columns(0).indicator(), 0u);
  EXPECT_EQ(section.columns(0).present(), std::string("\x06"));  // the second and third report
  EXPECT_THAT(section.columns(0).values(), ElementsAre(100, 330050));
  EXPECT_EQ(section.columns(1).present(), "");
  EXPECT_THAT(section.columns(1).values(), ElementsAre(3, 2, 4));
  ASSERT_THAT(out.rows, SizeIs(1));
  EXPECT_THAT(out.rows[0], ElementsAre(RowRef{0, 3}, RowRef{0, 4}, RowRef{0, 2}));
  EXPECT_EQ(out.reports, 3u);
  EXPECT_EQ(out.values, 5u);
}

TEST(BatchBuilderTest, KeepsDatesApartWhereTheyDiffer) {
  Rows rows;
  rows.Add(Row(kVillage, 1, 20'031, {{0, 2}})).Add(Row(kVillage, 1, 20'000, {{0, 1}}));
  const v1::Section& section = rows.Flush()[0].request.batch().sections(0);
  EXPECT_THAT(section.numbers(), ElementsAre(1, 1));
  EXPECT_THAT(section.dates(), ElementsAre(20'000, 20'031));
  EXPECT_THAT(section.columns(0).values(), ElementsAre(1, 2));
}

TEST(BatchBuilderTest, KeepsTheFileOrderOfRowsOfOneCell) {
  Rows rows;
  rows.Add(Row(kVillage, 1, 20'000, {{0, 7}})).Add(Row(kVillage, 1, 20'000, {{0, 5}}));
  EXPECT_THAT(rows.Flush()[0].request.batch().sections(0).columns(0).values(), ElementsAre(7, 5));
}

TEST(BatchBuilderTest, SplitsTownshipsVillagesAndKinds) {
  Rows rows;
  MappedRow site = Row(520502001000, 3, 20'000, {{0, 1}});
  site.subject.kind = SubjectKind::kSite;
  rows.Add(Row(520502002001, 1, 20'000, {{0, 1}}))
      .Add(Row(520502001002, 1, 20'000, {{0, 1}}))
      .Add(Row(520502001001, 1, 20'000, {{0, 1}}))
      .Add(site);
  ASSERT_THAT(rows.Flush(), SizeIs(2));
  const v1::Batch& first = rows.due[0].request.batch();
  EXPECT_EQ(first.township(), "520502001");
  ASSERT_THAT(first.sections(), SizeIs(3));
  EXPECT_EQ(first.sections(0).place(), "520502001");
  EXPECT_EQ(first.sections(0).kind(), v1::SUBJECT_KIND_SITE);
  EXPECT_EQ(first.sections(1).place(), "520502001001");
  EXPECT_EQ(first.sections(2).place(), "520502001002");
  EXPECT_EQ(rows.due[1].request.batch().township(), "520502002");
}

TEST(BatchBuilderTest, ABatchIsDueAtItsBoundOfReportsValuesOrSections) {
  Rows reports({.reports = 2});
  reports.Add(Row(kVillage, 1, 1, {{0, 1}}));
  EXPECT_THAT(reports.due, IsEmpty());
  reports.Add(Row(kVillage, 2, 1, {{0, 1}}));
  EXPECT_THAT(reports.due, SizeIs(1));

  Rows values({.values = 3});
  values.Add(Row(kVillage, 1, 1, {{0, 1}, {1, 1}})).Add(Row(kVillage, 2, 1, {{0, 1}, {1, 1}}));
  ASSERT_THAT(values.due, SizeIs(1));
  EXPECT_EQ(values.due[0].values, 2u);

  Rows sections({.sections = 2});
  sections.Add(Row(kVillage, 1, 1, {{0, 1}}))
      .Add(Row(kVillage + 1, 1, 1, {{0, 1}}))
      .Add(Row(kVillage, 2, 1, {{0, 1}}))
      .Add(Row(kVillage + 2, 1, 1, {{0, 1}}));
  ASSERT_THAT(sections.due, SizeIs(1));
  EXPECT_EQ(sections.due[0].reports, 3u);
}

TEST(BatchBuilderTest, MakesRoomByClosingTheLargestTownships) {
  Rows rows({.buffered_rows = 6});
  for (uint32_t i = 1; i <= 4; ++i) rows.Add(Row(520502001001, i, 1, {{0, 1}}));
  for (uint32_t i = 1; i <= 2; ++i) rows.Add(Row(520502002001, i, 1, {{0, 1}}));
  EXPECT_THAT(rows.due, IsEmpty());
  rows.Add(Row(520502003001, 1, 1, {{0, 1}}));
  ASSERT_THAT(rows.due, SizeIs(1));
  EXPECT_EQ(rows.due[0].request.batch().township(), "520502001");
  EXPECT_EQ(rows.buffered(), 3u);
  EXPECT_THAT(rows.Flush(), SizeIs(3));
  EXPECT_EQ(rows.buffered(), 0u);
}

TEST(BatchBuilderTest, TheSameRowsMakeTheSameRequestIds) {
  const auto ids = [](int64_t reported_at_ms, int64_t value) {
    BatchHeader header = Header();
    header.reported_at = Instant(std::chrono::milliseconds(reported_at_ms));
    Rows rows({}, header);
    rows.Add(Row(kVillage, 1, 1, {{0, value}})).Add(Row(520502002001, 1, 1, {{0, 1}}));
    std::vector<std::string> result;
    for (const OutgoingBatch& batch : rows.Flush()) {
      result.push_back(batch.request.batch().request_id());
    }
    return result;
  };
  const std::vector<std::string> once = ids(1, 5);
  ASSERT_THAT(once, SizeIs(2));
  EXPECT_THAT(once[0], SizeIs(32));
  EXPECT_NE(once[0], once[1]);
  EXPECT_EQ(ids(1, 5), once);
  EXPECT_NE(ids(2, 5)[0], once[0]);
  EXPECT_NE(ids(1, 6)[0], once[0]);
}

TEST(BatchBuilderTest, SendsAResidenceOnceAndAgainWhenItChanges) {
  Rows rows({.reports = 1});
  for (const uint32_t site : {3u, 3u, 4u}) {
    MappedRow row = Row(kVillage, 1, 1, {{0, 1}});
    row.residence = Living(kVillage, 1, site);
    rows.Add(row);
  }
  ASSERT_THAT(rows.due, SizeIs(3));
  ASSERT_THAT(rows.due[0].request.batch().residences(), SizeIs(1));
  const v1::Residence& residence = rows.due[0].request.batch().residences(0);
  EXPECT_EQ(residence.household(), "520502001001/1");
  EXPECT_EQ(residence.site(), "520502001/S3");
  EXPECT_EQ(residence.origin(), "520526203");
  EXPECT_EQ(residence.since(), 18'000);
  EXPECT_THAT(rows.due[0].residence_rows, ElementsAre(RowRef{0, 2}));
  EXPECT_THAT(rows.due[1].request.batch().residences(), IsEmpty());
  EXPECT_EQ(rows.due[2].request.batch().residences(0).site(), "520502001/S4");
}

TEST(BatchBuilderTest, ARowThatReportsNothingIsNoReport) {
  Rows rows;
  rows.Add(Row(kVillage, 1, 1, {}));
  MappedRow moved = Row(kVillage, 2, 1, {});
  moved.residence = Living(kVillage, 2, 3);
  rows.Add(moved);
  ASSERT_THAT(rows.Flush(), SizeIs(1));
  EXPECT_EQ(rows.due[0].reports, 0u);
  EXPECT_THAT(rows.due[0].request.batch().sections(), IsEmpty());
  EXPECT_THAT(rows.due[0].request.batch().residences(), SizeIs(1));
}

}  // namespace
}  // namespace shouwang
