#include "daemon/query/incident_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

absl::Status NotYet() {
  return absl::UnavailableError(
      "incidents have not been looked for since the daemon's start; ask again in a minute");
}

std::string PlacePath(const IncidentPlace& place, const Register& reg) {
  std::string path = reg.divisions.PathOf(place.division);
  if (!place.IsSite()) return path;
  const Site* site = reg.sites.Find(place.site);
  return path + " / " + (site == nullptr ? place.site.ToString() : site->name_zh);
}

void FillIncident(const Incident& incident, const incidents::Look& look, const Register& reg,
                  v1::Incident* out) {
  const IncidentPlace& place = incident.id.place;
  out->set_id(incident.id.ToString());
  out->set_place(place.ToString());
  out->set_place_path(PlacePath(place, reg));
  out->set_place_level(std::string(place.IsSite() ? "site" : LevelName(place.division.level())));
  out->set_risk_kind(std::string(RiskKindName(incident.id.kind)));
  out->set_first_month(incident.id.first.index());
  out->set_last_month(incident.last.index());
  out->set_open(incident.open);
  out->set_observed(static_cast<uint64_t>(incident.observed));
  out->set_expected(incident.expected);
  out->set_p_value(incident.p_value);
  out->set_q_value(incident.q_value);
  out->set_part_of(incident.part_of);
  if (const auto open = look.open.find(incident.id); open != look.open.end()) {
    out->set_members(static_cast<uint64_t>(open->second.members));
    out->set_worst_severity(wire::ToProto(open->second.worst));
  }
}

void FillMonth(const IncidentMonth& month, v1::IncidentMonth* out) {
  out->set_month(month.month.index());
  out->set_observed(static_cast<uint64_t>(month.observed));
  out->set_exposure(month.exposure);
  out->set_neighbours_observed(static_cast<uint64_t>(month.neighbours_observed));
  out->set_neighbours_exposure(month.neighbours_exposure);
  if (!month.excess) return;
  out->set_expected(month.expected);
  out->set_p_value(month.p_value);
  out->set_q_value(month.q_value);
}

void FillMember(const incidents::Member& member, const Rulebook& rulebook,
                v1::IncidentMember* out) {
  out->set_subject(member.subject.ToString());
  out->set_division_path(PathOf(member.subject, rulebook.reg.divisions));
  out->set_opened_on(member.onset.on.days());
  out->set_severity(wire::ToProto(member.onset.severity));
  out->set_rule(rulebook.policies.RuleName(member.onset.rule));
  if (const risk::Rule* rule = FindRule(rulebook.policies, member.onset.rule)) {
    out->set_rule_title_zh(rule->title_zh);
    out->set_rule_title_en(rule->title_en);
  }
}

// Months since January 1970, as wide as dates go.
std::optional<Month> MonthOf(FieldCheck* check, std::string_view field, bool given, int32_t index) {
  if (!given) return std::nullopt;
  if (index < Date::Min().month().index() || index > Date::Max().month().index()) {
    check->Fault(field, fmt::format("{} is no month from 1900-01 to 2199-12", index));
    return std::nullopt;
  }
  return Month::OfIndex(index);
}

// A position in the listing: the next incident.
std::optional<std::optional<IncidentId>> DecodeIncident(std::string_view bytes) {
  const auto id = IncidentId::Parse(bytes);
  if (!id.ok()) return std::nullopt;
  return std::optional<IncidentId>(*id);
}

std::optional<WarningPosition> DecodeMember(std::string_view bytes) {
  return DecodePosition(bytes);
}

}  // namespace

absl::Status AnswerListIncidents(const incidents::Look* look, const Rulebook& rulebook, Date today,
                                 const v1::ListIncidentsRequest& request,
                                 v1::ListIncidentsResponse* response) {
  FieldCheck check("ListIncidents");
  const Division region = check.Region("region", request.region(), rulebook.reg.divisions);
  const auto from = MonthOf(&check, "from_month", request.has_from_month(), request.from_month());
  const auto to = MonthOf(&check, "to_month", request.has_to_month(), request.to_month());
  std::optional<RiskKind> kind;
  if (!request.risk_kind().empty()) {
    const auto parsed = ParseRiskKind(request.risk_kind());
    if (!parsed.ok()) check.Fault("risk_kind", std::string(parsed.status().message()));
    if (parsed.ok()) kind = *parsed;
  }
  const size_t page_size =
      check.PageSize(request.page_size(), kDefaultIncidentsPage, kMaxIncidentsPage);
  const uint64_t listing = Fingerprint(
      fmt::format("ListIncidents {} {} {} {} {}", region.ToString(), from ? from->ToString() : "",
                  to ? to->ToString() : "", request.risk_kind(), request.open_only()));
  const std::optional<IncidentId> start =
      check.PageStart(request.page_token(), listing, DecodeIncident);
  if (!check.ok()) return check.ToStatus();
  if (look == nullptr) return NotYet();

  response->set_looked_at_ms(wire::ToMs(look->looked_at));
  response->set_looked_for(look->looked_for);
  if (const auto& policy = rulebook.policies.InForce(today).incidents) {
    response->set_false_discovery_rate(policy->false_discovery_rate);
  }
  response->set_places_judged(static_cast<uint64_t>(look->findings.judged));
  response->set_places_unjudged(static_cast<uint64_t>(look->findings.unjudged));
  const std::vector<Incident>& all = look->findings.incidents;
  for (auto incident = all.rbegin(); incident != all.rend(); ++incident) {
    if (start && incident->id > *start) continue;
    if (!incident->id.place.In(region) || (kind && incident->id.kind != *kind)) continue;
    if ((from && incident->last < *from) || (to && incident->id.first > *to)) continue;
    if (request.open_only() && !incident->open) continue;
    if (static_cast<size_t>(response->incidents_size()) == page_size) {
      response->set_next_page_token(EncodePageToken(listing, incident->id.ToString()));
      break;
    }
    FillIncident(*incident, *look, rulebook.reg, response->add_incidents());
  }
  return absl::OkStatus();
}

absl::Status AnswerGetIncident(const incidents::Look* look, const Store& store,
                               const Rulebook& rulebook, const v1::GetIncidentRequest& request,
                               const std::function<bool()>& cancelled,
                               v1::GetIncidentResponse* response) {
  FieldCheck check("GetIncident");
  const auto id = IncidentId::Parse(request.id());
  if (!id.ok()) check.Fault("id", std::string(id.status().message()));
  const size_t page_size =
      check.PageSize(request.page_size(), kDefaultMembersPage, kMaxMembersPage);
  const uint64_t listing = Fingerprint("GetIncident " + request.id());
  const Subject start = check.PageStart(request.page_token(), listing, DecodeMember).subject;
  if (!check.ok()) return check.ToStatus();
  if (look == nullptr) return NotYet();
  const auto found = std::ranges::lower_bound(look->findings.incidents, *id, {}, &Incident::id);
  if (found == look->findings.incidents.end() || found->id != *id) {
    return absl::NotFoundError(
        fmt::format("there is no incident {}; ListIncidents tells which there are", request.id()));
  }
  response->set_looked_at_ms(wire::ToMs(look->looked_at));
  FillIncident(*found, *look, rulebook.reg, response->mutable_incident());
  for (const IncidentMonth& month : found->months) FillMonth(month, response->add_months());
  const incidents::MemberQuery query{
      .id = *id, .last = found->last, .from = start, .stopped = cancelled};
  return incidents::ScanMembers(
      store, look->findings.counted, query, [&](const incidents::Member& member) {
        if (static_cast<size_t>(response->members_size()) == page_size) {
          response->set_next_page_token(
              EncodePageToken(listing, EncodePosition({.subject = member.subject})));
          return false;
        }
        FillMember(member, rulebook, response->add_members());
        return true;
      });
}

}  // namespace shouwang::query
