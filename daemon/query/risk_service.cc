#include "daemon/query/risk_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "daemon/query/answers.h"
#include "daemon/query/explain_answer.h"
#include "daemon/query/field_check.h"
#include "daemon/query/page_token.h"
#include "daemon/query/warning_selection.h"
#include "daemon/query/warning_watch.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* RiskService::ListWarnings(grpc::CallbackServerContext* context,
                                                    const v1::ListWarningsRequest* request,
                                                    v1::ListWarningsResponse* response) {
  return runner_->Run(context, Method::kListWarnings,
                      [this, request, response] { return FillWarnings(*request, response); });
}

grpc::ServerWriteReactor<v1::WatchWarningsResponse>* RiskService::WatchWarnings(
    grpc::CallbackServerContext*, const v1::WatchWarningsRequest* request) {
  FieldCheck check("WatchWarnings");
  WarningSelection selection = WarningSelection::Of(request->filter(), *rulebook_->Get(), &check);
  return WarningWatch::Start(std::move(selection), check.ToStatus(), feed_, rulebook_, metrics_);
}

grpc::ServerUnaryReactor* RiskService::ExplainSubject(grpc::CallbackServerContext* context,
                                                      const v1::ExplainSubjectRequest* request,
                                                      v1::ExplainSubjectResponse* response) {
  return runner_->Run(context, Method::kExplainSubject, [this, request, response] {
    return AnswerExplain(*store_, *rulebook_->Get(), *request, response);
  });
}

grpc::ServerUnaryReactor* RiskService::ListRules(grpc::CallbackServerContext* context,
                                                 const v1::ListRulesRequest*,
                                                 v1::ListRulesResponse* response) {
  return runner_->Run(context, Method::kListRules, [this, response] {
    const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
    const risk::Policy& policy = rulebook->policies.InForce(DateOf(now_()));
    response->set_policy_version(policy.version);
    response->set_policy_title(policy.title_zh);
    response->set_effective_from(policy.effective_from.days());
    for (const risk::Rule& rule : policy.rules) FillRule(rule, response->add_rules());
    return absl::OkStatus();
  });
}

absl::Status RiskService::FillWarnings(const v1::ListWarningsRequest& request,
                                       v1::ListWarningsResponse* response) const {
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  FieldCheck check("ListWarnings");
  const WarningSelection selection = WarningSelection::Of(request.filter(), *rulebook, &check);
  const size_t page_size = check.PageSize(request.page_size(), kDefaultPage, kMaxPage);
  const uint64_t listing = Fingerprint("ListWarnings " + request.filter().SerializeAsString());
  WarningPosition from;
  if (!request.page_token().empty()) {
    const auto bytes = DecodePageToken(listing, request.page_token());
    const auto position = bytes ? DecodePosition(*bytes) : std::nullopt;
    if (position) {
      from = *position;
    } else {
      check.Fault("page_token", "not one that this listing gave out");
    }
  }
  if (!check.ok()) return check.ToStatus();

  size_t looked_at = 0;
  return store_->ScanWarnings(
      selection.region(), from.subject, from.rule, [&](const Warning& warning) {
        const bool matches = selection.Matches(warning);
        const bool page_full = static_cast<size_t>(response->warnings_size()) == page_size;
        if ((matches && page_full) || looked_at == kMaxLookedAt) {
          response->set_next_page_token(
              EncodePageToken(listing, EncodePosition({warning.subject, warning.rule})));
          return false;
        }
        ++looked_at;
        if (matches) FillWarning(warning, *rulebook, response->add_warnings());
        return true;
      });
}

}  // namespace shouwang::query
