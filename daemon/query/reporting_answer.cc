#include "daemon/query/reporting_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <tuple>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/reporting/completeness.h"
#include "daemon/reporting/reporter_watch.h"
#include "daemon/reporting/silent_households.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {
namespace {

using reporting::MonthReporting;
using reporting::ReporterStanding;
using reporting::ReporterState;
using reporting::SilentPosition;

// Of the days in a position.
constexpr size_t kDayDigits = 6;

// A flag, the day as digits, and the subject.
std::string EncodeSilent(const SilentPosition& position) {
  return fmt::format("{}{:0{}}", position.without_warning ? 1 : 0,
                     position.last_observed_on.days() - Date::Min().days(), kDayDigits) +
         EncodePosition(WarningPosition{position.subject, 0});
}

std::optional<SilentPosition> DecodeSilent(std::string_view bytes) {
  if (bytes.size() <= 1 + kDayDigits || (bytes[0] != '0' && bytes[0] != '1')) return std::nullopt;
  int32_t days = 0;
  const std::string_view digits = bytes.substr(1, kDayDigits);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), days);
  const auto subject = DecodePosition(bytes.substr(1 + kDayDigits));
  if (error != std::errc() || end != digits.data() + digits.size() || !subject) return std::nullopt;
  return SilentPosition{bytes[0] == '1', Date::Min() + days, subject->subject};
}

std::string EncodeTownship(const Division& township) { return township.ToString(); }

std::optional<Division> DecodeTownship(std::string_view bytes) {
  const absl::StatusOr<Division> township = Division::Parse(bytes);
  return township.ok() ? std::optional<Division>(*township) : std::nullopt;
}

void CheckGroup(const v1::ListReportingRequest& request, reporting::CompletenessQuery* query,
                FieldCheck* check) {
  query->level = std::max(query->region.level(), DivisionLevel::kProvince);
  const uint32_t digits = request.group_digits();
  if (digits == 2 || digits == 4 || digits == 6 || digits == 9) {
    query->level = static_cast<DivisionLevel>(digits);
  } else if (digits != 0) {
    check->Fault("group_digits", fmt::format("{} is not 0, 2, 4, 6 or 9", digits));
  }
  if (query->level < query->region.level()) {
    check->Fault("group_digits", fmt::format("{} digits name more than region {}", digits,
                                             query->region.ToString()));
  }
}

// Down to a township.
Division RegionOf(const std::string& code, const DivisionTree& divisions, FieldCheck* check) {
  const Division region = check->Region("region", code, divisions);
  if (region.level() == DivisionLevel::kVillage) {
    check->Fault("region", fmt::format("{} is a village; reporting is counted by township", code));
  }
  return region;
}

reporting::CompletenessQuery QueryOf(const v1::ListReportingRequest& request,
                                     const DivisionTree& divisions, FieldCheck* check) {
  reporting::CompletenessQuery query;
  query.region = RegionOf(request.region(), divisions, check);
  CheckGroup(request, &query, check);
  // The month after the last is looked at, too.
  std::tie(query.from, query.to) = check->Months(request.from_month(), request.to_month(),
                                                 kMaxReportingMonths, Date::Max().month() - 1);
  return query;
}

std::string NameOf(const Division& division, const DivisionTree& divisions) {
  const std::string* name = divisions.NameOf(division);
  return name == nullptr ? std::string() : *name;
}

void FillRow(const MonthReporting& row, const DivisionTree& divisions, v1::DivisionReporting* out) {
  out->set_division(row.division.ToString());
  out->set_name(NameOf(row.division, divisions));
  out->set_month(row.period.index());
  if (row.due_on) out->set_due_on(row.due_on->days());
  if (row.expected) out->set_expected(static_cast<uint64_t>(*row.expected));
  out->set_reported(static_cast<uint64_t>(row.reported));
  out->set_heard(static_cast<uint64_t>(row.heard));
  if (row.on_time) out->set_on_time(static_cast<uint64_t>(*row.on_time));
  if (const auto half = row.delays.Quantile(0.5)) {
    out->set_median_delay_days(static_cast<int32_t>(half->greatest));
  }
  if (const auto most = row.delays.Quantile(0.9)) {
    out->set_p90_delay_days(static_cast<int32_t>(most->greatest));
  }
}

absl::Status NothingExpected(const risk::Policy& policy, Date on) {
  return absl::FailedPreconditionError(
      fmt::format("policy {}, in force on {}, has no section 'reporting': nobody is expected to "
                  "report by any day",
                  policy.version, on.ToString()));
}

// The day asked, today where none is.
template <typename Request>
Date DayOf(const Request& request, Instant now, FieldCheck* check) {
  const Date today = DateOf(now);
  if (!request.has_on()) return today;
  const Date on = check->Day("on", request.on());
  // Periods before it must be dates too.
  if (on.year() < Date::Min().year() + 20) check->Fault("on", "too early to have been reported");
  return on;
}

// Of a day that has passed the histories of all that reported since tell who was silent then; so
// none of the months in which that could have begun may be closed.
absl::Status CheckKept(const Rulebook& rulebook, const risk::Expectation& expected, Date on,
                       Date today) {
  const Date needed = Date::FirstOf(expected.GivenUpBefore(on));
  const Date kept = rulebook.retention.AllKeptFrom();
  if (on >= today || needed >= kept) return absl::OkStatus();
  FieldCheck check("ListSilentHouseholds");
  check.Fault("on", fmt::format("{}: who was silent then is past its retention; reports of {} and "
                                "later tell it, and all are kept from {} on",
                                on.ToString(), needed.month().ToString(), kept.ToString()));
  return check.ToStatus();
}

void FillReporter(const ReporterStanding& standing, const DivisionTree& divisions,
                  v1::Reporter* out) {
  out->set_township(standing.reporter.township.ToString());
  out->set_name(NameOf(standing.reporter.township, divisions));
  out->set_source(wire::ToProto(standing.reporter.source));
  out->set_collector(standing.reporter.collector);
  out->set_state(static_cast<v1::ReporterState>(standing.state));
  if (standing.heard) {
    out->set_last_heard_ms(wire::ToMs(standing.heard->known_at));
    out->set_batch(standing.heard->batch);
  }
  if (standing.due_on) out->set_due_on(standing.due_on->days());
}

}  // namespace

absl::Status AnswerListReporting(const Store& store, const Rulebook& rulebook,
                                 const v1::ListReportingRequest& request,
                                 v1::ListReportingResponse* response) {
  FieldCheck check("ListReporting");
  const DivisionTree& divisions = rulebook.reg.divisions;
  const reporting::CompletenessQuery query = QueryOf(request, divisions, &check);
  if (!check.ok()) return check.ToStatus();
  const auto rows = reporting::ReadCompleteness(store, rulebook, query);
  if (!rows.ok()) return rows.status();
  if (rows->size() > kMaxReportingRows) {
    return absl::OutOfRangeError(
        fmt::format("{} rows are over the limit of {}; ask for fewer months or a smaller region",
                    rows->size(), kMaxReportingRows));
  }
  for (const MonthReporting& row : *rows) FillRow(row, divisions, response->add_rows());
  return absl::OkStatus();
}

absl::Status AnswerListSilent(const Store& store, const Rulebook& rulebook, Instant now,
                              const v1::ListSilentHouseholdsRequest& request,
                              absl::FunctionRef<bool()> cancelled,
                              v1::ListSilentHouseholdsResponse* response) {
  FieldCheck check("ListSilentHouseholds");
  const DivisionTree& divisions = rulebook.reg.divisions;
  const Division region = check.Region("region", request.region(), divisions);
  if (region.level() != DivisionLevel::kCounty && region.level() != DivisionLevel::kTownship) {
    check.Fault("region", fmt::format("'{}' is neither a county nor a township",
                                      request.region().substr(0, 16)));
  }
  reporting::SilentQuery query;
  query.on = DayOf(request, now, &check);
  query.with_warning_only = request.with_warning_only();
  query.page_size = check.PageSize(request.page_size(), kDefaultSilentPage, kMaxSilentPage);
  v1::ListSilentHouseholdsRequest listed = request;
  listed.clear_page_token();
  listed.clear_page_size();
  listed.set_on(query.on.days());
  const uint64_t listing = Fingerprint("ListSilentHouseholds " + listed.SerializeAsString());
  if (!request.page_token().empty()) {
    query.from = check.PageStart(request.page_token(), listing, DecodeSilent);
  }
  if (!check.ok()) return check.ToStatus();
  const risk::Policy& policy = rulebook.policies.InForce(query.on);
  if (!policy.reporting) return NothingExpected(policy, query.on);
  query.expected = policy.reporting->households;
  if (absl::Status kept = CheckKept(rulebook, query.expected, query.on, DateOf(now)); !kept.ok()) {
    return kept;
  }
  query.townships = divisions.Within(region, DivisionLevel::kTownship);

  const auto page = reporting::ListSilent(store, query, cancelled);
  if (!page.ok()) return page.status();
  response->set_on(query.on.days());
  response->set_silent_before_month(query.expected.SilentBefore(query.on).index());
  for (const reporting::SilentHousehold& silent : page->households) {
    v1::SilentHousehold* out = response->add_households();
    const SilentPosition& at = silent.position;
    out->set_subject(at.subject.ToString());
    out->set_division_path(PathOf(at.subject, divisions));
    out->set_last_observed_on(at.last_observed_on.days());
    out->set_days(static_cast<uint32_t>(query.on.days() - at.last_observed_on.days()));
    out->set_last_source(wire::ToProto(silent.source));
    out->set_last_known_at_ms(wire::ToMs(silent.known_at));
    for (const Warning& warning : silent.open) FillWarning(warning, rulebook, out->add_warnings());
  }
  if (page->next) {
    response->set_next_page_token(EncodePageToken(listing, EncodeSilent(*page->next)));
  }
  return absl::OkStatus();
}

absl::Status AnswerListReporters(const Reporters& reporters, const Rulebook& rulebook, Instant now,
                                 const v1::ListReportersRequest& request,
                                 v1::ListReportersResponse* response) {
  FieldCheck check("ListReporters");
  const DivisionTree& divisions = rulebook.reg.divisions;
  const Division region = RegionOf(request.region(), divisions, &check);
  const Date on = DayOf(request, now, &check);
  if (on < DateOf(now)) {
    check.Fault("on", fmt::format("{} has passed; who was heard of last is kept as it is now",
                                  on.ToString()));
  }
  const size_t page_size =
      check.PageSize(request.page_size(), kDefaultReportersPage, kMaxReportersPage);
  v1::ListReportersRequest listed = request;
  listed.clear_page_token();
  listed.clear_page_size();
  listed.set_on(on.days());
  const uint64_t listing = Fingerprint("ListReporters " + listed.SerializeAsString());
  const Division from = check.PageStart(request.page_token(), listing, DecodeTownship);
  if (!check.ok()) return check.ToStatus();
  const risk::Policy& policy = rulebook.policies.InForce(on);
  if (!policy.reporting) return NothingExpected(policy, on);
  Division last;
  return reporting::WatchReporters(
      reporters, divisions, *policy.reporting, region, from, on,
      [&](const ReporterStanding& standing) {
        const Division& township = standing.reporter.township;
        if (township != last && static_cast<size_t>(response->reporters_size()) >= page_size) {
          response->set_next_page_token(EncodePageToken(listing, EncodeTownship(township)));
          return false;
        }
        last = township;
        if (request.silent_only() && !standing.IsSilent()) return true;
        FillReporter(standing, divisions, response->add_reporters());
        return true;
      });
}

}  // namespace shouwang::query
