#include "daemon/query/incident_service.h"

#include "daemon/query/incident_answer.h"
#include "daemon/query/reading.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* IncidentService::ListIncidents(grpc::CallbackServerContext* context,
                                                         const v1::ListIncidentsRequest* request,
                                                         v1::ListIncidentsResponse* response) {
  return runner_->Run(context, Method::kListIncidents, [this, request, response] {
    const auto look = watch_->Latest();
    return AnswerListIncidents(look.get(), *rulebook_->Get(), DateOf(now_()), *request, response);
  });
}

grpc::ServerUnaryReactor* IncidentService::GetIncident(grpc::CallbackServerContext* context,
                                                       const v1::GetIncidentRequest* request,
                                                       v1::GetIncidentResponse* response) {
  return runner_->RunRead(
      context, Method::kGetIncident,
      [this, context, request, response] {
        const auto cancelled = [context] { return context->IsCancelled(); };
        const auto look = watch_->Latest();
        return AnswerGetIncident(look.get(), *store_, *rulebook_->Get(), *request, cancelled,
                                 response);
      },
      [request, response](const Caller& caller) { return ReadingOf(caller, *request, *response); });
}

}  // namespace shouwang::query
