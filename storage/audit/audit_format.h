// The bytes of the audit trail: what is stored, and what is hashed.
//
//   key    byte    chain kind (1 warnings, 2 cases, 3 admin, 4 reads)
//          5       the township's first 12-digit code, high byte first; 0 where there is none
//          8       sequence, high byte first, 1 and up
//   value  32      the entry's hash
//          ...     the record
//
//   hash = SHA-256(hash of the entry before, zeros before the first || key || record)
//
//   record byte    1: the version of what follows
//          byte    kind, as AuditKind
//          zigzag  at, ms
//          text    actor
//          byte    level of the region, varint its code
//          byte    1 if there is a subject, then varint place, byte kind, varint number; else 0
//          varint  facts; of each text name, text value
//          varint  batches; of each varint number less that before it (the first less 0)
//          varint  corrections; of each the cell as below, byte of bits (1: it stood, 2: another
//                  value stands now), zigzag value, with bit 2 zigzag standing value less value,
//                  zigzag batch less the first of the batches (less 0 where there are none)
//          varint  variants of transitions: each byte kind, varint rule, byte severity, varint
//                  policy version
//          varint  transitions; of all the subject, then of all varint the variant's place in the
//                  list, then of all zigzag the day (cleared if cleared, else opened) less that
//                  before it, then of the cleared ones zigzag cleared less opened day
//
//   text     varint length, bytes
//   subject  zigzag number less the number before it, shifted left by one, and 1 where place or
//   kind
//            are others than before it: then zigzag place less place before, byte kind
//   cell     subject, varint indicator, zigzag day less the day before it
//
// What goes before the first subject is place 0, household, number 0, and before the first day that
// of `at` in China. `varint` and `zigzag` are those of storage/blocks/bytes.h.
//
// Pure; any thread. Readers take any bytes: nullopt for those that no writer writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/vocabulary/audit.h"

namespace shouwang {

inline constexpr size_t kAuditKeyBytes = 14;
inline constexpr size_t kAuditHashBytes = 32;

std::string AuditKey(const AuditChain& chain, uint64_t sequence);
// The first key past those of `chain`.
std::string AuditKeyPast(const AuditChain& chain);
struct AuditPosition {
  AuditChain chain;
  uint64_t sequence = 0;
};
std::optional<AuditPosition> ReadAuditKey(std::string_view key);

std::string WriteAuditRecord(const AuditRecord& record);
std::optional<AuditRecord> ReadAuditRecord(std::string_view bytes);

}  // namespace shouwang
