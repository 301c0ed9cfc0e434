#include "storage/rocks/warning_groups.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <optional>
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

// Of one warning.
struct Said {
  uint32_t key = 0;     // the subject's number within the group, then the rule
  uint32_t form = 0;    // as Content has them
  uint32_t origin = 0;  // only of one that is open

  static uint32_t KeyOf(uint8_t low, RuleId rule) { return uint32_t{low} << 16 | rule; }
  uint8_t low() const { return static_cast<uint8_t>(key >> 16); }
};
static_assert(sizeof(RuleId) == 2);

// What parts say, one after another.
struct Content {
  std::vector<Origin> origins;  // some maybe more than once,
  std::vector<Form> forms;      // as parts have tables of their own
  std::vector<Said> said;

  bool IsOpen(const Said& one) const { return forms[one.form].is_open; }
};

// Where in the table the item stands: near its end, or else it is added there.
template <typename T>
uint32_t Add(const T& item, std::vector<T>* table) {
  constexpr size_t kLatest = 16;
  const auto end = table->rbegin() + static_cast<ptrdiff_t>(std::min(kLatest, table->size()));
  const auto it = std::find(table->rbegin(), end, item);
  if (it != end) return static_cast<uint32_t>(table->rend() - it) - 1;
  table->push_back(item);
  return static_cast<uint32_t>(table->size() - 1);
}

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
bool ReadPart(std::string_view part, Content* content) {
  ByteReader in(part);
  if (in.Byte() != kVersion) return false;
  const size_t first_origin = content->origins.size();
  const uint64_t origins = in.Varint();
  if (origins > in.remaining() / kOriginBytes) return false;
  for (uint64_t i = 0; i < origins; ++i) {
    const std::optional<Origin> origin =
        ReadOrigin(i == 0 ? Origin() : content->origins.back(), &in);
    if (!origin) return false;
    content->origins.push_back(*origin);
  }
  const size_t first_form = content->forms.size();
  const uint64_t forms = in.Varint();
  if (forms > in.remaining() / kFormBytes) return false;
  for (uint64_t i = 0; i < forms; ++i) {
    const std::optional<Form> form = ReadForm(&in);
    if (!form) return false;
    content->forms.push_back(*form);
  }
  const uint64_t count = in.Varint();
  if (count > in.remaining() / kWarningBytes) return false;
  const size_t first = content->said.size();
  content->said.resize(first + count);
  const std::span<Said> read = std::span(content->said).subspan(first);
  const std::string_view lows = in.Bytes(count);
  for (size_t i = 0; i < count; ++i) {
    const uint64_t form = in.Varint();
    if (form >= forms) return false;
    read[i].form = static_cast<uint32_t>(first_form + form);
    read[i].key = Said::KeyOf(static_cast<uint8_t>(lows[i]), content->forms[read[i].form].rule);
  }
  for (Said& said : read) {
    if (!content->IsOpen(said)) continue;
    const uint64_t origin = in.Varint();
    if (origin >= origins) return false;
    said.origin = static_cast<uint32_t>(first_origin + origin);
  }
  const auto out_of_order = [](const Said& a, const Said& b) { return b.key <= a.key; };
  return in.done() && std::ranges::adjacent_find(read, out_of_order) == read.end();
}

// The items of a table that are used, each once and in ascending order, and which of them a place
// in the table is.
template <typename T>
class Ranks {
 public:
  explicit Ranks(const std::vector<T>& table) : table_(table), rank_(table.size(), kUnused) {}

  void Use(uint32_t place) {
    if (rank_[place] != kUnused) return;
    rank_[place] = 0;
    places_.push_back(place);
  }
  // To be called once all are used.
  void Order() {
    std::ranges::sort(places_, {}, [this](uint32_t place) -> const T& { return table_[place]; });
    for (const uint32_t place : places_) {
      if (items_.empty() || items_.back() != table_[place]) items_.push_back(table_[place]);
      rank_[place] = static_cast<uint32_t>(items_.size() - 1);
    }
  }

  const std::vector<T>& items() const { return items_; }
  uint32_t Of(uint32_t place) const { return rank_[place]; }

 private:
  static constexpr uint32_t kUnused = std::numeric_limits<uint32_t>::max();
  const std::vector<T>& table_;
  std::vector<uint32_t> rank_;
  std::vector<uint32_t> places_;
  std::vector<T> items_;
};

std::string WriteAll(const Content& content) {
  Ranks<Origin> origins(content.origins);
  Ranks<Form> forms(content.forms);
  for (const Said& said : content.said) {
    forms.Use(said.form);
    if (content.IsOpen(said)) origins.Use(said.origin);
  }
  origins.Order();
  forms.Order();
  std::string value(1, static_cast<char>(kVersion));
  AppendVarint(origins.items().size(), &value);
  Origin before;
  for (const Origin& origin : origins.items()) {
    Append(origin, before, &value);
    before = origin;
  }
  AppendVarint(forms.items().size(), &value);
  for (const Form& form : forms.items()) Append(form, &value);
  AppendVarint(content.said.size(), &value);
  for (const Said& said : content.said) value.push_back(static_cast<char>(said.low()));
  for (const Said& said : content.said) AppendVarint(forms.Of(said.form), &value);
  for (const Said& said : content.said) {
    if (content.IsOpen(said)) AppendVarint(origins.Of(said.origin), &value);
  }
  return value;
}

// Of each warning only what was said last, in order.
void KeepLast(std::vector<Said>* all) {
  std::ranges::stable_sort(*all, {}, &Said::key);
  size_t kept = 0;
  for (size_t i = 0; i < all->size(); ++i) {
    if (i + 1 < all->size() && (*all)[i].key == (*all)[i + 1].key) continue;
    (*all)[kept++] = (*all)[i];
  }
  all->resize(kept);
}

// nullopt where a part cannot be read.
std::optional<Content> Standing(std::span<const std::string_view> parts) {
  Content content;
  for (const std::string_view part : parts) {
    if (!ReadPart(part, &content)) return std::nullopt;
  }
  KeepLast(&content.said);
  return content;
}

}  // namespace

std::string WriteWarnings(std::span<const ChangedWarning> changes) {
  Content content;
  content.said.reserve(changes.size());
  for (const ChangedWarning& changed : changes) {
    const Warning& warning = *changed.warning;
    Said& said = content.said.emplace_back();
    said.key = Said::KeyOf(SubjectGroup::LowOf(warning.subject), warning.rule);
    Form form{.rule = warning.rule};
    if (changed.is_open) {
      form = {warning.rule, true, static_cast<uint8_t>(warning.severity),
              static_cast<uint8_t>(warning.kind)};
      Origin origin{warning.opened_on.days(), warning.policy_version,
                    warning.known_at.time_since_epoch().count(), std::nullopt};
      if (warning.cleared_on) origin.cleared = warning.cleared_on->days();
      said.origin = Add(origin, &content.origins);
    }
    said.form = Add(form, &content.forms);
  }
  KeepLast(&content.said);
  return WriteAll(content);
}

bool ReadWarnings(const SubjectGroup& group, std::string_view value,
                  absl::FunctionRef<bool(const Warning&)> visit) {
  Content content;
  if (!ReadPart(value, &content)) return false;
  for (const Said& said : content.said) {
    if (!content.IsOpen(said)) continue;
    const Form& form = content.forms[said.form];
    const Origin& origin = content.origins[said.origin];
    Warning warning;
    warning.subject = group.At(said.low());
    warning.rule = form.rule;
    warning.severity = static_cast<Severity>(form.severity);
    warning.kind = static_cast<RiskKind>(form.kind);
    warning.opened_on = Date::OfDays(origin.opened);
    warning.policy_version = origin.policy;
    warning.known_at = Instant(std::chrono::milliseconds(origin.known));
    if (origin.cleared) warning.cleared_on = Date::OfDays(*origin.cleared);
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
  std::optional<Content> content = Standing(parts);
  if (!content) return KeepDamaged(parts);
  std::erase_if(content->said, [&](const Said& said) { return !content->IsOpen(said); });
  return WriteAll(*content);
}

std::string JoinWarnings(std::string_view /*key*/, std::span<const std::string_view> parts) {
  const std::optional<Content> content = Standing(parts);
  return content ? WriteAll(*content) : KeepDamaged(parts);
}

}  // namespace shouwang::rocks
