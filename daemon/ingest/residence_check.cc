#include "daemon/ingest/residence_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <tuple>

#include "absl/status/statusor.h"
#include "daemon/ingest/check.h"
#include "daemon/wire/text.h"

namespace shouwang::ingest {
namespace {

constexpr int kFirstDays = 7305;  // 1990-01-01

std::string Short(const std::string& text) { return wire::CleanText(text, 40); }

std::optional<Refusal> RefusalOfHousehold(const std::string& text, const Register& reg,
                                          const Division& township, Residence* residence) {
  const absl::StatusOr<Subject> household = Subject::Parse(text);
  if (!household.ok() || household->kind != SubjectKind::kHousehold) {
    return Refusal{v1::REJECTION_REASON_INVALID_SUBJECT, Short(text),
                   fmt::format("'{}' is not a household, written VILLAGE/NUMBER", Short(text))};
  }
  const Division village = household->In(DivisionLevel::kVillage);
  if (!township.Contains(village)) {
    return Refusal{v1::REJECTION_REASON_OUTSIDE_TOWNSHIP, Short(text),
                   fmt::format("household {} lies outside the batch's township {}", text,
                               township.ToString())};
  }
  if (!reg.divisions.Has(village)) {
    return Refusal{v1::REJECTION_REASON_UNKNOWN_DIVISION, Short(text),
                   fmt::format("village {} is not a known division", village.ToString())};
  }
  residence->household = *household;
  return std::nullopt;
}

std::optional<Refusal> RefusalOfSite(const std::string& text, const Register& reg,
                                     const Division& township, Residence* residence,
                                     const Site** site) {
  const absl::StatusOr<Subject> subject = Subject::Parse(text);
  *site = subject.ok() ? reg.sites.Find(*subject) : nullptr;
  if (*site == nullptr) {
    return Refusal{v1::REJECTION_REASON_UNKNOWN_SITE, Short(text),
                   fmt::format("site '{}' is not registered", Short(text))};
  }
  if (subject->In(DivisionLevel::kTownship) != township) {
    return Refusal{
        v1::REJECTION_REASON_OUTSIDE_TOWNSHIP, Short(text),
        fmt::format("site {} lies outside the batch's township {}", text, township.ToString())};
  }
  residence->site = *subject;
  return std::nullopt;
}

std::optional<Refusal> RefusalOfOrigin(const std::string& text, const Register& reg,
                                       const Site& site, Residence* residence) {
  const absl::StatusOr<Division> origin = Division::Parse(text);
  if (!origin.ok() ||
      (origin->level() != DivisionLevel::kTownship && origin->level() != DivisionLevel::kVillage)) {
    return Refusal{v1::REJECTION_REASON_UNKNOWN_DIVISION, Short(text),
                   fmt::format("origin '{}' is not a township or village code", Short(text))};
  }
  if (!reg.divisions.Has(*origin)) {
    return Refusal{v1::REJECTION_REASON_UNKNOWN_DIVISION, Short(text),
                   fmt::format("origin {} is not a known division", text)};
  }
  const bool inside = std::ranges::any_of(
      site.origins, [&](const Division& allowed) { return allowed.Contains(*origin); });
  if (!inside) {
    std::vector<std::string> origins;
    for (const Division& allowed : site.origins) origins.push_back(allowed.ToString());
    return Refusal{v1::REJECTION_REASON_UNKNOWN_DIVISION, Short(text),
                   fmt::format("origin {} is none of those of site {} ({})", text,
                               site.subject.ToString(), fmt::join(origins, ", "))};
  }
  residence->origin = *origin;
  return std::nullopt;
}

}  // namespace

std::optional<Refusal> RefusalOfDate(Date date, Date today) {
  const bool printable = Date::Min() <= date && date <= Date::Max();
  const auto text = [&] {
    return printable ? date.ToString() : fmt::format("day {}", date.days());
  };
  if (date > today) {
    return Refusal{v1::REJECTION_REASON_FUTURE_DATE, text(),
                   fmt::format("{} is in the future: today is {}", text(), today.ToString())};
  }
  if (date.days() < kFirstDays) {
    return Refusal{v1::REJECTION_REASON_DATE_TOO_OLD, text(),
                   fmt::format("{} is before 1990-01-01", text())};
  }
  return std::nullopt;
}

bool Supersedes(const Residence& residence, const Residence& current) {
  return std::tie(residence.since, residence.site, residence.origin) >
         std::tie(current.since, current.site, current.origin);
}

std::vector<Residence> CheckResidences(const v1::Batch& batch, const Register& reg,
                                       const Division& township, Date today,
                                       Rejections* rejections) {
  std::vector<Residence> residences;
  for (int i = 0; i < batch.residences_size(); ++i) {
    const v1::Residence& sent = batch.residences(i);
    Residence residence;
    residence.since = Date::OfDays(sent.since());
    const Site* site = nullptr;
    std::optional<Refusal> refusal =
        RefusalOfHousehold(sent.household(), reg, township, &residence);
    if (!refusal) refusal = RefusalOfSite(sent.site(), reg, township, &residence, &site);
    if (!refusal) refusal = RefusalOfOrigin(sent.origin(), reg, *site, &residence);
    if (!refusal) refusal = RefusalOfDate(residence.since, today);
    if (refusal) {
      rejections->Add({Rejections::kResidenceSection, static_cast<uint32_t>(i)},
                      Short(sent.household()), "", *std::move(refusal), 1);
    } else {
      residences.push_back(residence);
    }
  }
  std::ranges::sort(residences, [](const Residence& a, const Residence& b) {
    if (a.household != b.household) return a.household < b.household;
    return Supersedes(a, b);
  });
  const auto same = [](const Residence& a, const Residence& b) {
    return a.household == b.household;
  };
  residences.erase(std::unique(residences.begin(), residences.end(), same), residences.end());
  return residences;
}

}  // namespace shouwang::ingest
