// What every case book promises, in memory and on disk.
#include "storage/contract/case_book.h"

#include <atomic>
#include <thread>

#include "storage/memory/memory_case_book.h"
#include "storage/rocks/rocks_case_book.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHousehold[] = "520502001001/17";

class MemoryBookUnderTest {
 public:
  CaseBook& book() { return book_; }
  void Reopen() {}

 private:
  MemoryCaseBook book_;
};

class RocksBookUnderTest {
 public:
  CaseBook& book() { return *book_; }
  void Reopen() {
    book_.reset();
    store_.reset();
    store_ = OpenRocks(SmallRocks(directory_.path()));
    book_ = std::make_unique<RocksCaseBook>(store_.get());
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> store_ = OpenRocks(SmallRocks(directory_.path()));
  std::unique_ptr<RocksCaseBook> book_ = std::make_unique<RocksCaseBook>(store_.get());
};

template <typename UnderTest>
class CaseBookTest : public testing::Test {
 protected:
  CaseBook& book() { return under_test_.book(); }
  void Reopen() { under_test_.Reopen(); }
  Case Load(std::string_view subject) {
    const absl::StatusOr<Case> record = book().LoadCase(Named(subject));
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? *record : Case();
  }
  std::vector<std::string> Scan(std::string_view region, const Subject& from = {},
                                size_t limit = 100) {
    std::vector<std::string> seen;
    const absl::Status status = book().ScanCases(Div(region), from, [&](const Case& record) {
      seen.push_back(record.subject.ToString() + " " + std::to_string(record.revision()));
      return seen.size() < limit;
    });
    EXPECT_TRUE(status.ok()) << status;
    return seen;
  }
  UnderTest under_test_;
};

using Books = testing::Types<MemoryBookUnderTest, RocksBookUnderTest>;
TYPED_TEST_SUITE(CaseBookTest, Books);

CaseEvent Opened(int64_t ms = 1'000) {
  CaseEvent event;
  event.at = At(ms);
  event.warnings = {{101, RiskKind::kIncome, Severity::kRed, On("2026-01-31")},
                    {102, RiskKind::kIllness, Severity::kYellow, On("2025-12-31")}};
  return event;
}

CaseEvent MovedTo(CaseState state, int64_t ms = 2'000) {
  CaseEvent event;
  event.kind = CaseEventKind::kMoved;
  event.state = state;
  event.at = At(ms);
  event.role = Role::kTownship;
  event.actor = "township-3";
  event.note = "入户核实";
  if (state == CaseState::kRegistered) event.category = HouseholdCategory::kMarginal;
  if (state == CaseState::kDismissed) {
    event.reason = "自身可应对";
    event.cause = DismissalCause::kCoping;
  }
  return event;
}

CaseEvent MeasureAt(CaseState state) {
  CaseEvent event;
  event.kind = CaseEventKind::kMeasure;
  event.state = state;
  event.at = At(3'000);
  event.role = Role::kVillage;
  event.actor = "v17";
  event.measure = "medical_assistance";
  event.measured_on = On("2026-02-03");
  return event;
}

TYPED_TEST(CaseBookTest, KeepsEveryEventAsItWas) {
  const std::vector<CaseEvent> first = {Opened(), MovedTo(CaseState::kVerifying)};
  const std::vector<CaseEvent> second = {MeasureAt(CaseState::kVerifying),
                                         MovedTo(CaseState::kDismissed, 4'000)};
  ASSERT_TRUE(this->book().AddToCase(Named(kHousehold), 0, first).ok());
  this->Reopen();
  ASSERT_TRUE(this->book().AddToCase(Named(kHousehold), 2, second).ok());
  this->Reopen();
  const Case record = this->Load(kHousehold);
  EXPECT_EQ(record.subject, Named(kHousehold));
  EXPECT_EQ(record.revision(), 4u);
  EXPECT_EQ(record.state(), CaseState::kDismissed);
  EXPECT_THAT(record.events, ElementsAre(first[0], first[1], second[0], second[1]));
  EXPECT_THAT(this->Load("520502001001/18").events, IsEmpty());
  EXPECT_THAT(this->Load("520502001001/1").events, IsEmpty());
}

TYPED_TEST(CaseBookTest, OneOfTwoWhoLookedAtTheSameRevisionIsRefused) {
  const std::vector<CaseEvent> opening = {Opened(), MovedTo(CaseState::kVerifying)};
  ASSERT_TRUE(this->book().AddToCase(Named(kHousehold), 0, opening).ok());
  const absl::Status late = this->book().AddToCase(Named(kHousehold), 0, opening);
  EXPECT_EQ(late.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(std::string(late.message()), HasSubstr("has revision 2 by now, not 0"));
  EXPECT_EQ(this->Load(kHousehold).revision(), 2u);
}

TYPED_TEST(CaseBookTest, OfManyAtOnceExactlyOneWins) {
  std::atomic<int> won = 0;
  std::atomic<int> aborted = 0;
  {
    std::vector<std::jthread> officials;
    officials.reserve(8);
    for (int i = 0; i < 8; ++i) {
      officials.emplace_back([&, i] {
        CaseEvent step = MovedTo(CaseState::kVerifying);
        step.actor = "v" + std::to_string(i);
        const std::vector<CaseEvent> events = {Opened(), step};
        const absl::Status status = this->book().AddToCase(Named(kHousehold), 0, events);
        if (status.ok()) ++won;
        if (absl::IsAborted(status)) ++aborted;
      });
    }
  }
  EXPECT_EQ(won, 1);
  EXPECT_EQ(aborted, 7);
  EXPECT_EQ(this->Load(kHousehold).revision(), 2u);
}

TYPED_TEST(CaseBookTest, ScansARegionInOrderFromASubjectOn) {
  const std::vector<CaseEvent> opening = {Opened()};
  for (const char* subject : {"520502002003/7", "520502001001/300", "520502001001/17",
                              "520503001001/1", "520502001002/2"}) {
    ASSERT_TRUE(this->book().AddToCase(Named(subject), 0, opening).ok());
  }
  this->Reopen();
  EXPECT_THAT(this->Scan("520502"), ElementsAre("520502001001/17 1", "520502001001/300 1",
                                                "520502001002/2 1", "520502002003/7 1"));
  EXPECT_THAT(this->Scan("520502001", Named("520502001001/18")),
              ElementsAre("520502001001/300 1", "520502001002/2 1"));
  EXPECT_THAT(this->Scan("", {}, 2), ElementsAre("520502001001/17 1", "520502001001/300 1"));
  EXPECT_THAT(this->Scan("520502003"), IsEmpty());
}

TYPED_TEST(CaseBookTest, RefusesWhatMayNotStandThereAndWritesNoneOfIt) {
  const auto refused = [&](std::vector<CaseEvent> events) {
    const absl::Status status = this->book().AddToCase(Named(kHousehold), 0, events);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refused({}), HasSubstr("nothing is added"));
  EXPECT_THAT(refused({Opened(), MovedTo(CaseState::kRegistered)}),
              HasSubstr("state registered may not follow clue"));
  EXPECT_THAT(refused({MovedTo(CaseState::kVerifying)}),
              HasSubstr("state verifying may not follow none"));
  CaseEvent event = MeasureAt(CaseState::kClue);
  event.measure.clear();
  EXPECT_THAT(refused({Opened(), event}), HasSubstr("a measure has a name"));
  event = Opened();
  event.note = std::string(kMaxNoteBytes + 1, 'a');
  EXPECT_THAT(refused({event}), HasSubstr("the note is too long"));
  event = Opened();
  event.actor = std::string(kMaxActorBytes + 1, 'a');
  EXPECT_THAT(refused({event}), HasSubstr("the actor is too long"));
  event = Opened();
  event.warnings.resize(kMaxCaseWarnings + 1, event.warnings[0]);
  EXPECT_THAT(refused({event}), HasSubstr("too many warnings"));
  event = Opened();
  event.warnings[0].rule = 0;
  EXPECT_THAT(refused({event}), HasSubstr("a warning that cannot be"));
  event = Opened();
  event.role = static_cast<Role>(9);
  EXPECT_THAT(refused({event}), HasSubstr("no such role"));
  event = Opened();
  event.cause = DismissalCause::kOther;
  EXPECT_THAT(refused({event}), HasSubstr("only a dismissal has a cause"));
  event = MovedTo(CaseState::kDismissed);
  event.cause = static_cast<DismissalCause>(9);
  EXPECT_THAT(refused({Opened(), event}), HasSubstr("no such cause of a dismissal"));
  event = Opened();
  event.state = static_cast<CaseState>(9);
  EXPECT_THAT(refused({event}), HasSubstr("no such state"));
  const std::vector<CaseEvent> opening = {Opened()};
  EXPECT_EQ(this->book().AddToCase(Subject{}, 0, opening).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(this->Load(kHousehold).events, IsEmpty());
}

TYPED_TEST(CaseBookTest, ACaseHasAnEnd) {
  std::vector<CaseEvent> events = {Opened(), MovedTo(CaseState::kVerifying)};
  while (events.size() < kMaxCaseEvents) events.push_back(MeasureAt(CaseState::kVerifying));
  ASSERT_TRUE(this->book().AddToCase(Named(kHousehold), 0, events).ok());
  const std::vector<CaseEvent> more = {MeasureAt(CaseState::kVerifying)};
  const absl::Status full = this->book().AddToCase(Named(kHousehold), kMaxCaseEvents, more);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(full.message()), HasSubstr("has 1000 events; 1 more would pass the "
                                                     "limit of 1000"));
}

}  // namespace
}  // namespace shouwang
