#include "collectors/ctl/audit_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <vector>

#include "collectors/ctl/words.h"

namespace shouwang::ctl {
namespace {

std::string Word(v1::AuditTransitionKind kind) {
  switch (kind) {
    case v1::AUDIT_TRANSITION_KIND_OPENED:
      return "opened";
    case v1::AUDIT_TRANSITION_KIND_CLEARED:
      return "cleared";
    case v1::AUDIT_TRANSITION_KIND_CHANGED:
      return "changed";
    default:
      return "";
  }
}

// On a line of a table: of a list of subjects as many as are read at a glance.
std::string OnALine(const v1::AuditFact& fact) {
  constexpr size_t kLongestList = 200;
  const std::string& value = fact.value();
  if (fact.name() != "subject_list" || value.size() <= kLongestList) return value;
  return value.substr(0, value.rfind(' ', kLongestList)) + " ...";
}

Json OrNull(const std::string& text) { return text.empty() ? Json() : Json(text); }

Json JsonOf(const v1::AuditCorrection& correction) {
  const uint32_t decimals = correction.decimals();
  return {{"subject", correction.subject()},
          {"indicator", correction.indicator()},
          {"date", DateText(correction.date())},
          {"value", DecimalText(correction.value(), decimals)},
          {"stood", correction.stood()},
          {"standing",
           correction.has_standing() ? Json(DecimalText(correction.standing(), decimals)) : Json()},
          {"batch", correction.batch()}};
}

Json JsonOf(const v1::AuditTransition& transition) {
  return {{"subject", transition.subject()},
          {"rule", OrNull(transition.rule())},
          {"rule_id", transition.rule_id()},
          {"transition", Word(transition.kind())},
          {"severity", ctl::Word(transition.severity())},
          {"policy_version", transition.policy_version()},
          {"opened_on", DateText(transition.opened_on())},
          {"cleared_on",
           transition.has_cleared_on() ? Json(DateText(transition.cleared_on())) : Json()}};
}

int Digit(char c) {
  if ('0' <= c && c <= '9') return c - '0';
  if ('a' <= c && c <= 'f') return c - 'a' + 10;
  if ('A' <= c && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string HexText(std::string_view bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<uint8_t>(c));
  }
  return text;
}

std::string BytesOfHex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) return bytes;
  for (size_t i = 0; i < text.size(); i += 2) {
    const int high = Digit(text[i]);
    const int low = Digit(text[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  return bytes;
}

Json JsonOf(const v1::AuditEntry& entry) {
  Json json = {{"chain", entry.chain()},
               {"sequence", entry.sequence()},
               {"kind", entry.kind()},
               {"at", InstantText(entry.at_ms())},
               {"actor", OrNull(entry.actor())},
               {"division", OrNull(entry.division())},
               {"subject", OrNull(entry.subject())}};
  json["facts"] = Json::array();
  for (const v1::AuditFact& fact : entry.facts()) {
    json["facts"].push_back({{"name", fact.name()}, {"value", fact.value()}});
  }
  json["batches"] = Json::array();
  for (const uint64_t batch : entry.batches()) json["batches"].push_back(batch);
  json["corrections"] = Json::array();
  for (const v1::AuditCorrection& correction : entry.corrections()) {
    json["corrections"].push_back(JsonOf(correction));
  }
  json["transitions"] = Json::array();
  for (const v1::AuditTransition& transition : entry.transitions()) {
    json["transitions"].push_back(JsonOf(transition));
  }
  json["previous"] = HexText(entry.previous());
  json["key"] = HexText(entry.key());
  json["record"] = HexText(entry.record());
  json["hash"] = HexText(entry.hash());
  return json;
}

std::string InWords(const v1::AuditEntry& entry, Language language) {
  const bool zh = language == Language::kChinese;
  std::vector<std::string> parts;
  const auto count = [&](uint64_t number, std::string_view in_zh, std::string_view in_en) {
    if (number > 0) parts.push_back(fmt::format("{} {}", number, zh ? in_zh : in_en));
  };
  uint64_t outdated = 0;
  for (const v1::AuditCorrection& correction : entry.corrections()) {
    outdated += correction.stood() ? 0 : 1;
  }
  count(static_cast<uint64_t>(entry.corrections_size()) - outdated, "项更正", "corrected");
  count(outdated, "项迟到旧值", "outdated");
  std::array<uint64_t, 4> moved{};
  for (const v1::AuditTransition& transition : entry.transitions()) {
    ++moved[static_cast<size_t>(transition.kind()) % moved.size()];
  }
  count(moved[v1::AUDIT_TRANSITION_KIND_OPENED], "项预警新开", "opened");
  count(moved[v1::AUDIT_TRANSITION_KIND_CLEARED], "项预警解除", "cleared");
  count(moved[v1::AUDIT_TRANSITION_KIND_CHANGED], "项预警变化", "changed");
  if (entry.batches_size() > 0) {
    parts.push_back(fmt::format("{} {}", zh ? "批次" : "batches", fmt::join(entry.batches(), " ")));
  }
  for (const v1::AuditFact& fact : entry.facts()) {
    parts.push_back(fmt::format("{}={}", fact.name(), OnALine(fact)));
  }
  return fmt::format("{}", fmt::join(parts, zh ? "，" : ", "));
}

}  // namespace shouwang::ctl
