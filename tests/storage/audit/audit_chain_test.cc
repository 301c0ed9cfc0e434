#include "storage/audit/audit_chain.h"

#include "tests/storage/audit/entries.h"

namespace shouwang {
namespace {

AuditHash HashIn(const StoredEntry& entry) { return EndBehind(entry.key, entry.value).hash; }

TEST(AuditChainTest, AnEntryIsHashedWithTheHashOfTheOneBefore) {
  ChainEnd end;
  const StoredEntry first = LinkEntry(Admin(), RecordOf(AuditKind::kStart, 1'000), &end);
  const StoredEntry second = LinkEntry(Admin(), RecordOf(AuditKind::kStop, 2'000), &end);
  EXPECT_EQ(end.sequence, 2u);
  const std::string zeros(32, '\0');
  EXPECT_EQ(HashIn(first), Sha256(zeros + first.key + first.value.substr(32)));
  EXPECT_EQ(HashIn(second),
            Sha256(first.value.substr(0, 32) + second.key + second.value.substr(32)));
  EXPECT_EQ(end.hash, HashIn(second));
}

// A golden value: the format and the hash must never change.
TEST(AuditChainTest, TheHashIsThatOfEarlierVersions) {
  ChainEnd end;
  LinkEntry(WarningsOf("520502001"), FullCommit(1'770'000'000'000), &end);
  EXPECT_EQ(HashText(end.hash), "b91c5fee6d3fcb3d3f15b283d861bc2b7d70ded6856e543ae6c7e52de2f1a20f");
}

TEST(AuditChainTest, ItsTimeIsNeverBeforeThatOfTheOneBefore) {
  ChainEnd end;
  LinkEntry(Admin(), RecordOf(AuditKind::kStart, 5'000), &end);
  const StoredEntry entry = LinkEntry(Admin(), RecordOf(AuditKind::kStop, 4'000), &end);
  EXPECT_EQ(ReadAuditEntry(entry.key, entry.value, {})->record.at, At(5'000));
}

TEST(AuditChainTest, AnEntryIsReadWithItsPlace) {
  ChainEnd end;
  const StoredEntry stored = LinkEntry(CasesOf("520502001"), RecordOf(AuditKind::kCase, 9), &end);
  const AuditHash previous = Sha256("before");
  const auto entry = ReadAuditEntry(stored.key, stored.value, previous);
  ASSERT_TRUE(entry.has_value());
  EXPECT_EQ(entry->chain, CasesOf("520502001"));
  EXPECT_EQ(entry->sequence, 1u);
  EXPECT_EQ(entry->previous, previous);
  EXPECT_EQ(entry->hash, end.hash);
  EXPECT_EQ(entry->bytes, stored.value.substr(32));
  EXPECT_EQ(entry->region(), Div("520502001"));
  EXPECT_FALSE(ReadAuditEntry("key", stored.value, previous));
  EXPECT_FALSE(ReadAuditEntry(stored.key, stored.value.substr(0, 31), previous));
  EXPECT_FALSE(ReadAuditEntry(stored.key, stored.value.substr(0, 40), previous));
}

// Who writes next goes on behind whatever is there; a verification names it.
TEST(AuditChainTest, TheEndBehindADamagedEntryIsWhatCanBeRead) {
  const std::string key = AuditKey(Admin(), 7);
  EXPECT_EQ(EndBehind(key, "").sequence, 7u);
  EXPECT_EQ(EndBehind(key, "").hash, AuditHash{});
  EXPECT_EQ(EndBehind(key, "ab").hash[1], 'b');
  EXPECT_EQ(EndBehind(key, std::string(80, 'x')).at, Instant{});
}

TEST(AuditChainTest, TheRootStandsForAllHeads) {
  const std::vector<AuditHead> heads = {{Admin(), 2, Sha256("a")}, {Reads(), 1, Sha256("b")}};
  EXPECT_EQ(RootOf(heads), Sha256("admin 2 " + HashText(Sha256("a")) + "\nreads 1 " +
                                  HashText(Sha256("b")) + "\n"));
  EXPECT_EQ(RootOf({}), Sha256(""));
}

}  // namespace
}  // namespace shouwang
