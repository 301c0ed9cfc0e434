// ReportingService: who should have reported and did not. See proto/shouwang/v1/reporting.proto.
// Reads only; any thread; outlives its calls.
#pragma once

#include <shouwang/v1/reporting.grpc.pb.h>

#include <functional>
#include <utility>

#include "daemon/query/call_runner.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/reporters.h"
#include "storage/contract/store.h"

namespace shouwang::query {

class ReportingService final : public v1::ReportingService::CallbackService {
 public:
  ReportingService(const Store* store, const Reporters* reporters, const CurrentRulebook* rulebook,
                   std::function<Instant()> now, CallRunner* runner)
      : store_(store),
        reporters_(reporters),
        rulebook_(rulebook),
        now_(std::move(now)),
        runner_(runner) {}

  grpc::ServerUnaryReactor* ListReporting(grpc::CallbackServerContext* context,
                                          const v1::ListReportingRequest* request,
                                          v1::ListReportingResponse* response) override;
  grpc::ServerUnaryReactor* ListSilentHouseholds(
      grpc::CallbackServerContext* context, const v1::ListSilentHouseholdsRequest* request,
      v1::ListSilentHouseholdsResponse* response) override;
  grpc::ServerUnaryReactor* ListReporters(grpc::CallbackServerContext* context,
                                          const v1::ListReportersRequest* request,
                                          v1::ListReportersResponse* response) override;

 private:
  const Store* const store_;
  const Reporters* const reporters_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
