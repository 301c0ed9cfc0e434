// FollowUpService: what verification found of each rule, and draws. See
// proto/shouwang/v1/follow_up.proto. Writes to the draws and the case book, through the desks. Any
// thread; outlives its calls.
#pragma once

#include <shouwang/v1/follow_up.grpc.pb.h>

#include <functional>
#include <utility>

#include "daemon/cases/draw_desk.h"
#include "daemon/query/call_runner.h"
#include "daemon/rulebook/rulebook.h"

namespace shouwang::query {

class FollowUpService final : public v1::FollowUpService::CallbackService {
 public:
  FollowUpService(const cases::CaseDesk* desk, cases::DrawDesk* draw_desk,
                  const CurrentRulebook* rulebook, std::function<Instant()> now, CallRunner* runner)
      : desk_(desk),
        draw_desk_(draw_desk),
        rulebook_(rulebook),
        now_(std::move(now)),
        runner_(runner) {}

  grpc::ServerUnaryReactor* GetPrecision(grpc::CallbackServerContext* context,
                                         const v1::GetPrecisionRequest* request,
                                         v1::GetPrecisionResponse* response) override;
  grpc::ServerUnaryReactor* ListDraws(grpc::CallbackServerContext* context,
                                      const v1::ListDrawsRequest* request,
                                      v1::ListDrawsResponse* response) override;
  grpc::ServerUnaryReactor* RecordVisit(grpc::CallbackServerContext* context,
                                        const v1::RecordVisitRequest* request,
                                        v1::RecordVisitResponse* response) override;

 private:
  const cases::CaseDesk* const desk_;
  cases::DrawDesk* const draw_desk_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
