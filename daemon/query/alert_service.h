// AlertService: what Alertmanagers were told. See proto/shouwang/v1/alerts.proto.
// Reads only; any thread; outlives its calls.
#pragma once

#include <shouwang/v1/alerts.grpc.pb.h>

#include "daemon/query/call_runner.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/deliveries.h"

namespace shouwang::query {

class AlertService final : public v1::AlertService::CallbackService {
 public:
  AlertService(const Deliveries* deliveries, const CurrentRulebook* rulebook, CallRunner* runner)
      : deliveries_(deliveries), rulebook_(rulebook), runner_(runner) {}

  grpc::ServerUnaryReactor* ListDeliveries(grpc::CallbackServerContext* context,
                                           const v1::ListDeliveriesRequest* request,
                                           v1::ListDeliveriesResponse* response) override;

 private:
  const Deliveries* const deliveries_;
  const CurrentRulebook* const rulebook_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
