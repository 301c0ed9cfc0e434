#include "storage/rocks/warning_groups.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include "storage/blocks/bytes.h"
#include "storage/blocks/pile.h"
#include "storage/rocks/records.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 2;
// At least, of each: an origin, a form, a warning.
constexpr size_t kOriginBytes = 4;
constexpr size_t kFormBytes = 2;
constexpr size_t kWarningBytes = 2;

constexpr auto kLeastSeverity = static_cast<uint8_t>(Severity::kYellow);
constexpr auto kMostSeverity = static_cast<uint8_t>(Severity::kRed);

struct Origin {
  int32_t opened = 0;
  uint32_t policy = 0;
  int64_t known = 0;
  std::optional<int32_t> cleared;
  friend auto operator<=>(const Origin&, const Origin&) = default;
};

struct Form {
  RuleId rule = 0;
  bool is_open = false;
  uint8_t severity = 0;
  uint8_t kind = 0;
  friend auto operator<=>(const Form&, const Form&) = default;
};

// Of one warning. What is not open has no origin, and of its form the rule only.
struct Said {
  uint8_t low = 0;
  Form form;
  Origin origin;

  auto key() const { return std::tuple(low, form.rule); }
};

void Append(const Origin& origin, const Origin& before, std::string* out) {
  AppendZigZag(WrappingSubtract(origin.opened, before.opened), out);
  AppendZigZag(WrappingSubtract(origin.policy, before.policy), out);
  AppendZigZag(WrappingSubtract(origin.known, before.known), out);
  AppendVarint(origin.cleared ? 1 : 0, out);
  if (origin.cleared) AppendZigZag(WrappingSubtract(*origin.cleared, origin.opened), out);
}

template <typename T>
bool Fits(int64_t value) {
  return value == static_cast<int64_t>(static_cast<T>(value));
}

// nullopt for bytes that Append never writes.
std::optional<Origin> ReadOrigin(const Origin& before, ByteReader* in) {
  const int64_t opened = WrappingAdd(in->ZigZag(), before.opened);
  const int64_t policy = WrappingAdd(in->ZigZag(), before.policy);
  if (!Fits<int32_t>(opened) || !Fits<uint32_t>(policy)) return std::nullopt;
  Origin origin{static_cast<int32_t>(opened), static_cast<uint32_t>(policy),
                WrappingAdd(in->ZigZag(), before.known), std::nullopt};
  const uint64_t is_cleared = in->Varint();
  if (is_cleared == 1) {
    const int64_t cleared = WrappingAdd(in->ZigZag(), opened);
    if (!Fits<int32_t>(cleared)) return std::nullopt;
    origin.cleared = static_cast<int32_t>(cleared);
  }
  return in->failed() || is_cleared > 1 ? std::nullopt : std::optional(origin);
}

void Append(const Form& form, std::string* out) {
  AppendVarint(form.rule, out);
  out->push_back(form.is_open ? '\1' : '\0');
  if (!form.is_open) return;
  out->push_back(static_cast<char>(form.severity));
  out->push_back(static_cast<char>(form.kind));
}

// nullopt for bytes that Append never writes.
std::optional<Form> ReadForm(ByteReader* in) {
  const uint64_t rule = in->Varint();
  const uint8_t how = in->Byte();
  if (in->failed() || rule > std::numeric_limits<RuleId>::max() || how > 1) return std::nullopt;
  Form form{.rule = static_cast<RuleId>(rule), .is_open = how == 1};
  if (form.is_open) {
    form.severity = in->Byte();
    form.kind = in->Byte();
    if (form.severity < kLeastSeverity || form.severity > kMostSeverity) return std::nullopt;
  }
  return in->failed() ? std::nullopt : std::optional(form);
}

// False for damaged bytes.
bool AppendSaid(std::string_view part, std::vector<Said>* all) {
  ByteReader in(part);
  if (in.Byte() != kVersion) return false;
  const uint64_t origin_count = in.Varint();
  if (origin_count > in.remaining() / kOriginBytes) return false;
  std::vector<Origin> origins;
  origins.reserve(origin_count);
  for (uint64_t i = 0; i < origin_count; ++i) {
    const std::optional<Origin> origin = ReadOrigin(i == 0 ? Origin() : origins.back(), &in);
    if (!origin) return false;
    origins.push_back(*origin);
  }
  const uint64_t form_count = in.Varint();
  if (form_count > in.remaining() / kFormBytes) return false;
  std::vector<Form> forms;
  forms.reserve(form_count);
  for (uint64_t i = 0; i < form_count; ++i) {
    const std::optional<Form> form = ReadForm(&in);
    if (!form) return false;
    forms.push_back(*form);
  }
  const uint64_t count = in.Varint();
  if (count > in.remaining() / kWarningBytes) return false;
  const size_t first = all->size();
  all->resize(first + count);
  const std::span<Said> read = std::span(*all).subspan(first);
  for (Said& said : read) said.low = in.Byte();
  for (Said& said : read) {
    const uint64_t form = in.Varint();
    if (form >= forms.size()) return false;
    said.form = forms[form];
  }
  for (Said& said : read) {
    if (!said.form.is_open) continue;
    const uint64_t origin = in.Varint();
    if (origin >= origins.size()) return false;
    said.origin = origins[origin];
  }
  const auto out_of_order = [](const Said& a, const Said& b) { return b.key() <= a.key(); };
  return in.done() && std::ranges::adjacent_find(read, out_of_order) == read.end();
}

template <typename T>
void SortAndDrop(std::vector<T>* repeated) {
  std::ranges::sort(*repeated);
  repeated->erase(std::unique(repeated->begin(), repeated->end()), repeated->end());
}

template <typename T>
size_t NumberIn(const std::vector<T>& table, const T& item) {
  return static_cast<size_t>(std::ranges::lower_bound(table, item) - table.begin());
}

std::string WriteAll(std::span<const Said> all) {
  std::vector<Origin> origins;
  std::vector<Form> forms;
  for (const Said& said : all) {
    forms.push_back(said.form);
    if (said.form.is_open) origins.push_back(said.origin);
  }
  SortAndDrop(&origins);
  SortAndDrop(&forms);
  std::string value(1, static_cast<char>(kVersion));
  AppendVarint(origins.size(), &value);
  Origin before;
  for (const Origin& origin : origins) {
    Append(origin, before, &value);
    before = origin;
  }
  AppendVarint(forms.size(), &value);
  for (const Form& form : forms) Append(form, &value);
  AppendVarint(all.size(), &value);
  for (const Said& said : all) value.push_back(static_cast<char>(said.low));
  for (const Said& said : all) AppendVarint(NumberIn(forms, said.form), &value);
  for (const Said& said : all) {
    if (said.form.is_open) AppendVarint(NumberIn(origins, said.origin), &value);
  }
  return value;
}

// Of each warning only what was said last, in order.
void KeepLast(std::vector<Said>* all) {
  std::ranges::stable_sort(*all, {}, &Said::key);
  size_t kept = 0;
  for (size_t i = 0; i < all->size(); ++i) {
    if (i + 1 < all->size() && (*all)[i].key() == (*all)[i + 1].key()) continue;
    (*all)[kept++] = (*all)[i];
  }
  all->resize(kept);
}

// nullopt where a part cannot be read.
std::optional<std::vector<Said>> Standing(std::span<const std::string_view> parts) {
  std::vector<Said> all;
  for (const std::string_view part : parts) {
    if (!AppendSaid(part, &all)) return std::nullopt;
  }
  KeepLast(&all);
  return all;
}

}  // namespace

std::string WriteWarnings(std::span<const ChangedWarning> changes) {
  std::vector<Said> all;
  all.reserve(changes.size());
  for (const ChangedWarning& changed : changes) {
    const Warning& warning = *changed.warning;
    Said& said = all.emplace_back();
    said.low = SubjectGroup::LowOf(warning.subject);
    said.form.rule = warning.rule;
    if (!changed.is_open) continue;
    said.form = {warning.rule, true, static_cast<uint8_t>(warning.severity),
                 static_cast<uint8_t>(warning.kind)};
    said.origin = {warning.opened_on.days(), warning.policy_version,
                   warning.known_at.time_since_epoch().count(), std::nullopt};
    if (warning.cleared_on) said.origin.cleared = warning.cleared_on->days();
  }
  KeepLast(&all);
  return WriteAll(all);
}

bool ReadWarnings(const SubjectGroup& group, std::string_view value,
                  absl::FunctionRef<bool(const Warning&)> visit) {
  std::vector<Said> all;
  if (!AppendSaid(value, &all)) return false;
  for (const Said& said : all) {
    if (!said.form.is_open) continue;
    Warning warning;
    warning.subject = group.At(said.low);
    warning.rule = said.form.rule;
    warning.severity = static_cast<Severity>(said.form.severity);
    warning.kind = static_cast<RiskKind>(said.form.kind);
    warning.opened_on = Date::OfDays(said.origin.opened);
    warning.policy_version = said.origin.policy;
    warning.known_at = Instant(std::chrono::milliseconds(said.origin.known));
    if (said.origin.cleared) warning.cleared_on = Date::OfDays(*said.origin.cleared);
    if (!visit(warning)) break;
  }
  return true;
}

bool ReadWarningsAt(std::string_view key, std::string_view value,
                    absl::FunctionRef<bool(const Warning&)> visit) {
  if (key.size() == kGroupKeyBytes) {
    const std::optional<SubjectGroup> group = ParseGroupKey(key);
    return group && ReadWarnings(*group, value, visit);
  }
  const std::optional<Warning> warning = ReadWarning(key, value);
  if (warning) visit(*warning);
  return warning.has_value();
}

std::string FoldWarnings(std::string_view /*key*/, std::span<const std::string_view> parts) {
  std::optional<std::vector<Said>> all = Standing(parts);
  if (!all) return KeepDamaged(parts);
  std::erase_if(*all, [](const Said& said) { return !said.form.is_open; });
  return WriteAll(*all);
}

std::string JoinWarnings(std::string_view /*key*/, std::span<const std::string_view> parts) {
  const std::optional<std::vector<Said>> all = Standing(parts);
  return all ? WriteAll(*all) : KeepDamaged(parts);
}

}  // namespace shouwang::rocks
