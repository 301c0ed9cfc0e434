#include "tests/storage/rocks/format_sample.h"

#include "storage/vocabulary/indicator.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;

// Two townships, two years, a household of another group, a site, a correction.
constexpr char kHousehold[] = "520502001001/1";
constexpr char kNeighbour[] = "520502001001/2";
constexpr char kFar[] = "520502001001/300";
constexpr char kElsewhere[] = "520502002003/7";
constexpr char kSite[] = "520502001/S3";

BatchRecord BatchOf(uint64_t number, std::string_view township) {
  BatchRecord batch;
  batch.number = number;
  batch.request_id = "batch-" + std::to_string(number);
  batch.township = Div(township);
  batch.collector = "collector 一";
  batch.source = Source::kDepartmentScreening;
  batch.reported_at = At(1'700'000'000'000 + static_cast<int64_t>(number));
  batch.known_at = At(1'700'000'060'000 + static_cast<int64_t>(number));
  batch.receipt = "receipt " + std::to_string(number);
  return batch;
}

Arrival First() { return {At(1'700'000'000'001), At(1'700'000'060'001), 1, Source::kCadreVisit}; }
Arrival Third() {
  return {At(1'700'000'000'003), At(1'700'000'060'003), 3, Source::kDepartmentScreening};
}

SubjectRisk RiskOfHousehold() {
  SubjectRisk risk;
  risk.subject = Named(kHousehold);
  risk.policy_fingerprint = 0xfeedfacecafebeef;
  risk.evaluated_through = On("2026-02-28");
  risk.states = {{.rule = 101,
                  .opened_on = On("2026-01-31"),
                  .clearing_since = On("2026-02-28"),
                  .unknown = false,
                  .severity = Severity::kRed,
                  .kind = RiskKind::kIncome,
                  .policy_version = 202601},
                 {.rule = 102, .opened_on = {}, .clearing_since = {}, .unknown = true}};
  risk.episodes = {{.rule = 103,
                    .opened_on = On("2025-03-31"),
                    .cleared_on = On("2025-12-31"),
                    .severity = Severity::kOrange,
                    .kind = RiskKind::kHousing,
                    .policy_version = 202501}};
  return risk;
}

Residence ResidenceOfNeighbour() {
  return {Named(kNeighbour), Named(kSite), Div("520502002"), On("2020-06-01")};
}

Warning OpenWarning() {
  Warning warning;
  warning.subject = Named(kHousehold);
  warning.rule = 101;
  warning.severity = Severity::kRed;
  warning.kind = RiskKind::kIncome;
  warning.opened_on = On("2026-01-31");
  warning.policy_version = 202601;
  warning.known_at = At(1'700'000'060'001);
  return warning;
}

SupersededValue Replaced() {
  return {Observe(kHousehold, 1, "2026-01-31", 120'000, First()), At(1'700'000'060'003)};
}

RollupPlace SitePlace() { return {RollupView::kSite, Div("520502001"), Named(kSite)}; }
RollupPlace OriginPlace() { return {RollupView::kOrigin, Div("520502002"), {}}; }

Tally TallyOf(const RollupPlace& place, int64_t households, int64_t observations) {
  Tally tally;
  tally.place = place;
  tally.households = households;
  tally.observations = observations;
  tally.latest_observed_on = On("2026-02-28");
  tally.latest_known_at = At(1'700'000'060'003);
  return tally;
}

Catalogue SampleCatalogue() {
  std::vector<Indicator> indicators(2);
  indicators[0].id = 1;
  indicators[0].name = "wage_income";
  indicators[0].decimals = 2;
  indicators[0].max = 1'000'000'00;
  indicators[1].id = 7;
  indicators[1].name = "household_size";
  indicators[1].max = 30;
  return *Catalogue::Of(std::move(indicators));
}

std::vector<RollupCell> Rollups(const Store& store, RollupView view, IndicatorId indicator) {
  RollupQuery query;
  query.view = view;
  query.indicator = indicator;
  query.from = In("2025-01");
  query.to = In("2026-12");
  const auto cells = store.ReadRollups(query);
  EXPECT_TRUE(cells.ok()) << cells.status();
  return cells.ok() ? *cells : std::vector<RollupCell>();
}

void ExpectHistories(const Store& store) {
  EXPECT_THAT(Scanned(store, Div("")),
              ElementsAre(Row{kSite, 7, "2026-01-31", 40, First()},
                          Row{kHousehold, 1, "2025-12-31", -5, First()},
                          Row{kHousehold, 1, "2026-01-31", 123'456, Third()},
                          Row{kHousehold, 1, "2026-02-28", 0, Third()},
                          Row{kHousehold, 7, "2026-01-31", 4, First()},
                          Row{kNeighbour, 7, "2026-01-31", 5, First()},
                          Row{kFar, 1, "2026-01-31", 899'999'999'999, First()},
                          Row{kElsewhere, 1, "2026-02-28", 77, Third()}));
  const auto superseded = store.LoadSuperseded(Named(kHousehold));
  ASSERT_TRUE(superseded.ok()) << superseded.status();
  EXPECT_THAT(*superseded, ElementsAre(Replaced()));
}

void ExpectStates(const Store& store) {
  const auto states =
      store.LoadStates(std::vector<Subject>{Named(kHousehold), Named(kNeighbour), Named(kFar)});
  ASSERT_TRUE(states.ok()) << states.status();
  EXPECT_EQ((*states)[0].risk, RiskOfHousehold());
  EXPECT_EQ((*states)[0].residence, std::nullopt);
  EXPECT_EQ((*states)[1].residence, ResidenceOfNeighbour());
  EXPECT_EQ((*states)[2].risk, std::nullopt);
  EXPECT_THAT(OpenWarnings(store, ""), ElementsAre(OpenWarning()));
}

void ExpectCounts(const Store& store) {
  EXPECT_THAT(Rollups(store, RollupView::kSettlement, 1),
              ElementsAre(RollupCell{Settled("520502001"), 1, In("2025-12"), 1, -5},
                          RollupCell{Settled("520502001"), 1, In("2026-01"), 2, 900'000'123'455}));
  EXPECT_THAT(Rollups(store, RollupView::kOrigin, 7),
              ElementsAre(RollupCell{OriginPlace(), 7, In("2026-01"), 1, 5}));
  EXPECT_THAT(Rollups(store, RollupView::kSite, kAnyIndicator),
              ElementsAre(RollupCell{SitePlace(), kAnyIndicator, In("2026-01"), 2, 0}));
  Tally home = TallyOf(Settled("520502001"), 3, 6);
  home.warnings = {{101, Severity::kRed, 1}};
  EXPECT_THAT(*store.ReadTallies(RollupView::kSettlement, Div("")), ElementsAre(home));
  EXPECT_THAT(*store.ReadTallies(RollupView::kSite, Div("")),
              ElementsAre(TallyOf(SitePlace(), 1, 1)));
}

void ExpectBatches(Store& store) {
  for (const uint64_t number : {uint64_t{1}, uint64_t{3}}) {
    const auto batch = store.FindBatch(number);
    ASSERT_TRUE(batch.ok() && batch->has_value()) << number;
    EXPECT_EQ((*batch)->request_id, "batch-" + std::to_string(number));
    EXPECT_EQ((*batch)->township, Div(number == 1 ? "520502001" : "520502002"));
    EXPECT_EQ((*batch)->collector, "collector 一");
    EXPECT_EQ((*batch)->source, Source::kDepartmentScreening);
    EXPECT_EQ((*batch)->reported_at, At(1'700'000'000'000 + static_cast<int64_t>(number)));
    EXPECT_EQ((*batch)->known_at, At(1'700'000'060'000 + static_cast<int64_t>(number)));
    EXPECT_EQ(*store.FindReceipt("batch-" + std::to_string(number)),
              "receipt " + std::to_string(number));
  }
  EXPECT_GT(store.ReserveBatchNumbers(1), 3u);
  EXPECT_TRUE(store.BindCatalogue(SampleCatalogue()).ok());
  Catalogue other = *Catalogue::Of({Indicator{.id = 7, .name = "shoe_size", .max = 50}});
  EXPECT_EQ(store.BindCatalogue(other).code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace

void FillWithSample(Store& store) {
  ASSERT_TRUE(store.BindCatalogue(SampleCatalogue()).ok());
  Tally home = TallyOf(Settled("520502001"), 3, 5);
  home.warnings = {{101, Severity::kRed, 1}};
  CommitOk(store, {.batches = {BatchOf(1, "520502001")},
                   .observations = {Observe(kHousehold, 1, "2025-12-31", -5, First()),
                                    Observe(kHousehold, 1, "2026-01-31", 120'000, First()),
                                    Observe(kHousehold, 7, "2026-01-31", 4, First()),
                                    Observe(kNeighbour, 7, "2026-01-31", 5, First()),
                                    Observe(kFar, 1, "2026-01-31", 899'999'999'999, First()),
                                    Observe(kSite, 7, "2026-01-31", 40, First())},
                   .residences = {ResidenceOfNeighbour()},
                   .opened = {OpenWarning(), WarningOf(kFar, 104, "2026-01-31")},
                   .rollups = {{Settled("520502001"), 1, In("2025-12"), 1, -5},
                               {Settled("520502001"), 1, In("2026-01"), 2, 900'000'119'999},
                               {OriginPlace(), 7, In("2026-01"), 1, 5},
                               {SitePlace(), kAnyIndicator, In("2026-01"), 1, 0}},
                   .tallies = {home, TallyOf(SitePlace(), 1, 1)}});
  // Parts of the same keys, so that something is there to fold.
  CommitOk(store, {.risks = {RiskOfHousehold()},
                   .closed = {WarningOf(kFar, 104, "2026-01-31")},
                   .rollups = {{SitePlace(), kAnyIndicator, In("2026-01"), 1, 0}}});
}

void AddToSample(Store& store) {
  CommitOk(store, {.batches = {BatchOf(3, "520502002")},
                   .observations = {Observe(kHousehold, 1, "2026-01-31", 123'456, Third()),
                                    Observe(kHousehold, 1, "2026-02-28", 0, Third()),
                                    Observe(kElsewhere, 1, "2026-02-28", 77, Third())},
                   .superseded = {Replaced()},
                   .rollups = {{Settled("520502001"), 1, In("2026-01"), 0, 3'456}},
                   .tallies = {TallyOf(Settled("520502001"), 0, 1)}});
}

void ExpectSample(Store& store) {
  ExpectHistories(store);
  ExpectStates(store);
  ExpectCounts(store);
  ExpectBatches(store);
}

}  // namespace shouwang
