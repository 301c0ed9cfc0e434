#include "daemon/query/case_service.h"

#include "daemon/query/case_answer.h"
#include "daemon/query/reading.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* CaseService::GetCase(grpc::CallbackServerContext* context,
                                               const v1::GetCaseRequest* request,
                                               v1::GetCaseResponse* response) {
  return runner_->RunRead(
      context, Method::kGetCase,
      [this, request, response] {
        return AnswerGetCase(*desk_, *rulebook_->Get(), now_(), *request, response);
      },
      [request](const Caller& caller) { return ReadingOf(caller, *request); });
}

grpc::ServerUnaryReactor* CaseService::ListCases(grpc::CallbackServerContext* context,
                                                 const v1::ListCasesRequest* request,
                                                 v1::ListCasesResponse* response) {
  return runner_->RunRead(
      context, Method::kListCases,
      [this, context, request, response] {
        const auto cancelled = [context] { return context->IsCancelled(); };
        return AnswerListCases(*desk_, *rulebook_->Get(), now_(), *request, cancelled, response);
      },
      [request, response](const Caller& caller) { return ReadingOf(caller, *request, *response); });
}

grpc::ServerUnaryReactor* CaseService::AdvanceCase(grpc::CallbackServerContext* context,
                                                   const v1::AdvanceCaseRequest* request,
                                                   v1::AdvanceCaseResponse* response) {
  return runner_->Run(context, Method::kAdvanceCase, [this, context, request, response] {
    return AnswerAdvanceCase(desk_, *rulebook_->Get(), now_(), *request, context->peer(), response);
  });
}

grpc::ServerUnaryReactor* CaseService::AddMeasure(grpc::CallbackServerContext* context,
                                                  const v1::AddMeasureRequest* request,
                                                  v1::AddMeasureResponse* response) {
  return runner_->Run(context, Method::kAddMeasure, [this, context, request, response] {
    return AnswerAddMeasure(desk_, *rulebook_->Get(), now_(), *request, context->peer(), response);
  });
}

}  // namespace shouwang::query
