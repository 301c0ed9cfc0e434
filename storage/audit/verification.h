// Finds any change to the past of an audit trail: hashes every chain anew, from its first entry on.
//
// What it finds by itself: an entry that was changed, taken out, put in or moved. What it finds
// only beside heads that were kept elsewhere: the end of a chain cut off, or a chain written anew
// with hashes that fit, by somebody who may write to the store. (Keeping a secret for the hashes on
// the same machine would not be one.)
//
// Reads only; one thread. Memory: one entry, and a line for each chain.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "storage/audit/audit_format.h"
#include "storage/contract/audit_log.h"

namespace shouwang {

struct VerifiedChain {
  AuditChain chain;
  uint64_t entries = 0;
  AuditHash head{};  // as stored
  uint64_t head_sequence = 0;
  uint64_t faults = 0;
  uint64_t first_fault = 0;  // the sequence of the first entry at fault; 0: none
  std::string fault;         // what is wrong there
};

struct VerifiedAudit {
  std::vector<VerifiedChain> chains;  // by chain; those that `expected` names too
  uint64_t entries = 0;
  // Keys that belong to no chain, in words; the first kMaxListedStrays.
  std::vector<std::string> strays;
  bool sound() const;
};
inline constexpr size_t kMaxListedStrays = 100;

// For those who have the keys and values at hand (an offline check): Take them in order.
class AuditVerifier {
 public:
  explicit AuditVerifier(std::span<const AuditHead> expected = {});
  // What is wrong with this entry; empty where nothing is.
  std::string Take(std::string_view key, std::string_view value);
  VerifiedAudit Finish();

 private:
  VerifiedChain* ChainAt(const AuditChain& chain);
  void Fault(VerifiedChain* chain, uint64_t sequence, std::string what);
  std::string CheckEntry(const AuditPosition& position, std::string_view key,
                         std::string_view value, VerifiedChain* chain);

  std::vector<AuditHead> expected_;  // by chain, sequence
  std::vector<bool> met_;
  VerifiedAudit verified_;
  AuditHash previous_{};
};

// `expected` are heads that were kept elsewhere; any number of one chain. `progress` gets the
// entries that are done, often; Cancelled where it gives false. Fails as the log's reads fail.
absl::StatusOr<VerifiedAudit> VerifyAudit(const AuditLog& log, std::span<const AuditHead> expected,
                                          absl::FunctionRef<bool(uint64_t)> progress);

}  // namespace shouwang
