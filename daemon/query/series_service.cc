#include "daemon/query/series_service.h"

#include "daemon/query/history_answer.h"
#include "daemon/query/reading.h"
#include "daemon/query/rollup_answer.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* SeriesService::GetHistory(grpc::CallbackServerContext* context,
                                                    const v1::GetHistoryRequest* request,
                                                    v1::GetHistoryResponse* response) {
  return runner_->RunRead(
      context, Method::kGetHistory,
      [this, request, response] {
        return AnswerHistory(*store_, *rulebook_->Get(), now_(), *request, response);
      },
      [request](const Caller& caller) { return ReadingOf(caller, *request); });
}

grpc::ServerUnaryReactor* SeriesService::ListRollups(grpc::CallbackServerContext* context,
                                                     const v1::ListRollupsRequest* request,
                                                     v1::ListRollupsResponse* response) {
  return runner_->Run(context, Method::kListRollups, [this, request, response] {
    return AnswerRollups(*store_, *rulebook_->Get(), *request, response);
  });
}

}  // namespace shouwang::query
