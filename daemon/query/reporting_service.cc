#include "daemon/query/reporting_service.h"

#include "daemon/query/reading.h"
#include "daemon/query/reporting_answer.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* ReportingService::ListReporting(grpc::CallbackServerContext* context,
                                                          const v1::ListReportingRequest* request,
                                                          v1::ListReportingResponse* response) {
  return runner_->Run(context, Method::kListReporting, [this, request, response] {
    return AnswerListReporting(*store_, *rulebook_->Get(), *request, response);
  });
}

grpc::ServerUnaryReactor* ReportingService::ListSilentHouseholds(
    grpc::CallbackServerContext* context, const v1::ListSilentHouseholdsRequest* request,
    v1::ListSilentHouseholdsResponse* response) {
  return runner_->RunRead(
      context, Method::kListSilentHouseholds,
      [this, context, request, response] {
        const auto cancelled = [context] { return context->IsCancelled(); };
        return AnswerListSilent(*store_, *rulebook_->Get(), now_(), *request, cancelled, response);
      },
      [request, response](const Caller& caller) { return ReadingOf(caller, *request, *response); });
}

grpc::ServerUnaryReactor* ReportingService::ListReporters(grpc::CallbackServerContext* context,
                                                          const v1::ListReportersRequest* request,
                                                          v1::ListReportersResponse* response) {
  return runner_->Run(context, Method::kListReporters, [this, request, response] {
    return AnswerListReporters(*reporters_, *rulebook_->Get(), now_(), *request, response);
  });
}

}  // namespace shouwang::query
