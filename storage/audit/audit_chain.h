// The links of a chain: how an entry gets its place, and how one is read back. The bytes are those
// of audit_format.h. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "storage/audit/audit_format.h"

namespace shouwang {

// SHA-256(previous || key || record).
AuditHash HashOfEntry(const AuditHash& previous, std::string_view key, std::string_view record);
// SHA-256 of any bytes, for files and lists.
AuditHash Sha256(std::string_view bytes);

// Where the next entry of a chain goes.
struct ChainEnd {
  uint64_t sequence = 0;  // of the last entry; 0: there is none
  AuditHash hash{};
  Instant at{};
};
// What is behind an entry as it is stored. Of a damaged one, as much as can be read: whoever goes
// on behind it must not be held up by what a verification will name.
ChainEnd EndBehind(std::string_view key, std::string_view value);

struct StoredEntry {
  std::string key;
  std::string value;
};
// `record` as the entry behind `*end`, which moves on.
StoredEntry LinkEntry(const AuditChain& chain, AuditRecord record, ChainEnd* end);

// nullopt for bytes that LinkEntry never gives; whether the hash is right takes `previous`, which a
// verification has, and is not asked here.
std::optional<AuditEntry> ReadAuditEntry(std::string_view key, std::string_view value,
                                         const AuditHash& previous);

// SHA-256 over "CHAIN SEQUENCE HASH\n" of each head, by chain: one number that stands for all of
// them, to be written down or published.
AuditHash RootOf(std::span<const AuditHead> heads);

}  // namespace shouwang
