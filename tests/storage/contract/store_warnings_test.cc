// Warnings of every store: what is open, and in which order they are listed.
#include <algorithm>
#include <tuple>

#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

template <typename UnderTest>
class StoreWarningsTest : public StoreContractTest<UnderTest> {};
TYPED_TEST_SUITE(StoreWarningsTest, Stores);

TYPED_TEST(StoreWarningsTest, WarningsOpenChangeAndClose) {
  CommitOk(this->store(), {.opened = {WarningOf("520502001001/1", 5, "2026-01-31"),
                                      WarningOf("520502001001/1", 3, "2026-01-31"),
                                      WarningOf("520502002001/1", 3, "2026-01-31")}});
  Warning worse = WarningOf("520502001001/1", 3, "2026-01-31");
  worse.severity = Severity::kRed;
  worse.cleared_on = On("2026-05-31");
  CommitOk(this->store(), {.opened = {worse},
                           .closed = {WarningOf("520502001001/1", 5, "2026-01-31"),
                                      WarningOf("520502001001/8", 5, "2026-01-31")}});
  this->Reopen();
  EXPECT_THAT(OpenWarnings(this->store(), "520502"),
              ElementsAre(worse, WarningOf("520502002001/1", 3, "2026-01-31")));
  EXPECT_THAT(OpenWarnings(this->store(), "520502001"), ElementsAre(worse));
  CommitOk(this->store(), {.opened = {worse}, .closed = {worse}});
  EXPECT_THAT(OpenWarnings(this->store(), "520502001"), ElementsAre(worse));
}

TYPED_TEST(StoreWarningsTest, AListingOfWarningsResumesBehindNeighboursAndBeforeSites) {
  std::vector<Warning> all;
  for (const char* subject : {"520502001001/1", "520502001001/255", "520502001001/256",
                              "520502001001/700", "520502001002/1", "520502001/S3"}) {
    for (const RuleId rule : {RuleId{3}, RuleId{300}}) {
      all.push_back(WarningOf(subject, rule, "2026-01-31"));
    }
  }
  std::ranges::sort(all, {}, [](const Warning& w) { return std::tie(w.subject, w.rule); });
  CommitOk(this->store(), {.opened = all});
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(OpenWarnings(this->store(), "520502001", all[i].subject, all[i].rule),
              std::vector<Warning>(all.begin() + static_cast<ptrdiff_t>(i), all.end()))
        << i;
    EXPECT_EQ(OpenWarnings(this->store(), "520502001", all[i].subject,
                           static_cast<RuleId>(all[i].rule + 1)),
              std::vector<Warning>(all.begin() + static_cast<ptrdiff_t>(i) + 1, all.end()))
        << i;
  }
}

TYPED_TEST(StoreWarningsTest, AListingOfWarningsResumesWhereItStopped) {
  Transaction transaction;
  for (const std::string_view subject : {"520502001001/1", "520502001001/2", "520502001002/1"}) {
    for (const RuleId rule : {RuleId{7}, RuleId{300}}) {
      transaction.opened.push_back(WarningOf(subject, rule, "2026-01-31"));
    }
  }
  CommitOk(this->store(), transaction);
  const auto from = [&](std::string_view region, std::string_view subject, RuleId rule) {
    std::vector<std::string> found;
    for (const Warning& w : OpenWarnings(this->store(), region, Named(subject), rule)) {
      found.push_back(w.subject.ToString() + " " + std::to_string(w.rule));
    }
    return found;
  };
  EXPECT_THAT(from("52", "520502001001/1", 300),
              ElementsAre("520502001001/1 300", "520502001001/2 7", "520502001001/2 300",
                          "520502001002/1 7", "520502001002/1 300"));
  EXPECT_THAT(from("520502001001", "520502001001/2", 8), ElementsAre("520502001001/2 300"));
  EXPECT_THAT(from("520502001002", "520502001001/2", 8),
              ElementsAre("520502001002/1 7", "520502001002/1 300"));
  EXPECT_THAT(from("520502001001", "520502001002/1", 0), IsEmpty());
}

}  // namespace
}  // namespace shouwang
