#include "daemon/query/follow_up_service.h"

#include "daemon/query/draw_answer.h"
#include "daemon/query/precision_answer.h"
#include "daemon/query/reading.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* FollowUpService::GetPrecision(grpc::CallbackServerContext* context,
                                                        const v1::GetPrecisionRequest* request,
                                                        v1::GetPrecisionResponse* response) {
  return runner_->Run(context, Method::kGetPrecision, [this, context, request, response] {
    const auto cancelled = [context] { return context->IsCancelled(); };
    return AnswerPrecision(*desk_, draw_desk_->book(), *rulebook_->Get(), now_(), *request,
                           cancelled, response);
  });
}

grpc::ServerUnaryReactor* FollowUpService::ListDraws(grpc::CallbackServerContext* context,
                                                     const v1::ListDrawsRequest* request,
                                                     v1::ListDrawsResponse* response) {
  return runner_->RunRead(
      context, Method::kListDraws,
      [this, context, request, response] {
        const auto cancelled = [context] { return context->IsCancelled(); };
        return AnswerListDraws(draw_desk_, *rulebook_->Get(), now_(), *request, CallerOf(*context),
                               cancelled, response);
      },
      [request, response](const Caller& caller) { return ReadingOf(caller, *request, *response); });
}

grpc::ServerUnaryReactor* FollowUpService::RecordVisit(grpc::CallbackServerContext* context,
                                                       const v1::RecordVisitRequest* request,
                                                       v1::RecordVisitResponse* response) {
  return runner_->Run(context, Method::kRecordVisit, [this, context, request, response] {
    return AnswerRecordVisit(draw_desk_, *rulebook_->Get(), now_(), *request, context->peer(),
                             response);
  });
}

}  // namespace shouwang::query
