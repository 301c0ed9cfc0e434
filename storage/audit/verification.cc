#include "storage/audit/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/audit/audit_chain.h"
#include "storage/blocks/block_key.h"

namespace shouwang {
namespace {

constexpr uint64_t kBetweenReports = 1'024;

std::string HexText(std::string_view bytes) {
  std::string text;
  for (const char c : bytes.substr(0, 32)) {
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<uint8_t>(c));
  }
  return text;
}

}  // namespace

bool VerifiedAudit::sound() const {
  return strays.empty() &&
         std::ranges::all_of(chains, [](const VerifiedChain& chain) { return chain.faults == 0; });
}

AuditVerifier::AuditVerifier(std::span<const AuditHead> expected)
    : expected_(expected.begin(), expected.end()) {
  std::ranges::sort(expected_);
  met_.resize(expected_.size());
}

VerifiedChain* AuditVerifier::ChainAt(const AuditChain& chain) {
  if (verified_.chains.empty() || verified_.chains.back().chain != chain) {
    verified_.chains.emplace_back().chain = chain;
    previous_ = AuditHash{};
  }
  return &verified_.chains.back();
}

void AuditVerifier::Fault(VerifiedChain* chain, uint64_t sequence, std::string what) {
  if (chain->faults++ > 0) return;
  chain->first_fault = sequence;
  chain->fault = std::move(what);
}

std::string AuditVerifier::CheckEntry(const AuditPosition& position, std::string_view key,
                                      std::string_view value, VerifiedChain* chain) {
  const uint64_t expected = chain->head_sequence + 1;
  const AuditHash previous = std::exchange(previous_, EndBehind(key, value).hash);
  chain->head_sequence = position.sequence;
  chain->head = previous_;
  ++chain->entries;
  if (position.sequence != expected) {
    std::string missing =
        position.sequence == expected + 1
            ? fmt::format("entry {} is missing", expected)
            : fmt::format("entries {} to {} are missing", expected, position.sequence - 1);
    Fault(chain, expected, missing);
    return missing;
  }
  std::string wrong;
  if (value.size() < kAuditHashBytes) {
    wrong = fmt::format("entry {} has no hash", position.sequence);
  } else if (HashOfEntry(previous, key, value.substr(kAuditHashBytes)) != previous_) {
    wrong = fmt::format(
        "entry {} is not what was hashed: it was changed, moved or put in, or the one before was",
        position.sequence);
  } else if (!ReadAuditRecord(value.substr(kAuditHashBytes))) {
    wrong = fmt::format("entry {} cannot be read", position.sequence);
  }
  if (!wrong.empty()) Fault(chain, position.sequence, wrong);
  return wrong;
}

std::string AuditVerifier::Take(std::string_view key, std::string_view value) {
  ++verified_.entries;
  const std::optional<AuditPosition> position = ReadAuditKey(key);
  if (!position) {
    std::string wrong = fmt::format("key {} is none of an entry", HexText(key));
    if (verified_.strays.size() < kMaxListedStrays) verified_.strays.push_back(wrong);
    return wrong;
  }
  VerifiedChain* chain = ChainAt(position->chain);
  std::string wrong = CheckEntry(*position, key, value, chain);
  const AuditHead at{position->chain, position->sequence, {}};
  for (auto it = std::ranges::lower_bound(expected_, at); it != expected_.end(); ++it) {
    if (it->chain != at.chain || it->sequence != at.sequence) break;
    met_[static_cast<size_t>(it - expected_.begin())] = true;
    if (it->hash == previous_) continue;
    wrong = fmt::format("entry {} is another than when the heads were kept", at.sequence);
    Fault(chain, at.sequence, wrong);
  }
  return wrong;
}

VerifiedAudit AuditVerifier::Finish() {
  for (size_t i = 0; i < expected_.size(); ++i) {
    if (met_[i]) continue;
    const AuditHead& head = expected_[i];
    auto it = std::ranges::lower_bound(verified_.chains, head.chain, {}, &VerifiedChain::chain);
    if (it == verified_.chains.end() || it->chain != head.chain) {
      it = verified_.chains.insert(it, VerifiedChain{});
      it->chain = head.chain;
    }
    // An entry that is missing in the middle was told of.
    if (it->head_sequence >= head.sequence) continue;
    Fault(
        &*it, it->head_sequence + 1,
        fmt::format("the chain ends at {} and had {} when the heads were kept: its end was cut off",
                    it->head_sequence, head.sequence));
  }
  return std::move(verified_);
}

absl::StatusOr<VerifiedAudit> VerifyAudit(const AuditLog& log, std::span<const AuditHead> expected,
                                          absl::FunctionRef<bool(uint64_t)> progress) {
  AuditVerifier verifier(expected);
  uint64_t done = 0;
  bool given_up = false;
  const absl::Status status = log.ScanAudit("", "\xff", [&](auto key, auto value) {
    verifier.Take(key, value);
    given_up = ++done % kBetweenReports == 0 && !progress(done);
    return !given_up;
  });
  if (given_up) return absl::CancelledError("the verification was given up");
  if (!status.ok()) return status;
  return verifier.Finish();
}

}  // namespace shouwang
