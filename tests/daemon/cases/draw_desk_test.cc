#include "daemon/cases/draw_desk.h"

#include <latch>
#include <thread>

#include "storage/memory/memory_draw_book.h"
#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Nobody else's state of a warning is read here but what the household's risk says.
class DrawDeskTest : public testing::Test {
 protected:
  // Reported on, with or without an open warning of that severity.
  void Household(std::string_view subject, std::optional<Severity> warned = std::nullopt) {
    Transaction transaction;
    SubjectRisk& risk = transaction.risks.emplace_back();
    risk.subject = Of(subject);
    if (warned) {
      RuleState& state = risk.states.emplace_back();
      state.rule = 102;
      state.severity = *warned;
      state.opened_on = Day("2026-09-30");
    }
    ASSERT_TRUE(county_.store().Commit(transaction).ok());
  }
  void Households(std::string_view village, uint32_t count) {
    for (uint32_t number = 1; number <= count; ++number) {
      Household(Subject::Household(At(village), number).value().ToString());
    }
  }
  absl::StatusOr<Draw> DrawOf(std::string_view township, std::string_view month = "2026-11") {
    return desk_.Of(*rulebook_, At(township), MonthOf(month), now_);
  }
  absl::StatusOr<Draw> Record(std::string_view subject, VisitOutcome outcome,
                              Role role = Role::kVillage, std::string_view month = "2026-11") {
    return desk_.Record(*rulebook_, Of(subject), MonthOf(month), {outcome, role, "v1", "已入户"},
                        now_);
  }
  CaseStanding StandingNow(std::string_view subject) {
    return cases_.Look(*rulebook_, Of(subject), now_)->standing;
  }

  WatchedCounty county_;
  MemoryCaseBook case_book_;
  MemoryDrawBook draw_book_;
  std::shared_ptr<const Rulebook> rulebook_ = RulebookWithCases();
  CaseDesk cases_{&county_.store(), &case_book_};
  DrawDesk desk_{&county_.store(), &case_book_, &cases_, &draw_book_};
  Instant now_ = MorningOf("2026-11-15");
};

TEST_F(DrawDeskTest, DrawsTheLowestLotsAmongHouseholdsWithoutWarningAndCase) {
  Households("520502001001", 7);
  Household("520502001001/4", Severity::kOrange);
  Household("520502002001/1");
  const std::vector<CaseEvent> under_way = {OpenedOn("2026-11-01")};
  ASSERT_TRUE(case_book_.AddToCase(Of("520502001001/6"), 0, under_way).ok());
  const absl::StatusOr<Draw> draw = DrawOf("520502001");
  ASSERT_TRUE(draw.ok()) << std::string(draw.status().message());
  // Of all seven the lots stand 4, 6, 7, 5, 1, 3, 2.
  EXPECT_THAT(draw->drawn, ElementsAre(Of("520502001001/7"), Of("520502001001/5")));
  EXPECT_EQ(draw->households, 7u);
  EXPECT_EQ(draw->unflagged, 5u);
  EXPECT_EQ(draw->policy_version, 202601u);
  EXPECT_EQ(draw->drawn_at, now_);
}

TEST_F(DrawDeskTest, AWarningThatMakesNoClueKeepsNobodyFromTheLot) {
  Household("520502001001/1", Severity::kYellow);
  Household("520502001001/2", Severity::kOrange);
  EXPECT_EQ(StandingNow("520502001001/1").state, CaseState::kNone) << "nobody else would visit it";
  EXPECT_THAT(DrawOf("520502001")->drawn, ElementsAre(Of("520502001001/1")));
  EXPECT_EQ(DrawOf("520502001")->unflagged, 1u);
}

TEST_F(DrawDeskTest, AClosedCaseAndASiteKeepNobodyFromTheLot) {
  Households("520502001001", 1);
  Household("520502001/S3");
  const std::vector<CaseEvent> closed = {OpenedOn("2026-11-01"),
                                         MovedOn("2026-11-02", CaseState::kDismissed)};
  ASSERT_TRUE(case_book_.AddToCase(Of("520502001001/1"), 0, closed).ok());
  EXPECT_THAT(DrawOf("520502001")->drawn, ElementsAre(Of("520502001001/1")));
  EXPECT_EQ(DrawOf("520502001")->households, 1u);
}

TEST_F(DrawDeskTest, ADrawStaysAsItWasThoughWarningsMove) {
  Households("520502001001", 7);
  const Draw first = *DrawOf("520502001");
  Household(first.drawn[0].ToString(), Severity::kOrange);
  Household("520502001001/99");
  now_ = MorningOf("2026-11-28");
  EXPECT_EQ(*DrawOf("520502001"), first);
  now_ = MorningOf("2026-12-01");
  EXPECT_EQ(*DrawOf("520502001"), first) << "also when its month is over";
  const Draw next = *DrawOf("520502001", "2026-12");
  EXPECT_EQ(next.unflagged, 7u);
  EXPECT_NE(next.drawn, first.drawn);
}

TEST_F(DrawDeskTest, NobodyDrawsForAMonthThatIsOverOrToCome) {
  Households("520502001001", 7);
  const absl::Status over = DrawOf("520502001", "2026-10").status();
  EXPECT_EQ(over.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(over.message()), HasSubstr("520502001 has no draw of 2026-10"));
  const absl::Status to_come = DrawOf("520502001", "2026-12").status();
  EXPECT_EQ(to_come.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(std::string(to_come.message()), "2026-12 is a month to come; this is 2026-11");
}

TEST_F(DrawDeskTest, WhereNobodyReportedNothingIsDrawnYet) {
  EXPECT_EQ(DrawOf("520502001").status().code(), absl::StatusCode::kNotFound);
  Households("520502001001", 1);
  EXPECT_THAT(DrawOf("520502001")->drawn, SizeIs(1)) << "later in the month it is";
}

TEST_F(DrawDeskTest, APolicyThatDrawsNobodyIsNamed) {
  rulebook_ = SmallRulebook();
  const absl::Status status = DrawOf("520502001").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "policy 202601, in force on 2026-11-15, draws nobody: it has no 'draw' under 'cases'");
}

TEST_F(DrawDeskTest, WhoAsksAtTheSameMomentSeesOneDraw) {
  Households("520502001001", 7);
  constexpr size_t kAskers = 6;
  std::latch ready(kAskers);
  std::array<std::vector<Subject>, kAskers> drawn;
  {
    std::vector<std::jthread> askers;
    askers.reserve(kAskers);
    for (std::vector<Subject>& mine : drawn) {
      askers.emplace_back([&] {
        ready.arrive_and_wait();
        mine = DrawOf("520502001")->drawn;
      });
    }
  }
  for (const std::vector<Subject>& mine : drawn) {
    EXPECT_THAT(mine, SizeIs(2));
    EXPECT_EQ(mine, drawn[0]);
  }
}

TEST_F(DrawDeskTest, AHouseholdThatIsFineIsWrittenDownAndNoMore) {
  Households("520502001001", 7);
  const Subject drawn = DrawOf("520502001")->drawn[0];
  const absl::StatusOr<Draw> draw = Record(drawn.ToString(), VisitOutcome::kFine);
  ASSERT_TRUE(draw.ok()) << std::string(draw.status().message());
  EXPECT_EQ(draw->VisitOf(drawn)->outcome, VisitOutcome::kFine);
  EXPECT_EQ(draw->VisitOf(drawn)->actor, "v1");
  EXPECT_EQ(draw->VisitOf(drawn)->at, now_);
  EXPECT_EQ(StandingNow(drawn.ToString()).state, CaseState::kNone);
}

TEST_F(DrawDeskTest, OfOneAtRiskACaseIsOpenedByHandOnce) {
  Households("520502001001", 7);
  const std::string drawn = DrawOf("520502001")->drawn[0].ToString();
  ASSERT_TRUE(Record(drawn, VisitOutcome::kAtRisk).ok());
  const CaseStanding opened = StandingNow(drawn);
  EXPECT_EQ(opened.state, CaseState::kClue);
  EXPECT_FALSE(opened.implied);
  EXPECT_EQ(opened.revision, 1u);
  ASSERT_TRUE(Record(drawn, VisitOutcome::kAtRisk).ok()) << "said again";
  EXPECT_EQ(StandingNow(drawn).revision, 1u) << "the case is under way already";
  EXPECT_THAT(DrawOf("520502001")->visits, SizeIs(2));
}

TEST_F(DrawDeskTest, WhereTheRoleMayNotOpenACaseNothingIsWrittenDown) {
  Households("520502001001", 7);
  const std::string drawn = DrawOf("520502001")->drawn[0].ToString();
  EXPECT_EQ(Record(drawn, VisitOutcome::kAtRisk, Role::kCounty).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(DrawOf("520502001")->visits, IsEmpty());
}

TEST_F(DrawDeskTest, OnlyADrawnHouseholdIsRecorded) {
  Households("520502001001", 7);
  EXPECT_EQ(Record("520502001001/1", VisitOutcome::kAtRisk).status().code(),
            absl::StatusCode::kNotFound)
      << "nobody has drawn";
  ASSERT_TRUE(DrawOf("520502001").ok());
  EXPECT_EQ(Record("520502001001/1", VisitOutcome::kAtRisk).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(StandingNow("520502001001/1").state, CaseState::kNone);
  EXPECT_EQ(Record("520502001/S3", VisitOutcome::kFine).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(DrawDeskTest, WhatIsSaidOfAVisitIsLookedThroughForPersonalNumbers) {
  std::vector<std::string> fields;
  for (const FieldFault& fault :
       FaultsOf(VisitNote{VisitOutcome::kFine, Role::kVillage, "", "138 1234 5678"})) {
    fields.push_back(fault.field);
  }
  EXPECT_THAT(fields, ElementsAre("actor", "note"));
  EXPECT_THAT(FaultsOf(VisitNote{VisitOutcome::kFine, Role::kVillage, "v1", "好"}), IsEmpty());
}

}  // namespace
}  // namespace shouwang::cases
