// Whatever is done to the past, a verification names the chain and the entry.
#include "storage/audit/verification.h"

#include <map>

#include "storage/memory/memory_audit_log.h"
#include "tests/storage/audit/entries.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kNow = 1'770'000'000'000;

// Five entries of a township, two of another one's cases, three of the daemon, one read.
class VerificationTest : public testing::Test {
 protected:
  VerificationTest() {
    for (int64_t i = 0; i < 5; ++i) Add(WarningsOf("520502001"), FullCommit(kNow + i));
    for (int64_t i = 0; i < 2; ++i) {
      Add(CasesOf("520502002"), RecordOf(AuditKind::kCase, kNow, "v" + std::to_string(i)));
    }
    Add(Admin(), RecordOf(AuditKind::kStart, kNow));
    Add(Admin(), RecordOf(AuditKind::kPolicy, kNow));
    Add(Admin(), RecordOf(AuditKind::kStop, kNow));
    Add(Reads(), FullRead(kNow));
  }

  void Add(const AuditChain& chain, const AuditRecord& record) {
    ASSERT_TRUE(log_.Append(chain, {&record, 1}).ok());
  }
  std::map<std::string, std::string> Entries() const {
    std::map<std::string, std::string> entries;
    EXPECT_TRUE(log_.ScanAudit("", "\xff",
                               [&](auto key, auto value) {
                                 entries.emplace(key, value);
                                 return true;
                               })
                    .ok());
    return entries;
  }
  VerifiedAudit Verify(std::span<const AuditHead> expected = {}) const {
    const auto verified = VerifyAudit(log_, expected, [](uint64_t) { return true; });
    EXPECT_TRUE(verified.ok()) << verified.status();
    return *verified;
  }
  // "CHAIN SEQUENCE: WHAT" of each chain at fault.
  std::vector<std::string> Faults(std::span<const AuditHead> expected = {}) const {
    const VerifiedAudit verified = Verify(expected);
    std::vector<std::string> faults;
    for (const VerifiedChain& chain : verified.chains) {
      if (chain.faults == 0) continue;
      faults.push_back(chain.chain.ToString() + " " + std::to_string(chain.first_fault) + ": " +
                       chain.fault);
    }
    for (const std::string& stray : verified.strays) faults.push_back(stray);
    EXPECT_EQ(verified.sound(), faults.empty());
    return faults;
  }
  std::string KeyOf(uint64_t sequence) const { return AuditKey(WarningsOf("520502001"), sequence); }

  MemoryAuditLog log_;
};

TEST_F(VerificationTest, AnUntouchedTrailIsSound) {
  const VerifiedAudit verified = Verify(*log_.LoadHeads());
  EXPECT_TRUE(verified.sound());
  EXPECT_EQ(verified.entries, 11u);
  ASSERT_EQ(verified.chains.size(), 4u);
  EXPECT_EQ(verified.chains[0].chain, WarningsOf("520502001"));
  EXPECT_EQ(verified.chains[0].entries, 5u);
  EXPECT_EQ(verified.chains[0].head_sequence, 5u);
  EXPECT_EQ(verified.chains[0].head, (*log_.LoadHeads())[0].hash);
}

TEST_F(VerificationTest, AnEmptyTrailIsSound) {
  const MemoryAuditLog empty;
  EXPECT_TRUE(VerifyAudit(empty, {}, [](uint64_t) { return true; })->sound());
}

// Every bit of every stored value.
TEST_F(VerificationTest, EveryFlippedBitOfEveryEntryIsFoundWhereItIs) {
  for (const auto& [key, value] : Entries()) {
    const AuditPosition position = *ReadAuditKey(key);
    for (size_t i = 0; i < 8 * value.size(); ++i) {
      std::string flipped = value;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ 1 << i % 8);
      log_.Put(key, flipped);
      const std::vector<std::string> faults = Faults();
      ASSERT_EQ(faults.size(), 1u) << position.chain.ToString() << " bit " << i;
      ASSERT_THAT(faults[0], testing::StartsWith(position.chain.ToString() + " " +
                                                 std::to_string(position.sequence) + ": entry " +
                                                 std::to_string(position.sequence) +
                                                 " is not what was hashed"));
    }
    log_.Put(key, value);
  }
  EXPECT_THAT(Faults(), IsEmpty());
}

// A key is the entry's place: a flipped one is an entry that is missing where it was.
TEST_F(VerificationTest, EveryFlippedBitOfEveryKeyIsFound) {
  const std::vector<AuditHead> heads = *log_.LoadHeads();
  for (const auto& [key, value] : Entries()) {
    for (size_t i = 0; i < 8 * key.size(); ++i) {
      std::string flipped = key;
      flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ 1 << i % 8);
      const auto there = Entries();
      log_.Erase(key);
      log_.Put(flipped, value);
      EXPECT_FALSE(Verify(heads).sound()) << i;
      log_.Erase(flipped);
      for (const auto& [k, v] : there) log_.Put(k, v);
    }
  }
}

TEST_F(VerificationTest, ACutValueIsFoundWhereItIs) {
  const std::string value = Entries()[KeyOf(3)];
  for (size_t size = 0; size < value.size(); ++size) {
    log_.Put(KeyOf(3), value.substr(0, size));
    const std::vector<std::string> faults = Faults();
    ASSERT_EQ(faults.size(), 1u) << size;
    ASSERT_THAT(faults[0], testing::StartsWith("warnings/520502001 3: entry 3"));
  }
}

TEST_F(VerificationTest, AnEntryTakenOutOfTheMiddleIsMissed) {
  log_.Erase(KeyOf(3));
  EXPECT_THAT(Faults(), ElementsAre("warnings/520502001 3: entry 3 is missing"));
  log_.Erase(KeyOf(2));
  EXPECT_THAT(Faults(), ElementsAre("warnings/520502001 2: entries 2 to 3 are missing"));
  log_.Erase(KeyOf(1));
  EXPECT_THAT(Faults(), ElementsAre("warnings/520502001 1: entries 1 to 3 are missing"));
}

TEST_F(VerificationTest, TwoThatChangedPlacesAreFound) {
  auto entries = Entries();
  log_.Put(KeyOf(2), entries[KeyOf(3)]);
  log_.Put(KeyOf(3), entries[KeyOf(2)]);
  EXPECT_THAT(Faults(),
              ElementsAre(HasSubstr("warnings/520502001 2: entry 2 is not what was hashed")));
  EXPECT_EQ(Verify().chains[0].faults, 3u);
}

// All behind it moved on by one.
TEST_F(VerificationTest, AnEntryPutInIsFound) {
  auto entries = Entries();
  for (uint64_t i = 5; i >= 3; --i) log_.Put(KeyOf(i + 1), entries[KeyOf(i)]);
  ChainEnd end = EndBehind(KeyOf(2), entries[KeyOf(2)]);
  const StoredEntry forged = LinkEntry(WarningsOf("520502001"), FullCommit(kNow), &end);
  log_.Put(forged.key, forged.value);
  EXPECT_THAT(Faults(),
              ElementsAre(HasSubstr("warnings/520502001 4: entry 4 is not what was hashed")));
}

TEST_F(VerificationTest, AnEntryOfAnotherChainIsFound) {
  log_.Put(AuditKey(CasesOf("520502002"), 2), Entries()[AuditKey(Admin(), 2)]);
  EXPECT_THAT(Faults(),
              ElementsAre(HasSubstr("cases/520502002 2: entry 2 is not what was hashed")));
}

TEST_F(VerificationTest, WhatIsNoEntryIsAStray) {
  log_.Put("abc", "x");
  EXPECT_THAT(Faults(), ElementsAre("key 616263 is none of an entry"));
}

TEST_F(VerificationTest, AnEndThatWasCutOffIsFoundBesideKeptHeads) {
  const std::vector<AuditHead> heads = *log_.LoadHeads();
  log_.Erase(KeyOf(5));
  log_.Erase(KeyOf(4));
  EXPECT_THAT(Faults(), IsEmpty()) << "a chain alone cannot tell";
  EXPECT_THAT(Faults(heads),
              ElementsAre("warnings/520502001 4: the chain ends at 3 and had 5 when the heads were "
                          "kept: its end was cut off"));
}

TEST_F(VerificationTest, AChainThatIsGoneIsFoundBesideKeptHeads) {
  const std::vector<AuditHead> heads = *log_.LoadHeads();
  log_.Erase(AuditKey(Reads(), 1));
  log_.Erase(AuditKey(CasesOf("520502002"), 1));
  log_.Erase(AuditKey(CasesOf("520502002"), 2));
  EXPECT_THAT(Faults(heads), ElementsAre(HasSubstr("cases/520502002 1: the chain ends at 0"),
                                         HasSubstr("reads 1: the chain ends at 0")));
}

// By somebody who can write to the store and hash.
TEST_F(VerificationTest, AChainWrittenAnewIsFoundBesideKeptHeads) {
  const std::vector<AuditHead> heads = *log_.LoadHeads();
  ChainEnd end;
  for (int64_t i = 0; i < 6; ++i) {
    AuditRecord record = FullCommit(kNow + i);
    record.corrections[0].value = 1;
    const StoredEntry forged = LinkEntry(WarningsOf("520502001"), record, &end);
    log_.Put(forged.key, forged.value);
  }
  EXPECT_THAT(Faults(), IsEmpty()) << "a chain alone cannot tell";
  EXPECT_THAT(
      Faults(heads),
      ElementsAre("warnings/520502001 5: entry 5 is another than when the heads were kept"));
}

TEST_F(VerificationTest, HeadsThatWereKeptEarlierHoldForALongerChain) {
  const std::vector<AuditHead> heads = *log_.LoadHeads();
  Add(WarningsOf("520502001"), FullCommit(kNow + 9));
  std::vector<AuditHead> both = *log_.LoadHeads();
  both.insert(both.end(), heads.begin(), heads.end());
  EXPECT_THAT(Faults(both), IsEmpty());
}

TEST_F(VerificationTest, ItIsGivenUpWhereNobodyWaits) {
  for (int i = 0; i < 2'000; ++i) Add(Admin(), RecordOf(AuditKind::kStart, kNow));
  uint64_t told = 0;
  const auto verified = VerifyAudit(log_, {}, [&](uint64_t done) {
    told = done;
    return false;
  });
  EXPECT_EQ(verified.status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(told, 1'024u);
}

}  // namespace
}  // namespace shouwang
