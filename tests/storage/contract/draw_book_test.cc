// What every book of draws promises, in memory and on disk.
#include "storage/contract/draw_book.h"

#include <atomic>
#include <thread>

#include "storage/memory/memory_draw_book.h"
#include "storage/rocks/rocks_draw_book.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kFirst[] = "520502001001/17";
constexpr char kSecond[] = "520502001002/3";

class MemoryDrawsUnderTest {
 public:
  DrawBook& book() { return book_; }
  void Reopen() {}

 private:
  MemoryDrawBook book_;
};

class RocksDrawsUnderTest {
 public:
  DrawBook& book() { return *book_; }
  void Reopen() {
    book_.reset();
    store_.reset();
    store_ = OpenRocks(SmallRocks(directory_.path()));
    book_ = std::make_unique<RocksDrawBook>(store_.get());
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> store_ = OpenRocks(SmallRocks(directory_.path()));
  std::unique_ptr<RocksDrawBook> book_ = std::make_unique<RocksDrawBook>(store_.get());
};

Draw DrawOf(std::string_view township, std::string_view month,
            const std::vector<const char*>& drawn) {
  Draw draw;
  draw.township = Div(township);
  draw.month = In(month);
  draw.drawn_at = At(1'000);
  draw.policy_version = 202601;
  draw.households = 40;
  draw.unflagged = 30;
  for (const char* subject : drawn) draw.drawn.push_back(Named(subject));
  return draw;
}

DrawVisit VisitTo(const char* subject, VisitOutcome outcome, int64_t ms = 2'000) {
  return {Named(subject), outcome, At(ms), Role::kVillage, "v17", "已入户"};
}

template <typename UnderTest>
class DrawBookTest : public testing::Test {
 protected:
  DrawBook& book() { return under_test_.book(); }
  void Reopen() { under_test_.Reopen(); }
  std::optional<Draw> Load(std::string_view township, std::string_view month) {
    const auto draw = book().LoadDraw(Div(township), In(month));
    EXPECT_TRUE(draw.ok()) << draw.status();
    return draw.ok() ? *draw : std::nullopt;
  }
  std::vector<std::string> Scan(std::string_view region, std::string_view from, std::string_view to,
                                size_t limit = 100) {
    std::vector<std::string> seen;
    const absl::Status status = book().ScanDraws(Div(region), In(from), In(to), [&](const Draw& d) {
      seen.push_back(d.township.ToString() + " " + d.month.ToString() + " " +
                     std::to_string(d.visits.size()));
      return seen.size() < limit;
    });
    EXPECT_TRUE(status.ok()) << status;
    return seen;
  }
  UnderTest under_test_;
};

using Books = testing::Types<MemoryDrawsUnderTest, RocksDrawsUnderTest>;
TYPED_TEST_SUITE(DrawBookTest, Books);

TYPED_TEST(DrawBookTest, ADrawStaysAsItWasDrawn) {
  const Draw draw = DrawOf("520502001", "2026-11", {kSecond, kFirst});
  ASSERT_TRUE(this->book().AddDraw(draw).ok());
  const absl::Status again = this->book().AddDraw(DrawOf("520502001", "2026-11", {kFirst}));
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  this->Reopen();
  EXPECT_EQ(this->Load("520502001", "2026-11"), draw);
  EXPECT_EQ(this->Load("520502001", "2026-12"), std::nullopt);
  EXPECT_EQ(this->Load("520502002", "2026-11"), std::nullopt);
}

TYPED_TEST(DrawBookTest, KeepsEveryVisitAndTheLastOfAHouseholdStands) {
  ASSERT_TRUE(this->book().AddDraw(DrawOf("520502001", "2026-11", {kSecond, kFirst})).ok());
  const DrawVisit first = VisitTo(kSecond, VisitOutcome::kFine);
  const DrawVisit other = VisitTo(kFirst, VisitOutcome::kFine, 3'000);
  const DrawVisit last = VisitTo(kSecond, VisitOutcome::kAtRisk, 1'500);
  for (const DrawVisit& visit : {first, other, last}) {
    ASSERT_TRUE(this->book().AddVisit(Div("520502001"), In("2026-11"), visit).ok());
    this->Reopen();
  }
  const Draw draw = *this->Load("520502001", "2026-11");
  EXPECT_THAT(draw.visits, ElementsAre(other, first, last)) << "by household, as they came";
  EXPECT_EQ(*draw.VisitOf(Named(kSecond)), last);
  EXPECT_EQ(*draw.VisitOf(Named(kFirst)), other);
  EXPECT_EQ(draw.VisitOf(Named("520502001001/18")), nullptr);
}

TYPED_TEST(DrawBookTest, NobodyIsVisitedWhoWasNotDrawn) {
  const DrawVisit visit = VisitTo(kFirst, VisitOutcome::kFine);
  const absl::Status none = this->book().AddVisit(Div("520502001"), In("2026-11"), visit);
  EXPECT_EQ(none.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(none.message()), "520502001 has no draw of 2026-11");
  ASSERT_TRUE(this->book().AddDraw(DrawOf("520502001", "2026-11", {kSecond})).ok());
  const absl::Status not_drawn = this->book().AddVisit(Div("520502001"), In("2026-11"), visit);
  EXPECT_EQ(not_drawn.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(not_drawn.message()),
            "520502001001/17 was not drawn in 520502001 in 2026-11");
}

TYPED_TEST(DrawBookTest, AHouseholdHasAnEndOfVisits) {
  ASSERT_TRUE(this->book().AddDraw(DrawOf("520502001", "2026-11", {kFirst})).ok());
  const DrawVisit visit = VisitTo(kFirst, VisitOutcome::kFine);
  for (uint32_t i = 0; i < kMaxVisitsOfDrawn; ++i) {
    ASSERT_TRUE(this->book().AddVisit(Div("520502001"), In("2026-11"), visit).ok());
  }
  const absl::Status full = this->book().AddVisit(Div("520502001"), In("2026-11"), visit);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(std::string(full.message()),
            "520502001001/17 has 16 visits of the draw of 2026-11, the limit");
}

TYPED_TEST(DrawBookTest, ScansARegionByTownshipAndMonth) {
  for (const char* township : {"520503001", "520502002", "520502001"}) {
    for (const char* month : {"2026-11", "1969-12", "2026-01"}) {
      ASSERT_TRUE(this->book().AddDraw(DrawOf(township, month, {})).ok());
    }
  }
  this->Reopen();
  EXPECT_THAT(this->Scan("520502", "1900-01", "2026-10"),
              ElementsAre("520502001 1969-12 0", "520502001 2026-01 0", "520502002 1969-12 0",
                          "520502002 2026-01 0"));
  EXPECT_THAT(this->Scan("", "2026-11", "2026-11", 2),
              ElementsAre("520502001 2026-11 0", "520502002 2026-11 0"));
  EXPECT_THAT(this->Scan("520502003", "1900-01", "2199-12"), IsEmpty());
}

TYPED_TEST(DrawBookTest, OfManyAtOnceExactlyOneDraws) {
  std::atomic<int> won = 0;
  std::atomic<int> late = 0;
  {
    std::vector<std::jthread> officials;
    officials.reserve(6);
    for (uint32_t i = 0; i < 6; ++i) {
      officials.emplace_back([&, i] {
        Draw draw = DrawOf("520502001", "2026-11", {kFirst});
        draw.unflagged = 10 + i;
        const absl::Status status = this->book().AddDraw(draw);
        if (status.ok()) ++won;
        if (absl::IsAlreadyExists(status)) ++late;
      });
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(late, 5);
}

TYPED_TEST(DrawBookTest, RefusesWhatCannotBe) {
  const auto refused = [&](const Draw& draw) {
    const absl::Status status = this->book().AddDraw(draw);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  Draw draw = DrawOf("520502", "2026-11", {});
  EXPECT_THAT(refused(draw), HasSubstr("county '520502' is no township"));
  EXPECT_THAT(refused(DrawOf("520502001", "2026-11", {"520502002001/1"})),
              HasSubstr("520502002001/1 is no household of it"));
  EXPECT_THAT(refused(DrawOf("520502001", "2026-11", {"520502001/S1"})),
              HasSubstr("is no household of it"));
  EXPECT_THAT(refused(DrawOf("520502001", "2026-11", {kFirst, kFirst})),
              HasSubstr("520502001001/17 is drawn twice"));
  draw = DrawOf("520502001", "2026-11", {kFirst, kSecond});
  draw.unflagged = 1;
  EXPECT_THAT(refused(draw), HasSubstr("2 drawn of 1 of 40 households"));
  draw.unflagged = 41;
  EXPECT_THAT(refused(draw), HasSubstr("2 drawn of 41 of 40 households"));
  draw = DrawOf("520502001", "2026-11", {kFirst});
  draw.month = Month::OfIndex(100'000);
  EXPECT_THAT(refused(draw), HasSubstr("month outside 1900 to 2199"));
  draw = DrawOf("520502001", "2026-11", {kFirst});
  draw.visits = {VisitTo(kFirst, VisitOutcome::kFine)};
  EXPECT_THAT(refused(draw), HasSubstr("nobody is visited before the draw"));
  EXPECT_EQ(this->Load("520502001", "2026-11"), std::nullopt);

  ASSERT_TRUE(this->book().AddDraw(DrawOf("520502001", "2026-11", {kFirst})).ok());
  const auto visit_refused = [&](const DrawVisit& visit) {
    const absl::Status status = this->book().AddVisit(Div("520502001"), In("2026-11"), visit);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  DrawVisit visit = VisitTo(kFirst, static_cast<VisitOutcome>(3));
  EXPECT_THAT(visit_refused(visit), HasSubstr("no such outcome"));
  visit = VisitTo(kFirst, VisitOutcome::kFine);
  visit.role = static_cast<Role>(9);
  EXPECT_THAT(visit_refused(visit), HasSubstr("no such role"));
  visit = VisitTo(kFirst, VisitOutcome::kFine);
  visit.actor = std::string(kMaxVisitActorBytes + 1, 'a');
  EXPECT_THAT(visit_refused(visit), HasSubstr("the actor is too long"));
  visit = VisitTo(kFirst, VisitOutcome::kFine);
  visit.note = std::string(kMaxVisitNoteBytes + 1, 'a');
  EXPECT_THAT(visit_refused(visit), HasSubstr("the note is too long"));
  EXPECT_THAT(this->Load("520502001", "2026-11")->visits, IsEmpty());
}

TEST(VisitOutcomeTest, HasOneNameEach) {
  EXPECT_EQ(*ParseOutcome("fine"), VisitOutcome::kFine);
  EXPECT_EQ(*ParseOutcome("at_risk"), VisitOutcome::kAtRisk);
  EXPECT_EQ(OutcomeTitleZh(VisitOutcome::kAtRisk), "有风险");
  EXPECT_EQ(std::string(ParseOutcome("well").status().message()),
            "'well' is not an outcome of a visit (fine, at_risk)");
}

}  // namespace
}  // namespace shouwang
