#include "storage/audit/audit_of.h"

#include "storage/audit/subject_list.h"
#include "tests/storage/audit/entries.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kNow = 1'770'000'000'000;
constexpr char kHousehold[] = "520502001001/17";

Arrival ArrivedIn(uint64_t batch, int64_t known_ms) {
  return {At(known_ms - 1'000), At(known_ms), batch, Source::kCadreVisit};
}

BatchRecord BatchOf(uint64_t number, std::string_view township, int64_t known_ms = kNow) {
  BatchRecord batch;
  batch.number = number;
  batch.township = Div(township);
  batch.known_at = At(known_ms);
  return batch;
}

Warning Known(Warning warning, int64_t known_ms) {
  warning.known_at = At(known_ms);
  return warning;
}

TEST(AuditOfTest, ACommitThatOnlyAddsValuesHasNoEntry) {
  EXPECT_THAT(AuditOf({.batches = {BatchOf(1, "520502001")},
                       .observations = {Observe(kHousehold, 1, "2026-01-31", 5)},
                       .known_at = At(kNow)}),
              IsEmpty());
  EXPECT_THAT(AuditOf(Transaction()), IsEmpty());
}

TEST(AuditOfTest, ACorrectionTellsBothValuesAndTheBatch) {
  const auto records = AuditOf(
      {.batches = {BatchOf(8, "520502001"), BatchOf(7, "520502001"), BatchOf(9, "520502002")},
       .observations = {Observe(kHousehold, 1, "2026-01-31", 90, ArrivedIn(7, kNow)),
                        Observe(kHousehold, 2, "2026-01-31", 4, ArrivedIn(7, kNow))},
       .superseded = {{Observe(kHousehold, 1, "2026-01-31", 120, ArrivedIn(3, 1'000)), At(kNow)}},
       .known_at = At(kNow)});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].chain, WarningsOf("520502001"));
  AuditRecord expected = RecordOf(AuditKind::kCommit, kNow);
  expected.batches = {7, 8};
  expected.corrections = {{Named(kHousehold), 1, On("2026-01-31"), 120, true, 90, 7}};
  expected.facts = {{"source", "cadre_visit"}};
  EXPECT_EQ(records[0].record, expected);
}

TEST(AuditOfTest, ACorrectionTellsWhoSentIt) {
  Transaction transaction = {
      .batches = {BatchOf(7, "520502001"), BatchOf(8, "520502001"), BatchOf(9, "520502001"),
                  BatchOf(10, "520502001")},
      .superseded = {{Observe(kHousehold, 1, "2026-01-31", 1, ArrivedIn(7, kNow)), At(kNow)},
                     {Observe(kHousehold, 2, "2026-01-31", 1, ArrivedIn(8, kNow)), At(kNow)},
                     {Observe(kHousehold, 3, "2026-01-31", 1, ArrivedIn(9, kNow)), At(kNow)}},
      .known_at = At(kNow)};
  transaction.batches[0].collector = "town-b";
  transaction.batches[1].collector = "town-a";
  transaction.batches[1].source = Source::kSelfDeclaration;
  transaction.batches[2].collector = "town-b";
  transaction.batches[3].collector = "town-c";
  const auto records = AuditOf(transaction);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_THAT(
      records[0].record.facts,
      ElementsAre(AuditFact{"source", "self_declaration"}, AuditFact{"source", "cadre_visit"},
                  AuditFact{"collector", "town-a"}, AuditFact{"collector", "town-b"}))
      << "who corrected nothing is not named";
}

TEST(AuditOfTest, NoMoreCollectorsAreNamedThanARecordHolds) {
  Transaction transaction;
  for (uint64_t number = 1; number <= 100; ++number) {
    transaction.batches.push_back(BatchOf(number, "520502001"));
    transaction.batches.back().collector = std::string(5'000, 'c') + std::to_string(number);
    transaction.superseded.push_back({Observe("520502001001/" + std::to_string(number), 1,
                                              "2026-01-31", 1, ArrivedIn(number, kNow)),
                                      At(kNow)});
  }
  const auto records = AuditOf(transaction);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].record.facts.size(), kMaxAuditFacts);
  EXPECT_TRUE(CheckAuditRecord(records[0].chain, records[0].record).ok());
}

TEST(AuditOfTest, AValueThatCameTooLateStoodNeverAndMovesNothing) {
  const auto records = AuditOf(
      {.batches = {BatchOf(7, "520502001")},
       .superseded = {{Observe(kHousehold, 1, "2026-01-31", 120, ArrivedIn(7, kNow)), At(kNow)}},
       .known_at = At(kNow)});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_THAT(
      records[0].record.corrections,
      ElementsAre(AuditCorrection{Named(kHousehold), 1, On("2026-01-31"), 120, false, {}, 7}));
}

// Two batches of one commit correct one cell: what stood, and what the second one took over.
TEST(AuditOfTest, OfACellThatIsCorrectedTwiceInOneCommitBothValuesAreTold) {
  const auto records = AuditOf(
      {.batches = {BatchOf(7, "520502001"), BatchOf(8, "520502001")},
       .observations = {Observe(kHousehold, 1, "2026-01-31", 90, ArrivedIn(7, kNow)),
                        Observe(kHousehold, 1, "2026-01-31", 95, ArrivedIn(8, kNow))},
       .superseded = {{Observe(kHousehold, 1, "2026-01-31", 120, ArrivedIn(3, 1'000)), At(kNow)},
                      {Observe(kHousehold, 1, "2026-01-31", 90, ArrivedIn(7, kNow)), At(kNow)}},
       .known_at = At(kNow)});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_THAT(
      records[0].record.corrections,
      ElementsAre(AuditCorrection{Named(kHousehold), 1, On("2026-01-31"), 120, true, 95, 8},
                  AuditCorrection{Named(kHousehold), 1, On("2026-01-31"), 90, false, 95, 8}));
}

TEST(AuditOfTest, WarningsOpenClearAndChange) {
  Warning cleared = Known(WarningOf(kHousehold, 101, "2025-06-30"), kNow);
  cleared.cleared_on = On("2026-01-31");
  const auto records =
      AuditOf({.batches = {BatchOf(7, "520502001")},
               .opened = {Known(WarningOf(kHousehold, 102, "2026-01-31"), kNow),
                          Known(WarningOf("520502001001/2", 103, "2025-12-31"), 5'000)},
               .closed = {cleared},
               .known_at = At(kNow)});
  ASSERT_EQ(records.size(), 1u);
  using Kind = AuditTransition::Kind;
  EXPECT_THAT(records[0].record.transitions,
              ElementsAre(AuditTransition{Named("520502001001/2"),
                                          103,
                                          Kind::kChanged,
                                          Severity::kOrange,
                                          202601,
                                          On("2025-12-31"),
                                          {}},
                          AuditTransition{Named(kHousehold), 101, Kind::kCleared, Severity::kOrange,
                                          202601, On("2025-06-30"), On("2026-01-31")},
                          AuditTransition{Named(kHousehold),
                                          102,
                                          Kind::kOpened,
                                          Severity::kOrange,
                                          202601,
                                          On("2026-01-31"),
                                          {}}));
}

TEST(AuditOfTest, WithoutABatchItIsAJudgement) {
  const auto records = AuditOf(
      {.opened = {Known(WarningOf(kHousehold, 102, "2026-01-31"), kNow)}, .known_at = At(kNow)});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].record.kind, AuditKind::kJudgement);
}

TEST(AuditOfTest, EachTownshipHasItsOwnEntry) {
  const auto records = AuditOf(
      {.batches = {BatchOf(7, "520502002"), BatchOf(8, "520502001")},
       .superseded = {{Observe("520502002001/1", 1, "2026-01-31", 1, ArrivedIn(1, 1)), At(kNow)}},
       .opened = {Known(WarningOf("520502002001/1", 102, "2026-01-31"), kNow),
                  Known(WarningOf(kHousehold, 102, "2026-01-31"), kNow)},
       .known_at = At(kNow)});
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].chain, WarningsOf("520502001"));
  EXPECT_THAT(records[0].record.batches, ElementsAre(8));
  EXPECT_EQ(records[0].record.transitions.size(), 1u);
  EXPECT_EQ(records[1].chain, WarningsOf("520502002"));
  EXPECT_THAT(records[1].record.batches, ElementsAre(7));
  EXPECT_EQ(records[1].record.transitions.size(), 1u);
  EXPECT_EQ(records[1].record.corrections.size(), 1u);
}

TEST(AuditOfTest, MoreThanAnEntryHoldsGoesIntoTheNext) {
  Transaction transaction;
  for (uint32_t i = 1; i <= 10'001; ++i) {
    transaction.opened.push_back(
        Known(WarningOf("520502001001/" + std::to_string(i), 101, "2026-01-31"), kNow));
  }
  const auto records = AuditOf(transaction);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].record.transitions.size(), 10'000u);
  EXPECT_EQ(records[1].record.transitions.size(), 1u);
  EXPECT_EQ(records[1].record.transitions[0].subject, Named("520502001001/10001"));
  EXPECT_EQ(records[0].record.at, At(kNow)) << "where a commit does not say, the latest it has";
}

TEST(AuditOfTest, ACaseTellsWhoDidWhat) {
  CaseEvent opened;
  opened.at = At(1'000);
  opened.warnings = {{101, RiskKind::kIncome, Severity::kRed, On("2026-01-31")},
                     {102, RiskKind::kIllness, Severity::kYellow, On("2025-12-31")}};
  CaseEvent moved;
  moved.kind = CaseEventKind::kMoved;
  moved.state = CaseState::kDismissed;
  moved.at = At(2'000);
  moved.role = Role::kCounty;
  moved.actor = "county-3";
  moved.reason = "自身可应对";
  moved.note = "入户核实";
  const auto records =
      AuditOf(Named(kHousehold), 4, std::vector<CaseEvent>{opened, moved}, "ipv4:10.0.0.1:5000");
  ASSERT_EQ(records.size(), 2u);
  for (const ChainedRecord& each : records) {
    EXPECT_EQ(each.chain, CasesOf("520502001"));
    EXPECT_EQ(each.record.kind, AuditKind::kCase);
    EXPECT_EQ(each.record.subject, Named(kHousehold));
    EXPECT_TRUE(CheckAuditRecord(each.chain, each.record).ok());
  }
  EXPECT_EQ(records[0].record.at, At(1'000));
  EXPECT_EQ(records[0].record.actor, "");
  EXPECT_THAT(records[0].record.facts,
              ElementsAre(AuditFact{"event", "opened"}, AuditFact{"revision", "5"},
                          AuditFact{"state", "clue"},
                          AuditFact{"warnings", "101@2026-01-31 102@2025-12-31"}));
  EXPECT_EQ(records[1].record.actor, "county-3");
  EXPECT_THAT(records[1].record.facts,
              ElementsAre(AuditFact{"event", "moved"}, AuditFact{"revision", "6"},
                          AuditFact{"state", "dismissed"}, AuditFact{"role", "county"},
                          AuditFact{"reason", "自身可应对"}, AuditFact{"note", "入户核实"},
                          AuditFact{"peer", "ipv4:10.0.0.1:5000"}));
}

TEST(AuditOfTest, ADrawTellsWhoWasDrawnAmongHowMany) {
  Draw draw;
  draw.township = Div("520502001");
  draw.month = In("2026-11");
  draw.drawn_at = At(kNow);
  draw.policy_version = 202601;
  draw.households = 40;
  draw.unflagged = 30;
  draw.drawn = {Named("520502001002/3"), Named(kHousehold)};
  const auto records = AuditOf(draw, {"town-3", "ipv4:10.0.0.1:5000"});
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].chain, CasesOf("520502001"));
  EXPECT_TRUE(CheckAuditRecord(records[0].chain, records[0].record).ok());
  EXPECT_EQ(records[0].record.kind, AuditKind::kDraw);
  EXPECT_EQ(records[0].record.at, At(kNow));
  EXPECT_EQ(records[0].record.actor, "town-3");
  EXPECT_THAT(records[0].record.facts,
              ElementsAre(AuditFact{"month", "2026-11"}, AuditFact{"policy_version", "202601"},
                          AuditFact{"households", "40"}, AuditFact{"unflagged", "30"},
                          AuditFact{"drawn", "2"}, AuditFact{"peer", "ipv4:10.0.0.1:5000"},
                          AuditFact{"subject_list", "520502001002/3 520502001001/17"}));
}

TEST(AuditOfTest, TheLargestDrawFitsAnEntry) {
  Draw draw;
  draw.township = Div("520502001");
  for (uint32_t i = 0; i < kMaxDrawn; ++i) {
    draw.drawn.push_back({520'502'001'001, SubjectKind::kHousehold, 4'000'000'000U + i});
  }
  const AuditRecord record = AuditOf(draw, {})[0].record;
  EXPECT_TRUE(CheckAuditRecord(CasesOf("520502001"), record).ok());
  for (const Subject& subject : draw.drawn) {
    EXPECT_TRUE(AnyListed(record, [&](const Subject& listed) { return listed == subject; }));
  }
}

TEST(AuditOfTest, AVisitTellsWhoFoundWhat) {
  const DrawVisit visit{Named(kHousehold), VisitOutcome::kAtRisk, At(kNow), Role::kVillage, "v17",
                        "已入户"};
  const auto records = AuditOf(Div("520502001"), In("2026-11"), visit, "ipv4:10.0.0.1:5000");
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].chain, CasesOf("520502001"));
  EXPECT_TRUE(CheckAuditRecord(records[0].chain, records[0].record).ok());
  EXPECT_EQ(records[0].record.kind, AuditKind::kVisit);
  EXPECT_EQ(records[0].record.actor, "v17");
  EXPECT_EQ(records[0].record.subject, Named(kHousehold));
  EXPECT_THAT(records[0].record.facts,
              ElementsAre(AuditFact{"month", "2026-11"}, AuditFact{"outcome", "at_risk"},
                          AuditFact{"role", "village"}, AuditFact{"note", "已入户"},
                          AuditFact{"peer", "ipv4:10.0.0.1:5000"}));
}

}  // namespace
}  // namespace shouwang
