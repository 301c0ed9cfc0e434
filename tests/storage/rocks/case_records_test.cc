#include "storage/rocks/case_records.h"

#include <algorithm>

#include "storage/rocks/database.h"
#include "storage/rocks/rocks_case_book.h"
#include "storage/rocks/verify.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang::rocks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CaseEvent Registered() {
  CaseEvent event;
  event.kind = CaseEventKind::kMoved;
  event.state = CaseState::kRegistered;
  event.at = At(150);
  event.role = Role::kCounty;
  event.actor = "c1";
  event.note = "ok";
  event.category = HouseholdCategory::kMarginal;
  event.warnings = {{101, RiskKind::kIllness, Severity::kRed, On("1970-01-03")}};
  return event;
}

TEST(CaseRecordsTest, KeysOrderAsSubjectsAndRevisionsDo) {
  const std::string key = WriteCaseKey({Named("520502001001/17"), 258});
  EXPECT_EQ(key, std::string("\x79\x30\x56\x3d\x69\x00\x00\x00\x00\x11\x00\x00\x01\x02", 14));
  const auto read = ReadCaseKey(key);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->subject, Named("520502001001/17"));
  EXPECT_EQ(read->revision, 258u);
  EXPECT_LT(WriteCaseKey({Named("520502001001/17"), 255}), key);
  EXPECT_LT(key, WriteCaseKey({Named("520502001001/18"), 1}));
  EXPECT_FALSE(ReadCaseKey(key.substr(0, 13)));
  EXPECT_FALSE(ReadCaseKey(WriteCaseKey({Named("520502001001/17"), 0})));
}

TEST(CaseRecordsTest, AnEventIsTheseBytes) {
  EXPECT_EQ(WriteCaseEvent(Registered()),
            std::string("\x01\x02\x05\x03\x02"  // version, moved, registered, county, marginal
                        "\xac\x02"              // 150 ms
                        "\x02"
                        "c1"
                        "\x02"
                        "ok"
                        "\x00\x00\x00"           // no reason, no measure, day 0
                        "\x01\x65\x02\x03\x04",  // one warning: rule 101, illness, red, day 2
                        21));
}

TEST(CaseRecordsTest, ACauseStandsBehindTheRestUnderItsOwnVersion) {
  CaseEvent dismissed;
  dismissed.kind = CaseEventKind::kMoved;
  dismissed.state = CaseState::kDismissed;
  dismissed.role = Role::kTownship;
  dismissed.reason = "no";
  std::string bytes = WriteCaseEvent(dismissed);
  EXPECT_EQ(bytes, std::string("\x01\x02\x08\x02\x00\x00\x00\x00\x02no\x00\x00\x00", 14));
  dismissed.cause = DismissalCause::kDataError;
  bytes[0] = '\x02';
  EXPECT_EQ(WriteCaseEvent(dismissed), bytes + '\x01');
  EXPECT_FALSE(ReadCaseEvent(bytes + '\x04')) << "no such cause";
  EXPECT_FALSE(ReadCaseEvent(bytes + '\x00')) << "none is written as version 1";
}

TEST(CaseRecordsTest, ComeBackAndNothingShorterOrLongerDoes) {
  CaseEvent opened;
  opened.at = At(1'794'715'200'000);
  CaseEvent measure;
  measure.kind = CaseEventKind::kMeasure;
  measure.state = CaseState::kSupported;
  measure.role = Role::kVillage;
  measure.measure = "medical_assistance";
  measure.measured_on = On("2026-11-02");
  CaseEvent dismissed;
  dismissed.kind = CaseEventKind::kMoved;
  dismissed.state = CaseState::kDismissed;
  dismissed.reason = "no";
  dismissed.cause = DismissalCause::kCoping;
  for (const CaseEvent& event : {Registered(), opened, measure, dismissed}) {
    const std::string bytes = WriteCaseEvent(event);
    EXPECT_EQ(ReadCaseEvent(bytes), event);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(ReadCaseEvent(bytes.substr(0, size))) << size;
    }
    EXPECT_FALSE(ReadCaseEvent(bytes + '\0'));
  }
}

TEST(CaseRecordsTest, BytesThatAreNoEventAreNone) {
  const auto flipped = [](size_t at, char byte) {
    std::string bytes = WriteCaseEvent(Registered());
    bytes[at] = byte;
    return ReadCaseEvent(bytes);
  };
  EXPECT_FALSE(flipped(0, 2)) << "version: nothing is said of a cause";
  EXPECT_FALSE(flipped(0, 3)) << "version";
  EXPECT_FALSE(flipped(1, 4)) << "kind";
  EXPECT_FALSE(flipped(2, 9)) << "state";
  EXPECT_FALSE(flipped(3, 5)) << "role";
  EXPECT_FALSE(flipped(4, 4)) << "category";
  EXPECT_FALSE(flipped(18, 99)) << "risk kind";
}

class DamagedCaseTest : public testing::Test {
 protected:
  DamagedCaseTest() {
    CaseEvent moved;
    moved.kind = CaseEventKind::kMoved;
    moved.state = CaseState::kVerifying;
    const std::vector<CaseEvent> events = {CaseEvent(), moved};
    const auto store = OpenRocks(Options());
    RocksCaseBook book(store.get());
    for (const char* subject : {"520502001001/1", "520502001001/2", "520502001001/3"}) {
      EXPECT_TRUE(book.AddToCase(Named(subject), 0, events).ok());
    }
  }
  RocksOptions Options() const { return SmallRocks(directory_.path()); }
  // Writes what no book would.
  void Put(const std::string& key, const std::string& value) {
    const auto store = OpenRocks(Options());
    WriteBatch(
        [&](rocksdb::WriteBatch* batch) {
          batch->Put(store->database().Handle(Family::kCases), key, value);
        },
        *store);
  }
  void Delete(const std::string& key) {
    const auto store = OpenRocks(Options());
    WriteBatch(
        [&](rocksdb::WriteBatch* batch) {
          batch->Delete(store->database().Handle(Family::kCases), key);
        },
        *store);
  }
  std::vector<std::string> Faults() const {
    const auto verified = VerifyStore(Options(), [](const std::string&, uint64_t) {});
    EXPECT_TRUE(verified.ok()) << verified.status();
    return verified->faults;
  }

 private:
  template <typename Fill>
  static void WriteBatch(Fill fill, const RocksStore& store) {
    rocksdb::WriteBatch batch;
    fill(&batch);
    ASSERT_TRUE(store.database().Write(&batch, "test").ok());
  }
  TemporaryDirectory directory_;
};

TEST_F(DamagedCaseTest, IsNamedAndTheOthersAreServed) {
  Put(WriteCaseKey({Named("520502001001/2"), 2}), "\x01");
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("cases record 7930563D69000000000200000002: cannot "
                                              "be read")));
  const auto store = OpenRocks(Options());
  RocksCaseBook book(store.get());
  EXPECT_EQ(book.LoadCase(Named("520502001001/2")).status().code(), absl::StatusCode::kDataLoss);
  std::vector<std::string> seen;
  const absl::Status status = book.ScanCases(Div(""), {}, [&](const Case& record) {
    seen.push_back(record.subject.ToString());
    return true;
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(seen, ElementsAre("520502001001/1", "520502001001/3"));
  EXPECT_GT(store->Statistics().damage, 0u);
  const std::vector<CaseEvent> more = {CaseEvent()};
  EXPECT_EQ(book.AddToCase(Named("520502001001/2"), 2, more).code(), absl::StatusCode::kDataLoss);
}

TEST_F(DamagedCaseTest, AnEventThatIsMissingIsNoticed) {
  Delete(WriteCaseKey({Named("520502001001/2"), 1}));
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("event 1 of the case of 520502001001/2 is missing")));
}

TEST_F(DamagedCaseTest, AnEventThatMayNotStandThereIsNoticed) {
  CaseEvent cleared;
  cleared.kind = CaseEventKind::kMoved;
  cleared.state = CaseState::kCleared;
  Put(WriteCaseKey({Named("520502001001/3"), 3}), WriteCaseEvent(cleared));
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("event 3 of the case of 520502001001/3 may not "
                                              "stand behind state verifying")));
}

TEST_F(DamagedCaseTest, SoundOnesAreCounted) {
  const auto verified = VerifyStore(Options(), [](const std::string&, uint64_t) {});
  ASSERT_TRUE(verified.ok());
  EXPECT_TRUE(verified->sound());
  const auto part = std::ranges::find(verified->parts, "cases", &VerifiedPart::name);
  ASSERT_NE(part, verified->parts.end());
  EXPECT_EQ(part->checked, 6u);
}

}  // namespace
}  // namespace shouwang::rocks
