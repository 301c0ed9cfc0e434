// RiskService: warnings, and why. See proto/shouwang/v1/risk.proto.
// Reads only; any thread; outlives its calls.
#pragma once

#include <shouwang/v1/risk.grpc.pb.h>

#include <functional>

#include "daemon/query/call_runner.h"
#include "daemon/query/evaluators.h"
#include "daemon/query/warning_feed.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

class RiskService final : public v1::RiskService::CallbackService {
 public:
  RiskService(const Store* store, const CurrentRulebook* rulebook, WarningFeed* feed,
              std::function<Instant()> now, CallRunner* runner, QueryMetrics* metrics)
      : store_(store),
        rulebook_(rulebook),
        feed_(feed),
        now_(std::move(now)),
        runner_(runner),
        metrics_(metrics) {}

  grpc::ServerUnaryReactor* ListWarnings(grpc::CallbackServerContext* context,
                                         const v1::ListWarningsRequest* request,
                                         v1::ListWarningsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchWarningsResponse>* WatchWarnings(
      grpc::CallbackServerContext* context, const v1::WatchWarningsRequest* request) override;
  grpc::ServerUnaryReactor* ExplainSubject(grpc::CallbackServerContext* context,
                                           const v1::ExplainSubjectRequest* request,
                                           v1::ExplainSubjectResponse* response) override;
  grpc::ServerUnaryReactor* ListWorklist(grpc::CallbackServerContext* context,
                                         const v1::ListWorklistRequest* request,
                                         v1::ListWorklistResponse* response) override;
  grpc::ServerUnaryReactor* ListRules(grpc::CallbackServerContext* context,
                                      const v1::ListRulesRequest* request,
                                      v1::ListRulesResponse* response) override;

 private:
  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  WarningFeed* const feed_;
  const std::function<Instant()> now_;
  CallRunner* const runner_;
  QueryMetrics* const metrics_;
  Evaluators evaluators_;
};

}  // namespace shouwang::query
