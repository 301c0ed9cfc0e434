#include "daemon/query/alert_service.h"

#include "daemon/query/deliveries_answer.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* AlertService::ListDeliveries(grpc::CallbackServerContext* context,
                                                       const v1::ListDeliveriesRequest* request,
                                                       v1::ListDeliveriesResponse* response) {
  return runner_->Run(context, Method::kListDeliveries, [this, request, response] {
    return AnswerDeliveries(*deliveries_, *rulebook_->Get(), *request, response);
  });
}

}  // namespace shouwang::query
