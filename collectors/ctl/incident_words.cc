#include "collectors/ctl/incident_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "collectors/ctl/words.h"

namespace shouwang::ctl {
namespace {

struct Sum {
  double observed = 0;
  double exposure = 0;
  // For each thousand households and month; 0 where there is no exposure.
  double Rate() const { return exposure > 0 ? 1'000 * observed / exposure : 0; }
};

// Of an incident's months those before it, or those in it.
struct Sums {
  Sum own;
  Sum neighbours;
};

Sums SumsOf(const v1::GetIncidentResponse& response, bool before) {
  Sums sums;
  const v1::Incident& incident = response.incident();
  for (const v1::IncidentMonth& month : response.months()) {
    const bool counts =
        before ? month.month() < incident.first_month()
               : month.month() >= incident.first_month() && month.month() <= incident.last_month();
    if (!counts) continue;
    sums.own.observed += static_cast<double>(month.observed());
    sums.own.exposure += month.exposure();
    sums.neighbours.observed += static_cast<double>(month.neighbours_observed());
    sums.neighbours.exposure += month.neighbours_exposure();
  }
  return sums;
}

Json MonthJson(const v1::IncidentMonth& month) {
  return {{"month", MonthText(month.month())},
          {"observed", month.observed()},
          {"exposure", month.exposure()},
          {"neighbours_observed", month.neighbours_observed()},
          {"neighbours_exposure", month.neighbours_exposure()},
          {"expected", month.has_expected() ? Json(month.expected()) : Json(nullptr)},
          {"p_value", month.has_p_value() ? Json(month.p_value()) : Json(nullptr)},
          {"q_value", month.has_q_value() ? Json(month.q_value()) : Json(nullptr)}};
}

Json MemberJson(const v1::IncidentMember& member) {
  return {{"subject", member.subject()},
          {"division_path", member.division_path()},
          {"opened_on", DateText(member.opened_on())},
          {"severity", Word(member.severity())},
          {"rule", member.rule()},
          {"rule_title_zh", member.rule_title_zh()},
          {"rule_title_en", member.rule_title_en()}};
}

// Not below a millionth, which is as good as never.
std::string Chance(double q_value) { return fmt::format("{:.2g}", std::max(q_value, 1e-6)); }

}  // namespace

Json IncidentJson(const v1::Incident& incident) {
  return {{"id", incident.id()},
          {"place", incident.place()},
          {"place_path", incident.place_path()},
          {"place_level", incident.place_level()},
          {"risk_kind", incident.risk_kind()},
          {"first_month", MonthText(incident.first_month())},
          {"last_month", MonthText(incident.last_month())},
          {"open", incident.open()},
          {"observed", incident.observed()},
          {"expected", incident.expected()},
          {"p_value", incident.p_value()},
          {"q_value", incident.q_value()},
          {"part_of", incident.part_of().empty() ? Json(nullptr) : Json(incident.part_of())},
          {"members", incident.has_members() ? Json(incident.members()) : Json(nullptr)},
          {"worst_severity",
           incident.has_worst_severity() ? Json(Word(incident.worst_severity())) : Json(nullptr)}};
}

Json IncidentJson(const v1::GetIncidentResponse& response) {
  Json json = IncidentJson(response.incident());
  json["text_zh"] = IncidentSentence(response.incident(), Language::kChinese) +
                    NeighboursSentence(response, Language::kChinese);
  json["text_en"] = IncidentSentence(response.incident(), Language::kEnglish) + " " +
                    NeighboursSentence(response, Language::kEnglish);
  json["looked_at"] = InstantText(response.looked_at_ms());
  json["months"] = Json::array();
  for (const v1::IncidentMonth& month : response.months()) {
    json["months"].push_back(MonthJson(month));
  }
  json["member_list"] = Json::array();
  for (const v1::IncidentMember& member : response.members()) {
    json["member_list"].push_back(MemberJson(member));
  }
  return json;
}

std::string IncidentSentence(const v1::Incident& incident, Language language) {
  const std::string first = MonthText(incident.first_month());
  const std::string last = MonthText(incident.last_month());
  const double times =
      static_cast<double>(incident.observed()) / std::max(incident.expected(), 0.01);
  const std::string kind = ShownRiskKind(incident.risk_kind(), language);
  if (language == Language::kChinese) {
    return fmt::format(
        "{}：{}，新增“{}”预警 {} 户，按往年和周边应为 {:.1f} 户，约为 {:.0f} "
        "倍；如此判定的错误发现率上限 {}。",
        incident.place_path(), first == last ? first : first + " 至 " + last, kind,
        incident.observed(), incident.expected(), times, Chance(incident.q_value()));
  }
  return fmt::format(
      "{}, {}: {} households newly warned of {}, where {:.1f} were to be expected from its past "
      "and "
      "its neighbours: {:.0f} times as many. Told at a false-discovery rate of {}.",
      incident.place_path(), first == last ? first : first + " to " + last, incident.observed(),
      kind, incident.expected(), times, Chance(incident.q_value()));
}

std::string NeighboursSentence(const v1::GetIncidentResponse& response, Language language) {
  const Sums before = SumsOf(response, true);
  const Sums during = SumsOf(response, false);
  const bool alone = during.neighbours.exposure <= 0;
  if (language == Language::kChinese) {
    const std::string own = fmt::format("每千户每月：此前 {:.1f} 户，其间 {:.1f} 户",
                                        before.own.Rate(), during.own.Rate());
    return own + (alone ? std::string("；没有可比的周边。")
                        : fmt::format("；周边此前 {:.1f} 户，其间 {:.1f} 户。",
                                      before.neighbours.Rate(), during.neighbours.Rate()));
  }
  const std::string own =
      fmt::format("For each 1,000 households a month: {:.1f} before, {:.1f} in it; ",
                  before.own.Rate(), during.own.Rate());
  return own + (alone ? std::string("there are no neighbours to compare it with.")
                      : fmt::format("of its neighbours {:.1f} before, {:.1f} in it.",
                                    before.neighbours.Rate(), during.neighbours.Rate()));
}

std::string IncidentState(const v1::Incident& incident, Language language) {
  const bool chinese = language == Language::kChinese;
  if (!incident.part_of().empty()) {
    return (chinese ? "并入 " : "part of ") + incident.part_of();
  }
  if (incident.open()) return chinese ? "进行中" : "open";
  return chinese ? "已结束" : "over";
}

}  // namespace shouwang::ctl
