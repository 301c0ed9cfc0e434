#include "daemon/cases/taken_on.h"

#include "tests/daemon/cases/kept_cases.h"

namespace shouwang::cases {
namespace {

constexpr Severity kRed = Severity::kRed;

class TakenOnTest : public testing::Test {
 protected:
  // A household with a red warning of rule 101 whose case was opened on 2026-11-02 and moved on.
  void Add(std::string_view subject, const std::vector<CaseEvent>& events,
           std::string_view today = "2026-11-05") {
    const std::vector<Warning> open = {
        WarningSince(subject, 101, kRed, RiskKind::kIncome, "2026-11-02")};
    const CaseStanding standing =
        StandingOf(Case{Of(subject), events}, open, CluesOn(rulebook_->policies, Day(today)));
    count_.Add(standing,
               DeadlinesOf(standing, rulebook_->policies, WorkingDays(rulebook_->policies)),
               Day(today));
  }
  TakenOn In(std::string_view township) const { return count_.Of(At(township), 101, kRed); }

  std::shared_ptr<const Rulebook> rulebook_ = RulebookWithCases();
  TakenOnCount count_;
};

TEST_F(TakenOnTest, AClueIsNotTakenOnAndWhatFollowsIt) {
  Add("520502001001/1", {});
  EXPECT_EQ(In("520502001"), TakenOn());
  Add("520502001001/2", {OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kVerifying)});
  // Dismissed, with the warning that it was dismissed for still open.
  Add("520502001002/3", {OpenedOn("2026-11-02"), MovedOn("2026-11-03", CaseState::kDismissed)});
  EXPECT_EQ(In("520502001").households, 2);
  EXPECT_EQ(In("520502001").level, std::nullopt);
  EXPECT_EQ(In("520502002"), TakenOn()) << "another township";
  EXPECT_EQ(count_.Of(At("520502001"), 102, kRed), TakenOn()) << "another rule";
  EXPECT_EQ(count_.Of(At("520502001"), 101, Severity::kYellow), TakenOn());
}

TEST_F(TakenOnTest, TellsTheHighestLevelThatACaseWentUpTo) {
  Add("520502001001/1", {}, "2026-11-07");
  EXPECT_EQ(In("520502001").level, Role::kTownship);
  Add("520502001001/2", {}, "2026-11-11");
  EXPECT_EQ(In("520502001").level, Role::kCounty);
  Add("520502001001/3", {}, "2026-11-07");
  EXPECT_EQ(In("520502001").level, Role::kCounty);
  EXPECT_EQ(In("520502001").households, 0);
}

TEST_F(TakenOnTest, TheBoardGivesTheLatestCount) {
  TakenOnBoard board;
  EXPECT_EQ(board.Get(), nullptr);
  const auto first = std::make_shared<const TakenOnCount>();
  board.Set(first);
  EXPECT_EQ(board.Get(), first);
  board.Set(std::make_shared<const TakenOnCount>());
  EXPECT_NE(board.Get(), first);
}

}  // namespace
}  // namespace shouwang::cases
