// CaseService: what people do about warnings. See proto/shouwang/v1/case.proto.
// The one service of this room that writes: to the case book, through the desk. Any thread;
// outlives its calls.
#pragma once

#include <shouwang/v1/case.grpc.pb.h>

#include <functional>

#include "daemon/cases/desk.h"
#include "daemon/query/call_runner.h"
#include "daemon/rulebook/rulebook.h"

namespace shouwang::query {

class CaseService final : public v1::CaseService::CallbackService {
 public:
  CaseService(cases::CaseDesk* desk, const CurrentRulebook* rulebook, std::function<Instant()> now,
              CallRunner* runner)
      : desk_(desk), rulebook_(rulebook), now_(std::move(now)), runner_(runner) {}

  grpc::ServerUnaryReactor* GetCase(grpc::CallbackServerContext* context,
                                    const v1::GetCaseRequest* request,
                                    v1::GetCaseResponse* response) override;
  grpc::ServerUnaryReactor* ListCases(grpc::CallbackServerContext* context,
                                      const v1::ListCasesRequest* request,
                                      v1::ListCasesResponse* response) override;
  grpc::ServerUnaryReactor* AdvanceCase(grpc::CallbackServerContext* context,
                                        const v1::AdvanceCaseRequest* request,
                                        v1::AdvanceCaseResponse* response) override;
  grpc::ServerUnaryReactor* AddMeasure(grpc::CallbackServerContext* context,
                                       const v1::AddMeasureRequest* request,
                                       v1::AddMeasureResponse* response) override;

 private:
  cases::CaseDesk* const desk_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
