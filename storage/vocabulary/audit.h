// The audit trail (审计记录): who did what, and what followed, as entries that are only ever added.
// Entries form chains: each is hashed together with the hash of the one before it, so that no entry
// can be changed, taken out or put in between without every later hash being another. These are the
// words; the bytes that are hashed are storage/audit's business.
//
// Values; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/subject.h"
#include "storage/vocabulary/warning.h"

namespace shouwang {

enum class AuditKind : uint8_t {
  kCommit = 1,     // 上报入库: batches came in that changed values, or warnings followed
  kJudgement = 2,  // 重新判定: warnings moved without a batch (a policy change, a retention)
  kCase = 3,       // 工单: somebody did something about a household's warnings
  kPolicy = 4,     // 政策生效: other files than before are in force
  kPolicyRefused = 5,  // 政策被拒: a reload that changed nothing
  kRetention = 6,      // 到期清理: values dropped for their age
  kBackup = 7,         // 备份
  kRestore = 8,        // 恢复: the store was made from a backup
  kStart = 9,          // 启动
  kStop = 10,          // 停止
  kRead = 11,          // 查阅: values or warnings of households were shown to somebody
  kWhatIf = 12,        // 假设推演
  kDraw = 13,          // 随机抽查: a township drew households by lot
  kVisit = 14,         // 抽查走访: what a visit of a drawn household found was written down
};
// In the order above.
std::span<const AuditKind> AllAuditKinds();
std::string_view AuditKindName(AuditKind kind);     // "policy_refused"; "unknown"
std::string_view AuditKindTitleZh(AuditKind kind);  // "政策被拒"
absl::StatusOr<AuditKind> ParseAuditKind(std::string_view name);

// Each chain has one writer at a time. What happens to a township's households is a chain of its
// own, so that it can be shown, exported and verified without any other township's.
enum class AuditChainKind : uint8_t {
  kWarnings = 1,  // of a township: corrections and warnings (kCommit, kJudgement)
  kCases = 2,     // of a township (kCase, kDraw, kVisit)
  kAdmin = 3,     // one (kPolicy to kStop)
  kReads = 4,     // one (kRead, kWhatIf)
};

struct AuditChain {
  AuditChainKind kind = AuditChainKind::kAdmin;
  Division township;  // of kWarnings and kCases; else the nation
  // "warnings/520502001", "cases/520502001", "admin", "reads".
  std::string ToString() const;
  // InvalidArgument unless `text` is as ToString writes it.
  static absl::StatusOr<AuditChain> Parse(std::string_view text);
  friend auto operator<=>(const AuditChain&, const AuditChain&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const AuditChain& chain) {
    return H::combine(std::move(h), chain.kind, chain.township.code());
  }
};

// SHA-256.
using AuditHash = std::array<uint8_t, 32>;
std::string HashText(const AuditHash& hash);  // 64 hexadecimal digits
// nullopt unless `text` is 64 hexadecimal digits.
std::optional<AuditHash> ParseHash(std::string_view text);

// What else is to be said of an act, by name; names are those of the field or of the wire.
struct AuditFact {
  std::string name;
  std::string value;
  friend bool operator==(const AuditFact&, const AuditFact&) = default;
};

// A value that was reported and does not stand (any more).
struct AuditCorrection {
  Subject subject;
  IndicatorId indicator = 0;
  Date date;
  int64_t value = 0;                // that does not stand; scaled by the indicator's decimals
  bool stood = false;               // until now; else it came in too late to stand at all
  std::optional<int64_t> standing;  // that this commit made current; nullopt: what stood, stands
  uint64_t batch = 0;               // that brought this about
  friend bool operator==(const AuditCorrection&, const AuditCorrection&) = default;
};

struct AuditTransition {
  enum class Kind : uint8_t {
    kOpened = 1,
    kCleared = 2,
    kChanged = 3,  // stays open with another date, severity or policy
  };
  Subject subject;
  RuleId rule = 0;
  Kind kind = Kind::kOpened;
  Severity severity = Severity::kYellow;
  uint32_t policy_version = 0;
  Date opened_on;
  std::optional<Date> cleared_on;  // kCleared only
  friend bool operator==(const AuditTransition&, const AuditTransition&) = default;
};
std::string_view TransitionName(AuditTransition::Kind kind);  // "opened", "cleared", "changed"

// Who asked for what is recorded, as far as the call said.
struct AuditCaller {
  std::string actor;  // an account, never a name; empty: none was given
  std::string peer;   // "ipv4:127.0.0.1:53422"; empty: nobody called
};

// What an entry says.
struct AuditRecord {
  AuditKind kind = AuditKind::kCommit;
  Instant at{};       // of a chain never before the entry before
  std::string actor;  // an account as the caller gave it, never a name; empty: the daemon itself
  Division region;    // that it concerns; of a township's chain the nation, as the chain says it
  std::optional<Subject> subject;
  std::vector<AuditFact> facts;
  std::vector<uint64_t> batches;             // kCommit: of the township, ascending
  std::vector<AuditCorrection> corrections;  // kCommit
  std::vector<AuditTransition> transitions;  // kCommit, kJudgement
  friend bool operator==(const AuditRecord&, const AuditRecord&) = default;
};

// A record for a chain, before it has a place in it.
struct ChainedRecord {
  AuditChain chain;
  AuditRecord record;
};

struct AuditEntry {
  AuditChain chain;
  uint64_t sequence = 0;  // 1 and up, none left out
  AuditHash previous{};   // of the entry before; zeros before the first
  AuditHash hash{};
  AuditRecord record;
  std::string bytes;  // of the record, as they were hashed
  // Where it belongs: the chain's township, or the record's region.
  const Division& region() const {
    return chain.township.level() == DivisionLevel::kNation ? record.region : chain.township;
  }
  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};

// The last entry of a chain. Kept elsewhere, it proves later that nothing up to it was changed or
// cut off.
struct AuditHead {
  AuditChain chain;
  uint64_t sequence = 0;
  AuditHash hash{};
  friend auto operator<=>(const AuditHead&, const AuditHead&) = default;
};

// Bounds of a record.
inline constexpr size_t kMaxAuditActorBytes = 64;
inline constexpr size_t kMaxAuditFacts = 64;
inline constexpr size_t kMaxAuditFactNameBytes = 64;
inline constexpr size_t kMaxAuditFactBytes = 4'096;
inline constexpr size_t kMaxAuditBatches = 10'000;
inline constexpr size_t kMaxAuditChanges = 10'000;  // corrections and transitions, each

}  // namespace shouwang
