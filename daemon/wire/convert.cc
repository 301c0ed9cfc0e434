#include "daemon/wire/convert.h"

#include <fmt/format.h>

#include <limits>

#include "storage/vocabulary/decimal.h"

namespace shouwang::wire {
namespace {

constexpr int64_t kMsPerDay = int64_t{24} * 3600 * 1000;

absl::Status Unset(std::string_view what, int number, std::string_view choices) {
  if (number == 0) {
    return absl::InvalidArgumentError(fmt::format("{} is not set ({})", what, choices));
  }
  return absl::InvalidArgumentError(
      fmt::format("{} {} is unknown here ({})", what, number, choices));
}

}  // namespace

v1::Source ToProto(Source source) {
  switch (source) {
    case Source::kSelfDeclaration:
      return v1::SOURCE_SELF_DECLARATION;
    case Source::kCadreVisit:
      return v1::SOURCE_CADRE_VISIT;
    case Source::kDepartmentScreening:
      return v1::SOURCE_DEPARTMENT_SCREENING;
  }
  return v1::SOURCE_UNSPECIFIED;
}

absl::StatusOr<Source> FromProto(v1::Source source) {
  switch (source) {
    case v1::SOURCE_SELF_DECLARATION:
      return Source::kSelfDeclaration;
    case v1::SOURCE_CADRE_VISIT:
      return Source::kCadreVisit;
    case v1::SOURCE_DEPARTMENT_SCREENING:
      return Source::kDepartmentScreening;
    default:
      return Unset("source", source, "self_declaration, cadre_visit, department_screening");
  }
}

v1::SubjectKind ToProto(SubjectKind kind) {
  return kind == SubjectKind::kSite ? v1::SUBJECT_KIND_SITE : v1::SUBJECT_KIND_HOUSEHOLD;
}

absl::StatusOr<SubjectKind> FromProto(v1::SubjectKind kind) {
  switch (kind) {
    case v1::SUBJECT_KIND_HOUSEHOLD:
      return SubjectKind::kHousehold;
    case v1::SUBJECT_KIND_SITE:
      return SubjectKind::kSite;
    default:
      return Unset("kind", kind, "household, site");
  }
}

v1::Severity ToProto(Severity severity) {
  switch (severity) {
    case Severity::kYellow:
      return v1::SEVERITY_YELLOW;
    case Severity::kOrange:
      return v1::SEVERITY_ORANGE;
    case Severity::kRed:
      return v1::SEVERITY_RED;
  }
  return v1::SEVERITY_UNSPECIFIED;
}

absl::StatusOr<Severity> FromProto(v1::Severity severity) {
  switch (severity) {
    case v1::SEVERITY_YELLOW:
      return Severity::kYellow;
    case v1::SEVERITY_ORANGE:
      return Severity::kOrange;
    case v1::SEVERITY_RED:
      return Severity::kRed;
    default:
      return Unset("severity", severity, "yellow, orange, red");
  }
}

v1::Cadence ToProto(Cadence cadence) {
  switch (cadence) {
    case Cadence::kOnChange:
      return v1::CADENCE_ON_CHANGE;
    case Cadence::kMonthly:
      return v1::CADENCE_MONTHLY;
    case Cadence::kQuarterly:
      return v1::CADENCE_QUARTERLY;
    case Cadence::kYearly:
      return v1::CADENCE_YEARLY;
  }
  return v1::CADENCE_UNSPECIFIED;
}

absl::StatusOr<Cadence> FromProto(v1::Cadence cadence) {
  switch (cadence) {
    case v1::CADENCE_ON_CHANGE:
      return Cadence::kOnChange;
    case v1::CADENCE_MONTHLY:
      return Cadence::kMonthly;
    case v1::CADENCE_QUARTERLY:
      return Cadence::kQuarterly;
    case v1::CADENCE_YEARLY:
      return Cadence::kYearly;
    default:
      return Unset("cadence", cadence, "on_change, monthly, quarterly, yearly");
  }
}

v1::DivisionLevel ToProto(DivisionLevel level) {
  return static_cast<v1::DivisionLevel>(static_cast<int>(level));
}

absl::StatusOr<DivisionLevel> FromProto(v1::DivisionLevel level) {
  switch (level) {
    case v1::DIVISION_LEVEL_PROVINCE:
    case v1::DIVISION_LEVEL_PREFECTURE:
    case v1::DIVISION_LEVEL_COUNTY:
    case v1::DIVISION_LEVEL_TOWNSHIP:
    case v1::DIVISION_LEVEL_VILLAGE:
      return static_cast<DivisionLevel>(static_cast<int>(level));
    default:
      return Unset("level", level, "province, prefecture, county, township, village");
  }
}

v1::Indicator ToProto(const Indicator& indicator) {
  v1::Indicator proto;
  proto.set_id(indicator.id);
  proto.set_name(indicator.name);
  proto.set_title_zh(indicator.title_zh);
  proto.set_title_en(indicator.title_en);
  proto.set_unit(indicator.unit);
  proto.set_decimals(static_cast<uint32_t>(indicator.decimals));
  proto.set_min(indicator.min);
  proto.set_max(indicator.max);
  proto.set_cadence(ToProto(indicator.cadence));
  proto.set_applies_to(ToProto(indicator.applies_to));
  proto.set_supplied_by(ToProto(indicator.supplied_by));
  return proto;
}

absl::StatusOr<Indicator> FromProto(const v1::Indicator& proto) {
  const auto cadence = FromProto(proto.cadence());
  if (!cadence.ok()) return cadence.status();
  const auto applies_to = FromProto(proto.applies_to());
  if (!applies_to.ok()) return applies_to.status();
  const auto supplied_by = FromProto(proto.supplied_by());
  if (!supplied_by.ok()) return supplied_by.status();
  constexpr uint32_t kMaxId = std::numeric_limits<IndicatorId>::max();
  if (proto.id() == 0 || proto.id() > kMaxId) {
    return absl::InvalidArgumentError(
        fmt::format("indicator '{}': id {} is outside 1 to {}", proto.name(), proto.id(), kMaxId));
  }
  if (proto.decimals() > static_cast<uint32_t>(kMaxDecimals)) {
    return absl::InvalidArgumentError(fmt::format("indicator '{}': decimals {} is outside 0 to {}",
                                                  proto.name(), proto.decimals(), kMaxDecimals));
  }
  return Indicator{static_cast<IndicatorId>(proto.id()),
                   proto.name(),
                   proto.title_zh(),
                   proto.title_en(),
                   proto.unit(),
                   static_cast<int>(proto.decimals()),
                   proto.min(),
                   proto.max(),
                   *cadence,
                   *applies_to,
                   *supplied_by};
}

v1::Residence ToProto(const Residence& residence) {
  v1::Residence proto;
  proto.set_household(residence.household.ToString());
  proto.set_site(residence.site.ToString());
  proto.set_origin(residence.origin.ToString());
  proto.set_since(residence.since.days());
  return proto;
}

absl::StatusOr<Residence> FromProto(const v1::Residence& proto) {
  const auto household = Subject::Parse(proto.household());
  if (!household.ok()) return household.status();
  if (household->kind != SubjectKind::kHousehold) {
    return absl::InvalidArgumentError(
        fmt::format("household '{}' is a site", household->ToString()));
  }
  const auto site = Subject::Parse(proto.site());
  if (!site.ok()) return site.status();
  if (site->kind != SubjectKind::kSite) {
    return absl::InvalidArgumentError(fmt::format("site '{}' is a household", site->ToString()));
  }
  const auto origin = Division::Parse(proto.origin());
  if (!origin.ok()) return origin.status();
  if (origin->level() != DivisionLevel::kTownship && origin->level() != DivisionLevel::kVillage) {
    return absl::InvalidArgumentError(fmt::format(
        "origin '{}': a township (9 digits) or a village (12) is expected", origin->ToString()));
  }
  const auto since = DateFromDays(proto.since());
  if (!since.ok()) return since.status();
  return Residence{*household, *site, *origin, *since};
}

v1::Warning ToProto(const Warning& warning, const WarningWords& words) {
  v1::Warning proto;
  proto.set_subject(warning.subject.ToString());
  proto.set_rule(words.rule);
  proto.set_severity(ToProto(warning.severity));
  proto.set_risk_kind(std::string(RiskKindName(warning.kind)));
  proto.set_opened_on(warning.opened_on.days());
  if (warning.cleared_on) proto.set_cleared_on(warning.cleared_on->days());
  proto.set_policy_version(warning.policy_version);
  proto.set_known_at_ms(ToMs(warning.known_at));
  proto.set_rule_title_zh(words.rule_title_zh);
  proto.set_rule_title_en(words.rule_title_en);
  proto.set_division_path(words.division_path);
  return proto;
}

int64_t ToMs(Instant instant) { return instant.time_since_epoch().count(); }

absl::StatusOr<Instant> InstantFromMs(int64_t ms) {
  if (ms < Date::Min().days() * kMsPerDay || ms >= (Date::Max().days() + 1) * kMsPerDay) {
    return absl::InvalidArgumentError(
        fmt::format("instant {} ms since 1970 is outside 1900 to 2199", ms));
  }
  return Instant(std::chrono::milliseconds(ms));
}

absl::StatusOr<Date> DateFromDays(int32_t days) {
  const Date date = Date::OfDays(days);
  if (date < Date::Min() || date > Date::Max()) {
    return absl::InvalidArgumentError(
        fmt::format("date {} days since 1970 is outside 1900 to 2199", days));
  }
  return date;
}

}  // namespace shouwang::wire
