#include "daemon/alerts/message.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "daemon/alerts/firing.h"
#include "daemon/risk/rule_words.h"

namespace shouwang::alerts {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kAlertName[] = "ShouwangWarnings";

std::string Encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return out;
}

std::string At(const WarningGroup& group, DivisionLevel level) {
  return group.township.At(level).ToString();
}

// An alert that is simply open has no label of its own for that.
Json LabelsOf(const WarningGroup& group) {
  Json labels = {{"alertname", kAlertName},
                 {"division", group.township.ToString()},
                 {"county", At(group, DivisionLevel::kCounty)},
                 {"prefecture", At(group, DivisionLevel::kPrefecture)},
                 {"province", At(group, DivisionLevel::kProvince)},
                 {"rule", group.rule},
                 {"risk_kind", RiskKindName(group.kind)},
                 {"severity", SeverityName(group.severity)}};
  if (group.handling == Handling::kAcknowledged) {
    labels["acknowledged"] = "true";
  } else if (group.handling != Handling::kOpen) {
    labels["level"] = HandlingName(group.handling);
  }
  return labels;
}

// "<5" is told in words.
std::string HouseholdsZh(std::string_view households) {
  if (!households.starts_with('<')) return fmt::format("{}户", households);
  return fmt::format("不足{}户", households.substr(1));
}
std::string HouseholdsEn(std::string_view households) {
  if (households == "1") return "1 household";
  if (!households.starts_with('<')) return fmt::format("{} households", households);
  return fmt::format("fewer than {} households", households.substr(1));
}

std::string_view LevelZh(Handling handling) {
  switch (handling) {
    case Handling::kTownship:
      return RoleTitleZh(Role::kTownship);
    case Handling::kCounty:
      return RoleTitleZh(Role::kCounty);
    case Handling::kPrefecture:
      return RoleTitleZh(Role::kPrefecture);
    default:
      return "";
  }
}

// What people do about it, as a sentence behind the others; empty where nothing is known.
std::string HandlingZh(const Message& message) {
  const Handling handling = message.goes_on.value_or(message.group.handling);
  const bool waits = !message.waiting.empty() && message.waiting != "0";
  std::string text;
  if (handling == Handling::kAcknowledged) {
    text = "工单均已受理。";
  } else if (handling != Handling::kOpen) {
    text = fmt::format("有工单超期未办，已升级至{}。", LevelZh(handling));
  }
  if (waits) text += fmt::format("尚未受理：{}。", HouseholdsZh(message.waiting));
  return text;
}
std::string HandlingEn(const Message& message) {
  const Handling handling = message.goes_on.value_or(message.group.handling);
  const bool waits = !message.waiting.empty() && message.waiting != "0";
  std::string text;
  if (handling == Handling::kAcknowledged) {
    text = " Every case was taken on.";
  } else if (handling != Handling::kOpen) {
    text = fmt::format(" A case is overdue and went up to the {}.", HandlingName(handling));
  }
  if (waits) text += fmt::format(" Not taken on yet: {}.", HouseholdsEn(message.waiting));
  return text;
}

Json AnnotationsOf(const Message& message, const Wording& wording) {
  const WarningGroup& group = message.group;
  const risk::Rule* rule = RuleFor(wording.rulebook.policies, group.rule, wording.today);
  risk::Rule none;
  none.title_zh = none.title_en = group.rule;
  const risk::Rule& told = rule == nullptr ? none : *rule;
  const std::string place = wording.rulebook.reg.divisions.PathOf(group.township);
  const std::string zh = HouseholdsZh(message.households);
  const std::string en = HouseholdsEn(message.households);
  Json annotations = {
      {"summary", fmt::format("{}: {}, {}", told.title_en, en, group.township.ToString())},
      {"description_zh", fmt::format("{}：{}有{}预警“{}”（{}）。{}{}预警是线索，须入户核实。{}",
                                     place, zh, risk::SeverityTitleZh(group.severity),
                                     told.title_zh, RiskKindTitleZh(group.kind),
                                     told.measure_zh.empty() ? "" : "适用措施：" + told.measure_zh,
                                     told.measure_zh.empty() ? "" : "。", HandlingZh(message))},
      {"description_en",
       fmt::format("{}: the {} warning '{}' ({}) is open for {}. {}{}A warning is a clue to verify "
                   "at home.{}",
                   place, SeverityName(group.severity), told.title_en, RiskKindName(group.kind), en,
                   told.measure_en.empty() ? "" : "Measure that fits: " + told.measure_en,
                   told.measure_en.empty() ? "" : ". ", HandlingEn(message))},
      {"households", message.households},
      {"place", place},
      {"title_zh", told.title_zh},
      {"title_en", told.title_en},
      {"measure_zh", told.measure_zh},
      {"measure_en", told.measure_en}};
  if (!message.waiting.empty()) annotations["not_taken_on"] = message.waiting;
  if (!wording.link.empty()) annotations["link"] = LinkTo(group, wording.link);
  return annotations;
}

}  // namespace

std::string LinkTo(const WarningGroup& group, std::string_view link) {
  const std::array<std::pair<std::string_view, std::string>, 6> values = {
      {{"{division}", group.township.ToString()},
       {"{county}", At(group, DivisionLevel::kCounty)},
       {"{prefecture}", At(group, DivisionLevel::kPrefecture)},
       {"{province}", At(group, DivisionLevel::kProvince)},
       {"{rule}", group.rule},
       {"{severity}", std::string(SeverityName(group.severity))}}};
  std::string out;
  while (!link.empty()) {
    bool found = false;
    for (const auto& [name, value] : values) {
      if (!link.starts_with(name)) continue;
      out += Encoded(value);
      link.remove_prefix(name.size());
      found = true;
      break;
    }
    if (found) continue;
    out.push_back(link.front());
    link.remove_prefix(1);
  }
  return out;
}

std::string BodyOf(std::span<const Message* const> messages, const Wording& wording) {
  Json body = Json::array();
  for (const Message* message : messages) {
    Json alert = {{"labels", LabelsOf(message->group)},
                  {"annotations", AnnotationsOf(*message, wording)},
                  {"startsAt", ToString(message->starts_at)},
                  {"endsAt", ToString(message->ends_at)}};
    if (!wording.link.empty()) alert["generatorURL"] = LinkTo(message->group, wording.link);
    body.push_back(std::move(alert));
  }
  // Titles come from files that need not be UTF-8.
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace shouwang::alerts
