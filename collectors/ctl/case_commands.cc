#include <fmt/format.h>
#include <fmt/ranges.h>
#include <shouwang/v1/case.grpc.pb.h>

#include <algorithm>
#include <memory>

#include "collectors/ctl/case_words.h"
#include "collectors/ctl/commands.h"
#include "collectors/ctl/parsed.h"
#include "collectors/ctl/words.h"
#include "storage/vocabulary/case.h"

namespace shouwang::ctl {
namespace {

constexpr uint32_t kPage = 10'000;

v1::ListCasesRequest RequestOf(const CasesArguments& arguments) {
  v1::ListCasesRequest request;
  request.set_region(arguments.region);
  for (const std::string& word : arguments.states) {
    request.add_states(static_cast<v1::CaseState>(Parsed("--state", word, ParseCaseState)));
  }
  request.set_overdue_only(arguments.overdue);
  request.set_without_measure_only(arguments.without_measure);
  request.set_escalated_only(arguments.escalated);
  if (!arguments.level.empty()) {
    request.set_level(static_cast<v1::Role>(Parsed("--level", arguments.level, ParseRole)));
  }
  return request;
}

std::string JoinedKinds(const google::protobuf::RepeatedPtrField<std::string>& kinds,
                        Language language) {
  std::vector<std::string> shown;
  for (const std::string& kind : kinds) shown.push_back(ShownRiskKind(kind, language));
  return fmt::format("{}", fmt::join(shown, " "));
}

std::vector<std::string> CaseCells(const Session& session, const v1::Case& record) {
  const Language language = session.language();
  return {Shown(record.state(), language),
          record.subject(),
          record.has_entered_on() ? DateText(record.entered_on()) : "",
          record.has_due_on() ? DateText(record.due_on()) : "",
          record.days_over() > 0 ? std::to_string(record.days_over()) : "",
          LevelText(record, language),
          JoinedKinds(record.risk_kinds(), language),
          JoinedKinds(record.kinds_without_measure(), language),
          NextText(record, language),
          record.division_path()};
}

// The case after a change.
void PrintChanged(const Session& session, const v1::Case& record) {
  if (session.output() != Output::kTable) {
    session.Print(CaseJson(record));
    return;
  }
  v1::GetCaseResponse response;
  *response.mutable_case_() = record;
  PrintCase(session, response);
}

}  // namespace

void Cases(const Session& session, const CasesArguments& arguments) {
  const auto stub = v1::CaseService::NewStub(session.channel());
  v1::ListCasesRequest request = RequestOf(arguments);
  Listing listing(session, {{session.Title("状态", "STATE")},
                            {session.Title("农户", "HOUSEHOLD")},
                            {session.Title("自", "SINCE")},
                            {session.Title("期限", "DUE")},
                            {session.Title("超期天数", "DAYS OVER"), Table::Align::kRight},
                            {session.Title("层级", "LEVEL")},
                            {session.Title("风险类型", "RISK")},
                            {session.Title("缺对应措施", "NO MEASURE FOR")},
                            {session.Title("下一步", "NEXT")},
                            {session.Title("地点", "WHERE")}});
  bool more = false;
  do {
    request.set_page_size(
        arguments.all
            ? kPage
            : std::min<uint32_t>(kPage, arguments.limit - static_cast<uint32_t>(listing.size())));
    v1::ListCasesResponse response;
    session.Call(
        [&](grpc::ClientContext* context) { return stub->ListCases(context, request, &response); });
    for (const v1::Case& record : response.cases()) {
      listing.Add(CaseJson(record), CaseCells(session, record));
    }
    request.set_page_token(response.next_page_token());
    more = !request.page_token().empty();
  } while (more && (arguments.all || listing.size() < arguments.limit));
  listing.Close(session.Title("那里没有这样的工单", "no such cases there"));
  if (more) session.TellOfMore(listing.size());
}

void ShowCase(const Session& session, const std::string& subject) {
  const auto stub = v1::CaseService::NewStub(session.channel());
  v1::GetCaseRequest request;
  request.set_subject(subject);
  v1::GetCaseResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->GetCase(context, request, &response); });
  if (session.output() == Output::kTable) {
    PrintCase(session, response);
  } else {
    session.Print(CaseJson(response));
  }
}

void AdvanceCase(const Session& session, const CaseArguments& arguments) {
  const auto stub = v1::CaseService::NewStub(session.channel());
  v1::AdvanceCaseRequest request;
  request.set_subject(arguments.subject);
  request.set_etag(arguments.etag);
  request.set_to(static_cast<v1::CaseState>(Parsed("STATE", arguments.state, ParseCaseState)));
  request.set_role(static_cast<v1::Role>(Parsed("--role", arguments.role, ParseRole)));
  request.set_actor(arguments.actor);
  request.set_note(arguments.note);
  request.set_reason(arguments.reason);
  if (!arguments.category.empty()) {
    request.set_category(static_cast<v1::HouseholdCategory>(
        Parsed("--category", arguments.category, ParseCategory)));
  }
  if (!arguments.cause.empty()) {
    request.set_cause(
        static_cast<v1::DismissalCause>(Parsed("--cause", arguments.cause, ParseCause)));
  }
  v1::AdvanceCaseResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->AdvanceCase(context, request, &response); });
  PrintChanged(session, response.case_());
}

void AddCaseMeasure(const Session& session, const CaseArguments& arguments) {
  const auto stub = v1::CaseService::NewStub(session.channel());
  v1::AddMeasureRequest request;
  request.set_subject(arguments.subject);
  request.set_etag(arguments.etag);
  request.set_measure(arguments.measure);
  if (!arguments.on.empty()) request.set_on(Parsed("--on", arguments.on, Date::Parse).days());
  request.set_role(static_cast<v1::Role>(Parsed("--role", arguments.role, ParseRole)));
  request.set_actor(arguments.actor);
  request.set_note(arguments.note);
  v1::AddMeasureResponse response;
  session.Call(
      [&](grpc::ClientContext* context) { return stub->AddMeasure(context, request, &response); });
  PrintChanged(session, response.case_());
}

}  // namespace shouwang::ctl
