#include "storage/audit/audit_format.h"

#include <random>

#include "storage/contract/audit_log.h"
#include "tests/storage/audit/entries.h"

namespace shouwang {
namespace {

using testing::HasSubstr;

TEST(AuditFormatTest, ARecordIsReadAsItWasWritten) {
  for (const AuditRecord& record : {AuditRecord(), FullCommit(1'770'000'000'000), FullRead(-1),
                                    RecordOf(AuditKind::kStop, 7)}) {
    const auto read = ReadAuditRecord(WriteAuditRecord(record));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, record);
  }
}

TEST(AuditFormatTest, TheBytesAreThoseThatWereHashedBefore) {
  AuditRecord record = RecordOf(AuditKind::kRead, 1'770'000'000'000, "c3");
  record.region = Div("520502");
  record.facts = {{"call", "X"}};
  // Version, kind, at, actor, region, no subject, one fact, and nothing of the rest.
  const std::string expected = std::string("\x01\x0b\x80\x90\xc5\xc3\x83\x67\x02", 9) + "c3" +
                               std::string("\x06\xb6\xe2\x1f\x00\x01\x04", 7) + "call" +
                               std::string("\x01X\x00\x00\x00\x00", 6);
  EXPECT_EQ(testing::PrintToString(WriteAuditRecord(record)), testing::PrintToString(expected));
}

TEST(AuditFormatTest, NoPartOfARecordIsARecord) {
  for (const AuditRecord& record : {FullCommit(1'770'000'000'000), FullRead(5)}) {
    const std::string bytes = WriteAuditRecord(record);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(ReadAuditRecord(std::string_view(bytes).substr(0, size))) << size;
    }
    EXPECT_FALSE(ReadAuditRecord(bytes + '\0'));
  }
}

// Under the sanitizers: whatever the bytes, reading them is safe.
TEST(AuditFormatTest, AnyBytesCanBeRead) {
  std::mt19937_64 random(20261129);
  const std::string bytes = WriteAuditRecord(FullCommit(1'770'000'000'000));
  for (int run = 0; run < 20'000; ++run) {
    std::string changed = bytes;
    for (int i = 0; i < 3; ++i) changed[random() % changed.size()] = static_cast<char>(random());
    const auto read = ReadAuditRecord(changed);
    if (!read) continue;
    EXPECT_TRUE(ReadAuditRecord(WriteAuditRecord(*read)).has_value());
  }
}

TEST(AuditFormatTest, KeysOrderByChainAndSequence) {
  const std::vector<std::string> ordered = {AuditKey(WarningsOf("520502001"), 1),
                                            AuditKey(WarningsOf("520502001"), 2),
                                            AuditKey(WarningsOf("520502001"), 256),
                                            AuditKeyPast(WarningsOf("520502001")),
                                            AuditKey(WarningsOf("520502002"), 1),
                                            AuditKey(CasesOf("520502001"), 1),
                                            AuditKey(Admin(), 1),
                                            AuditKey(Reads(), 1)};
  EXPECT_TRUE(std::ranges::is_sorted(ordered));
}

TEST(AuditFormatTest, AKeyIsReadAsItWasWrittenAndNoOtherBytesAreOne) {
  const auto position = ReadAuditKey(AuditKey(CasesOf("520502001"), 300));
  ASSERT_TRUE(position.has_value());
  EXPECT_EQ(position->chain, CasesOf("520502001"));
  EXPECT_EQ(position->sequence, 300u);
  EXPECT_FALSE(ReadAuditKey(AuditKey(CasesOf("520502001"), 0)));
  EXPECT_FALSE(ReadAuditKey(AuditKey({AuditChainKind{9}, {}}, 1)));
  EXPECT_FALSE(ReadAuditKey(AuditKey({AuditChainKind::kAdmin, Div("520502001")}, 1)));
  EXPECT_FALSE(ReadAuditKey(AuditKey({AuditChainKind::kCases, Div("520502001001")}, 1)));
  EXPECT_FALSE(ReadAuditKey(AuditKey(Admin(), 1).substr(1)));
}

TEST(AuditFormatTest, ChainsHaveNames) {
  for (const char* name : {"warnings/520502001", "cases/520502001", "admin", "reads"}) {
    const auto chain = AuditChain::Parse(name);
    ASSERT_TRUE(chain.ok()) << chain.status();
    EXPECT_EQ(chain->ToString(), name);
  }
  for (const char* name :
       {"", "admin/520502001", "warnings", "warnings/", "warnings/5205", "cases/52050200a"}) {
    EXPECT_EQ(AuditChain::Parse(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

TEST(AuditFormatTest, KindsAndHashesHaveNames) {
  for (const AuditKind kind : AllAuditKinds()) {
    EXPECT_EQ(*ParseAuditKind(AuditKindName(kind)), kind);
    EXPECT_NE(AuditKindTitleZh(kind), "未知");
  }
  EXPECT_THAT(std::string(ParseAuditKind("look").status().message()),
              HasSubstr("there are commit, judgement, case, policy, policy_refused"));
  const AuditHash hash = Sha256("abc");
  EXPECT_EQ(HashText(hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(ParseHash(HashText(hash)), hash);
  EXPECT_FALSE(ParseHash("ba78"));
  EXPECT_FALSE(ParseHash(std::string(64, 'g')));
}

TEST(AuditFormatTest, ARecordOfAnotherChainOrPastABoundIsRefused) {
  const auto refusal = [](const AuditChain& chain, const AuditRecord& record) {
    const absl::Status status = CheckAuditRecord(chain, record);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  };
  EXPECT_TRUE(CheckAuditRecord(Reads(), FullRead(1)).ok());
  EXPECT_TRUE(CheckAuditRecord(WarningsOf("520502001"), FullCommit(1)).ok());
  EXPECT_THAT(refusal(Admin(), FullRead(1)), HasSubstr("kind read is of another chain"));
  EXPECT_THAT(refusal({AuditChainKind::kWarnings, Div("520502")}, FullCommit(1)),
              HasSubstr("'520502' is not the chain's division"));
  EXPECT_THAT(refusal(Admin(), RecordOf(AuditKind{99}, 1)), HasSubstr("no such kind: 99"));
  EXPECT_THAT(refusal(Admin(), RecordOf(AuditKind::kStop, 8'000'000'000'000)),
              HasSubstr("instant outside 1900 to 2199"));
  EXPECT_THAT(refusal(Admin(), RecordOf(AuditKind::kStop, 1, std::string(65, 'a'))),
              HasSubstr("65 bytes of actor; the limit is 64"));
  AuditRecord record = RecordOf(AuditKind::kStop, 1);
  record.facts = {{"note", std::string(4'097, 'n')}};
  EXPECT_THAT(refusal(Admin(), record), HasSubstr("4097 bytes of note; the limit is 4096"));
  record.facts = {{std::string(65, 'n'), ""}};
  EXPECT_THAT(refusal(Admin(), record), HasSubstr("65 bytes of a name; the limit is 64"));
  record.facts.assign(65, {"n", ""});
  EXPECT_THAT(refusal(Admin(), record), HasSubstr("65 facts; the limit is 64"));
  record = FullCommit(1);
  record.batches.assign(10'001, 1);
  EXPECT_THAT(refusal(WarningsOf("520502001"), record), HasSubstr("10001 batches"));
  record = FullCommit(1);
  record.corrections.assign(10'001, record.corrections[0]);
  EXPECT_THAT(refusal(WarningsOf("520502001"), record), HasSubstr("10001 corrections"));
  record = FullCommit(1);
  record.transitions.assign(10'001, record.transitions[0]);
  EXPECT_THAT(refusal(WarningsOf("520502001"), record), HasSubstr("10001 transitions"));
}

}  // namespace
}  // namespace shouwang
