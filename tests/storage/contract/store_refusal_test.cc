// What every store refuses, and that a refusal leaves nothing behind.
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

template <typename UnderTest>
class StoreRefusalTest : public StoreContractTest<UnderTest> {};
TYPED_TEST_SUITE(StoreRefusalTest, Stores);

TYPED_TEST(StoreRefusalTest, ARefusedTransactionLeavesNothing) {
  const Transaction sound = {.batches = {{.number = 9,
                                          .request_id = "r",
                                          .township = Div("520502001"),
                                          .collector = "c",
                                          .receipt = "ok"}},
                             .observations = {Observe("520502001001/1", 1, "2026-01-31", 1)},
                             .opened = {WarningOf("520502001001/1", 5, "2026-01-31")},
                             .rollups = {{Settled("520502001"), 1, In("2026-01"), 1, 1}}};
  std::vector<std::pair<Transaction, std::string>> bad;
  const auto with = [&](const std::string& message) -> Transaction& {
    bad.emplace_back(sound, message);
    return bad.back().first;
  };
  const auto observing = [&](const std::string& message, const auto& change) {
    Observation observation = sound.observations[0];
    change(&observation);
    with(message).observations = {observation};
  };
  observing("value 900000000001 is beyond the limit of 900000000000",
            [](Observation* o) { o->value = 900'000'000'001; });
  observing("indicator 0", [](Observation* o) { o->indicator = 0; });
  observing("date outside 1900 to 2199", [](Observation* o) { o->date = Date::Max() + 1; });
  observing("no such subject: place 1000000000000",
            [](Observation* o) { o->subject.place = 1'000'000'000'000; });
  observing("no such subject", [](Observation* o) { o->subject.number = 0; });
  observing("no such source", [](Observation* o) { o->arrival.source = static_cast<Source>(4); });
  with("rule 0").opened[0].rule = 0;
  with("division '5205'").rollups[0].place.township = Div("5205");
  with("month").rollups[0].month = In("2199-12") + 1;
  with("histogram: division '5205'")
      .histograms.push_back({{RollupView::kOrigin, Div("5205"), {}}, 1, In("2026-01"), {}});
  with("number 0").batches[0].number = 0;
  with("request id of 513 bytes; the limit is 512").batches[0].request_id = std::string(513, 'x');
  with("superseded value of 520502001001/1")
      .superseded.push_back({Observe("520502001001/1", 1, "2026-01-31", -900'000'000'001), At(1)});
  with("view 2").tallies.push_back(
      {.place = {RollupView::kSite, Div("520502002"), Named("520502001/S1")}, .warnings = {}});
  for (const auto& [transaction, message] : bad) {
    const absl::Status status = this->store().Commit(transaction);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << message;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }
  EXPECT_THAT(Scanned(this->store(), Div("")), IsEmpty());
  EXPECT_THAT(OpenWarnings(this->store(), ""), IsEmpty());
  EXPECT_EQ(*this->store().FindReceipt("r"), std::nullopt);
  CommitOk(this->store(), sound);
}

Catalogue CatalogueOf(const std::vector<std::tuple<IndicatorId, std::string, int>>& indicators) {
  std::vector<Indicator> list;
  for (const auto& [id, name, decimals] : indicators) {
    Indicator indicator;
    indicator.id = id;
    indicator.name = name;
    indicator.decimals = decimals;
    indicator.max = 100;
    list.push_back(indicator);
  }
  absl::StatusOr<Catalogue> catalogue = Catalogue::Of(std::move(list));
  EXPECT_TRUE(catalogue.ok()) << catalogue.status();
  return *std::move(catalogue);
}

TYPED_TEST(StoreRefusalTest, AnIndicatorIdKeepsItsNameAndDecimals) {
  ASSERT_TRUE(this->store().BindCatalogue(CatalogueOf({{1, "wage", 2}, {2, "size", 0}})).ok());
  this->Reopen();
  ASSERT_TRUE(this->store().BindCatalogue(CatalogueOf({{1, "wage", 2}, {3, "cost", 2}})).ok());
  this->Reopen();
  const auto refused = [&](const Catalogue& catalogue) {
    const absl::Status status = this->store().BindCatalogue(catalogue);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    return std::string(status.message());
  };
  EXPECT_THAT(refused(CatalogueOf({{1, "wage", 0}})),
              HasSubstr("id 1 is kept in the store as 'wage' with 2 decimals; the catalogue says "
                        "'wage' with 0"));
  EXPECT_THAT(refused(CatalogueOf({{2, "rooms", 0}, {4, "new", 0}})), HasSubstr("'size'"));
  EXPECT_THAT(refused(CatalogueOf({{5, "cost", 2}})),
              HasSubstr("'cost' is kept in the store under id 3; the catalogue says id 5"));
  EXPECT_TRUE(this->store().BindCatalogue(CatalogueOf({{4, "other", 1}, {2, "size", 0}})).ok());
}

}  // namespace
}  // namespace shouwang
