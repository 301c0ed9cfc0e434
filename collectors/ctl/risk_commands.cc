#include <fmt/format.h>
#include <shouwang/v1/risk.grpc.pb.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "collectors/ctl/as_of.h"
#include "collectors/ctl/commands.h"
#include "collectors/ctl/explanation.h"
#include "collectors/ctl/words.h"
#include "daemon/wire/convert.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::ctl {
namespace {

constexpr uint32_t kPage = 10'000;

v1::WarningFilter FilterOf(const WarningsArguments& arguments) {
  v1::WarningFilter filter;
  filter.set_region(arguments.region);
  for (const std::string& rule : arguments.rules) filter.add_rules(rule);
  for (const std::string& word : arguments.severities) {
    const auto severity = ParseSeverity(word);
    if (!severity.ok()) {
      throw Failure{fmt::format("--severity: {}", std::string(severity.status().message()))};
    }
    filter.add_severities(wire::ToProto(*severity));
  }
  for (const std::string& word : arguments.risk_kinds) filter.add_risk_kinds(word);
  if (arguments.kind == "household") {
    filter.set_kind(v1::SUBJECT_KIND_HOUSEHOLD);
  } else if (arguments.kind == "site") {
    filter.set_kind(v1::SUBJECT_KIND_SITE);
  } else if (!arguments.kind.empty()) {
    throw Failure{fmt::format("--kind '{}': household or site is expected", arguments.kind)};
  }
  if (!arguments.opened_from.empty()) {
    const auto date = Date::Parse(arguments.opened_from);
    if (!date.ok()) {
      throw Failure{fmt::format("--opened-from: {}", std::string(date.status().message()))};
    }
    filter.set_opened_from(date->days());
  }
  return filter;
}

std::vector<std::string> WarningCells(const Session& session, const v1::Warning& warning) {
  return {Shown(warning.severity(), session.language()),
          warning.subject(),
          DateText(warning.opened_on()),
          ShownRiskKind(warning.risk_kind(), session.language()),
          warning.rule(),
          session.Title(warning.rule_title_zh(), warning.rule_title_en()),
          warning.division_path()};
}

void Watch(const Session& session, const v1::WarningFilter& filter) {
  const auto stub = v1::RiskService::NewStub(session.channel());
  v1::WatchWarningsRequest request;
  *request.mutable_filter() = filter;
  // The one call without a deadline: it lasts until it is interrupted.
  grpc::ClientContext context;
  session.Introduce(&context);
  const auto stream = stub->WatchWarnings(&context, request);
  v1::WatchWarningsResponse response;
  while (stream->Read(&response)) {
    const v1::Warning& warning = response.warning();
    if (session.output() == Output::kTable) {
      session.out() << fmt::format(
          "{}  {}  {}  {}  {}  {}\n", warning.has_cleared_on() ? "cleared" : "opened ",
          DateText(warning.has_cleared_on() ? warning.cleared_on() : warning.opened_on()),
          Shown(warning.severity(), session.language()), warning.subject(), warning.rule(),
          session.Title(warning.rule_title_zh(), warning.rule_title_en()));
    } else {
      session.Print(WarningJson(warning));
    }
    session.out().flush();
  }
  const grpc::Status status = stream->Finish();
  if (!status.ok()) session.Fail(status);
}

std::string RuleHold(const v1::Rule& rule) {
  if (rule.clear_when().empty()) return "";
  return fmt::format("{} ({} months)", rule.clear_when(), rule.hold_months());
}

}  // namespace

void Warnings(const Session& session, const WarningsArguments& arguments) {
  const v1::WarningFilter filter = FilterOf(arguments);
  const std::optional<Instant> as_of = ParseAsOf(arguments.as_of);
  if (arguments.watch) {
    if (as_of) throw Failure{"--as-of looks back and --watch forward; give one of them"};
    Watch(session, filter);
    return;
  }
  const auto stub = v1::RiskService::NewStub(session.channel());
  v1::ListWarningsRequest request;
  *request.mutable_filter() = filter;
  if (as_of) request.set_as_of_ms(as_of->time_since_epoch().count());
  bool told = false;
  Listing listing(session, {{session.Title("等级", "SEVERITY")},
                            {session.Title("对象", "SUBJECT")},
                            {session.Title("起始日", "SINCE")},
                            {session.Title("风险", "RISK")},
                            {session.Title("规则", "RULE")},
                            {session.Title("名称", "TITLE")},
                            {session.Title("所在地", "WHERE")}});
  bool more = false;
  do {
    request.set_page_size(
        arguments.all
            ? kPage
            : std::min<uint32_t>(kPage, arguments.limit - static_cast<uint32_t>(listing.size())));
    v1::ListWarningsResponse response;
    session.Call([&](grpc::ClientContext* context) {
      return stub->ListWarnings(context, request, &response);
    });
    if (!std::exchange(told, true)) PrintAsOf(session, as_of, /*judged=*/true);
    for (const v1::Warning& warning : response.warnings()) {
      if (!arguments.all && listing.size() >= arguments.limit) break;
      Json json = WarningJson(warning);
      if (as_of) json["as_of"] = AsOfJson(as_of);
      listing.Add(json, WarningCells(session, warning));
    }
    request.set_page_token(response.next_page_token());
    more = !request.page_token().empty();
  } while (more && (arguments.all || listing.size() < arguments.limit));
  listing.Close(as_of ? session.Title("当时那里没有未解除的预警", "no open warnings there then")
                      : "no open warnings there");
  if (more) session.TellOfMore(listing.size());
}

void Explain(const Session& session, const ExplainArguments& arguments) {
  const auto stub = v1::RiskService::NewStub(session.channel());
  v1::ExplainSubjectRequest request;
  request.set_subject(arguments.subject);
  request.set_rule(arguments.rule);
  if (!arguments.date.empty()) {
    const auto date = Date::Parse(arguments.date);
    if (!date.ok()) {
      throw Failure{fmt::format("--date: {}", std::string(date.status().message()))};
    }
    request.set_date(date->days());
  }
  const std::optional<Instant> as_of = ParseAsOf(arguments.as_of);
  if (as_of) request.set_as_of_ms(as_of->time_since_epoch().count());
  v1::ExplainSubjectResponse response;
  session.Call([&](grpc::ClientContext* context) {
    return stub->ExplainSubject(context, request, &response);
  });
  if (session.output() == Output::kTable) {
    PrintAsOf(session, as_of, /*judged=*/true);
    PrintExplanation(session, response);
  } else {
    Json json = ExplanationJson(response);
    if (as_of) json["as_of"] = AsOfJson(as_of);
    session.Print(json);
  }
}

void Rules(const Session& session) {
  const auto stub = v1::RiskService::NewStub(session.channel());
  v1::ListRulesResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->ListRules(context, {}, &response); });
  if (session.output() == Output::kTable) {
    session.out() << fmt::format("policy {} {}, in force from {}\n\n", response.policy_version(),
                                 response.policy_title(), DateText(response.effective_from()));
  }
  Listing listing(session, {{session.Title("编号", "ID"), Table::Align::kRight},
                            {session.Title("等级", "SEVERITY")},
                            {session.Title("风险", "RISK")},
                            {session.Title("规则", "RULE")},
                            {session.Title("名称", "TITLE")},
                            {session.Title("触发条件", "WHEN")},
                            {session.Title("解除条件", "CLEARS WHEN")}});
  for (const v1::Rule& rule : response.rules()) {
    Json json = RuleJson(rule);
    json["policy_version"] = response.policy_version();
    listing.Add(json,
                {std::to_string(rule.id()), Shown(rule.severity(), session.language()),
                 ShownRiskKind(rule.risk_kind(), session.language()), rule.name(),
                 session.Title(rule.title_zh(), rule.title_en()), rule.when(), RuleHold(rule)});
  }
  listing.Close("the policy has no rules");
}

}  // namespace shouwang::ctl
