#include "storage/vocabulary/audit.h"

#include <fmt/format.h>

#include <algorithm>

namespace shouwang {
namespace {

struct KindWords {
  AuditKind kind;
  std::string_view name;
  std::string_view title_zh;
};
constexpr std::array<KindWords, 14> kKinds = {
    {{AuditKind::kCommit, "commit", "上报入库"},
     {AuditKind::kJudgement, "judgement", "重新判定"},
     {AuditKind::kCase, "case", "工单"},
     {AuditKind::kPolicy, "policy", "政策生效"},
     {AuditKind::kPolicyRefused, "policy_refused", "政策被拒"},
     {AuditKind::kRetention, "retention", "到期清理"},
     {AuditKind::kBackup, "backup", "备份"},
     {AuditKind::kRestore, "restore", "恢复"},
     {AuditKind::kStart, "start", "启动"},
     {AuditKind::kStop, "stop", "停止"},
     {AuditKind::kRead, "read", "查阅"},
     {AuditKind::kWhatIf, "whatif", "假设推演"},
     {AuditKind::kDraw, "draw", "随机抽查"},
     {AuditKind::kVisit, "visit", "抽查走访"}}};

struct ChainWords {
  AuditChainKind kind;
  std::string_view name;
  bool of_township;
};
constexpr std::array<ChainWords, 4> kChains = {{{AuditChainKind::kWarnings, "warnings", true},
                                                {AuditChainKind::kCases, "cases", true},
                                                {AuditChainKind::kAdmin, "admin", false},
                                                {AuditChainKind::kReads, "reads", false}}};

const KindWords* Find(AuditKind kind) {
  const auto it = std::ranges::find(kKinds, kind, &KindWords::kind);
  return it == kKinds.end() ? nullptr : &*it;
}

int Digit(char c) {
  if ('0' <= c && c <= '9') return c - '0';
  if ('a' <= c && c <= 'f') return c - 'a' + 10;
  if ('A' <= c && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::span<const AuditKind> AllAuditKinds() {
  static const auto kAll = [] {
    std::array<AuditKind, kKinds.size()> all{};
    std::ranges::transform(kKinds, all.begin(), &KindWords::kind);
    return all;
  }();
  return kAll;
}

std::string_view AuditKindName(AuditKind kind) {
  const KindWords* words = Find(kind);
  return words == nullptr ? "unknown" : words->name;
}

std::string_view AuditKindTitleZh(AuditKind kind) {
  const KindWords* words = Find(kind);
  return words == nullptr ? "未知" : words->title_zh;
}

absl::StatusOr<AuditKind> ParseAuditKind(std::string_view name) {
  const auto it = std::ranges::find(kKinds, name, &KindWords::name);
  if (it != kKinds.end()) return it->kind;
  std::string names;
  for (const KindWords& words : kKinds) names += fmt::format(", {}", words.name);
  return absl::InvalidArgumentError(
      fmt::format("'{}' is no kind of audit entry; there are {}", name, names.substr(2)));
}

std::string AuditChain::ToString() const {
  const auto it = std::ranges::find(kChains, kind, &ChainWords::kind);
  if (it == kChains.end()) return "unknown";
  if (!it->of_township) return std::string(it->name);
  return fmt::format("{}/{}", it->name, township.ToString());
}

absl::StatusOr<AuditChain> AuditChain::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const auto it = std::ranges::find(kChains, text.substr(0, slash), &ChainWords::name);
  if (it != kChains.end() && it->of_township == (slash != std::string_view::npos)) {
    if (!it->of_township) return AuditChain{it->kind, {}};
    const absl::StatusOr<Division> township = Division::Parse(text.substr(slash + 1));
    if (township.ok() && township->level() == DivisionLevel::kTownship) {
      return AuditChain{it->kind, *township};
    }
  }
  return absl::InvalidArgumentError(
      fmt::format("'{}' is no audit chain; there are warnings/TOWNSHIP, cases/TOWNSHIP, admin and "
                  "reads",
                  text));
}

std::string HashText(const AuditHash& hash) {
  std::string text;
  text.reserve(2 * hash.size());
  for (const uint8_t byte : hash) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

std::optional<AuditHash> ParseHash(std::string_view text) {
  AuditHash hash{};
  if (text.size() != 2 * hash.size()) return std::nullopt;
  for (size_t i = 0; i < hash.size(); ++i) {
    const int high = Digit(text[2 * i]);
    const int low = Digit(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    hash[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return hash;
}

std::string_view TransitionName(AuditTransition::Kind kind) {
  switch (kind) {
    case AuditTransition::Kind::kOpened:
      return "opened";
    case AuditTransition::Kind::kCleared:
      return "cleared";
    case AuditTransition::Kind::kChanged:
      return "changed";
  }
  return "unknown";
}

}  // namespace shouwang
