#include "storage/rocks/case_records.h"

#include "storage/blocks/bytes.h"
#include "storage/contract/case_book.h"
#include "storage/rocks/records.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 1;
// Of a dismissal whose cause was said: the same, and the cause behind it.
constexpr uint8_t kVersionWithCause = 2;
constexpr size_t kKeyBytes = 14;

// 0 stands for none, which no enum uses.
template <typename Enum>
char ByteOf(const std::optional<Enum>& value) {
  return value ? static_cast<char>(*value) : char{0};
}

template <typename Enum>
std::optional<Enum> EnumOf(uint8_t byte) {
  return byte == 0 ? std::nullopt : std::optional(static_cast<Enum>(byte));
}

Date ReadDay(ByteReader* in) { return Date::OfDays(static_cast<int32_t>(in->ZigZag())); }

}  // namespace

std::string WriteCaseKey(const CaseEventKey& key) {
  std::string bytes = SubjectKey(key.subject);
  AppendBigEndian(key.revision, 4, &bytes);
  return bytes;
}

std::optional<CaseEventKey> ReadCaseKey(std::string_view bytes) {
  if (bytes.size() != kKeyBytes || static_cast<uint8_t>(bytes[5]) > 1) return std::nullopt;
  CaseEventKey key;
  key.subject.place = ReadBigEndian(bytes.substr(0, 5));
  key.subject.kind = static_cast<SubjectKind>(bytes[5]);
  key.subject.number = static_cast<uint32_t>(ReadBigEndian(bytes.substr(6, 4)));
  key.revision = static_cast<uint32_t>(ReadBigEndian(bytes.substr(10, 4)));
  if (key.subject.number == 0 || key.revision == 0) return std::nullopt;
  return key;
}

std::string WriteCaseEvent(const CaseEvent& event) {
  std::string value(1, static_cast<char>(event.cause ? kVersionWithCause : kVersion));
  value.push_back(static_cast<char>(event.kind));
  value.push_back(static_cast<char>(event.state));
  value.push_back(ByteOf(event.role));
  value.push_back(ByteOf(event.category));
  AppendZigZag(event.at.time_since_epoch().count(), &value);
  AppendBytes(event.actor, &value);
  AppendBytes(event.note, &value);
  AppendBytes(event.reason, &value);
  AppendBytes(event.measure, &value);
  AppendZigZag(event.measured_on.days(), &value);
  AppendVarint(event.warnings.size(), &value);
  for (const CaseWarning& warning : event.warnings) {
    AppendVarint(warning.rule, &value);
    value.push_back(static_cast<char>(warning.kind));
    value.push_back(static_cast<char>(warning.severity));
    AppendZigZag(warning.opened_on.days(), &value);
  }
  if (event.cause) value.push_back(ByteOf(event.cause));
  return value;
}

std::optional<CaseEvent> ReadCaseEvent(std::string_view value) {
  ByteReader in(value);
  const uint8_t version = in.Byte();
  if (version != kVersion && version != kVersionWithCause) return std::nullopt;
  CaseEvent event;
  event.kind = static_cast<CaseEventKind>(in.Byte());
  event.state = static_cast<CaseState>(in.Byte());
  event.role = EnumOf<Role>(in.Byte());
  event.category = EnumOf<HouseholdCategory>(in.Byte());
  event.at = Instant(std::chrono::milliseconds(in.ZigZag()));
  event.actor = in.LengthAndBytes();
  event.note = in.LengthAndBytes();
  event.reason = in.LengthAndBytes();
  event.measure = in.LengthAndBytes();
  event.measured_on = ReadDay(&in);
  const uint64_t warnings = in.Varint();
  if (warnings > kMaxCaseWarnings) return std::nullopt;
  for (uint64_t i = 0; i < warnings; ++i) {
    CaseWarning& warning = event.warnings.emplace_back();
    warning.rule = static_cast<RuleId>(in.Varint());
    warning.kind = static_cast<RiskKind>(in.Byte());
    warning.severity = static_cast<Severity>(in.Byte());
    warning.opened_on = ReadDay(&in);
  }
  if (version == kVersionWithCause) {
    event.cause = EnumOf<DismissalCause>(in.Byte());
    if (!event.cause) return std::nullopt;
  }
  if (!in.done()) return std::nullopt;
  // Bytes that were written were checked before; what was flipped since is caught here.
  if (!CheckCaseEvents(Subject{0, SubjectKind::kHousehold, 1}, {&event, 1}).ok()) {
    return std::nullopt;
  }
  return event;
}

}  // namespace shouwang::rocks
