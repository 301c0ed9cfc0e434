#include "daemon/ingest/booking.h"

#include <gtest/gtest.h>

#include "daemon/ingest/transitions.h"
#include "storage/memory/memory_store.h"
#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

const Instant kBefore{std::chrono::milliseconds(1'000)};
const Instant kNow{std::chrono::milliseconds(2'000)};

// Which can lose the record that a household's warnings are in.
class DamagedWarnings final : public MemoryStore {
 public:
  absl::Status ScanWarnings(const Division& region, const Subject& from_subject, RuleId from_rule,
                            absl::FunctionRef<bool(const Warning&)> visit) const override {
    if (!failure.ok()) return failure;
    return MemoryStore::ScanWarnings(region, from_subject, from_rule, visit);
  }
  absl::Status failure;
};

class BookingTest : public testing::Test {
 protected:
  static SubjectRisk Risk(Severity severity) {
    SubjectRisk risk;
    risk.subject = Household(1);
    RuleState& state = risk.states.emplace_back();
    state.rule = 101;
    state.opened_on = *Date::Parse("2026-01-31");
    state.severity = severity;
    state.kind = RiskKind::kIncome;
    state.policy_version = 1;
    return risk;
  }
  // A warning that was known before becomes red.
  absl::StatusOr<Booked> Book() {
    const Warning before = CompareRisks({}, Risk(Severity::kYellow), kBefore).opened.at(0);
    Transaction opening;
    opening.opened = {before};
    EXPECT_TRUE(store_.Commit(opening).ok());
    Counts counts;
    std::vector<Warning> transitions;
    return BookRisk(store_, Risk(Severity::kYellow), Risk(Severity::kRed), kNow, {}, &counts,
                    &transaction_, &transitions);
  }

  DamagedWarnings store_;
  Transaction transaction_;
};

TEST_F(BookingTest, AChangedWarningIsKnownSinceItWasFirstKnown) {
  ASSERT_TRUE(Book().ok());
  ASSERT_EQ(transaction_.opened.size(), 1U);
  EXPECT_EQ(transaction_.opened[0].severity, Severity::kRed);
  EXPECT_EQ(transaction_.opened[0].known_at, kBefore);
}

TEST_F(BookingTest, WhereTheRecordIsDamagedItIsKnownFromNowOn) {
  store_.failure = absl::DataLossError("warnings record is damaged");
  ASSERT_TRUE(Book().ok());
  ASSERT_EQ(transaction_.opened.size(), 1U);
  EXPECT_EQ(transaction_.opened[0].severity, Severity::kRed);
  EXPECT_EQ(transaction_.opened[0].known_at, kNow);
}

TEST_F(BookingTest, AStoreThatCannotBeReadNowIsAskedAgain) {
  store_.failure = absl::UnavailableError("the disk is gone");
  EXPECT_EQ(Book().status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace shouwang::ingest
