#include "daemon/query/risk_service.h"

#include <memory>
#include <utility>

#include "daemon/query/answers.h"
#include "daemon/query/explain_answer.h"
#include "daemon/query/field_check.h"
#include "daemon/query/reading.h"
#include "daemon/query/warning_selection.h"
#include "daemon/query/warning_watch.h"
#include "daemon/query/warnings_answer.h"
#include "daemon/query/worklist_answer.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* RiskService::ListWarnings(grpc::CallbackServerContext* context,
                                                    const v1::ListWarningsRequest* request,
                                                    v1::ListWarningsResponse* response) {
  return runner_->RunRead(
      context, Method::kListWarnings,
      [this, context, request, response] {
        const auto cancelled = [context] { return context->IsCancelled(); };
        return AnswerWarnings(*store_, *rulebook_->Get(), now_(), *request, cancelled, response);
      },
      [request, response](const Caller& caller) { return ReadingOf(caller, *request, *response); });
}

grpc::ServerWriteReactor<v1::WatchWarningsResponse>* RiskService::WatchWarnings(
    grpc::CallbackServerContext* context, const v1::WatchWarningsRequest* request) {
  FieldCheck check("WatchWarnings");
  WarningSelection selection = WarningSelection::Of(request->filter(), *rulebook_->Get(), &check);
  absl::Status refusal = check.ToStatus();
  if (refusal.ok()) refusal = runner_->Note(ReadingOf(CallerOf(*context), *request));
  return WarningWatch::Start(std::move(selection), refusal, feed_, rulebook_, metrics_);
}

grpc::ServerUnaryReactor* RiskService::ExplainSubject(grpc::CallbackServerContext* context,
                                                      const v1::ExplainSubjectRequest* request,
                                                      v1::ExplainSubjectResponse* response) {
  return runner_->RunRead(
      context, Method::kExplainSubject,
      [this, request, response] {
        const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
        return evaluators_.With(rulebook, [&](risk::Evaluator& evaluator) {
          return AnswerExplain(*store_, *rulebook, evaluator, now_(), *request, response);
        });
      },
      [request](const Caller& caller) { return ReadingOf(caller, *request); });
}

grpc::ServerUnaryReactor* RiskService::ListWorklist(grpc::CallbackServerContext* context,
                                                    const v1::ListWorklistRequest* request,
                                                    v1::ListWorklistResponse* response) {
  return runner_->RunRead(
      context, Method::kListWorklist,
      [this, context, request, response] {
        const auto cancelled = [context] { return context->IsCancelled(); };
        return AnswerWorklist(*store_, *rulebook_->Get(), now_(), *request, cancelled, response);
      },
      [request, response](const Caller& caller) { return ReadingOf(caller, *request, *response); });
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

}  // namespace shouwang::query
