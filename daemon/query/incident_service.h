// IncidentService: correlated shocks, one incident each. See proto/shouwang/v1/incident.proto.
// Reads only; any thread; outlives its calls.
#pragma once

#include <shouwang/v1/incident.grpc.pb.h>

#include <functional>

#include "daemon/incidents/watch.h"
#include "daemon/query/call_runner.h"
#include "daemon/rulebook/rulebook.h"

namespace shouwang::query {

class IncidentService final : public v1::IncidentService::CallbackService {
 public:
  IncidentService(const incidents::IncidentWatch* watch, const Store* store,
                  const CurrentRulebook* rulebook, std::function<Instant()> now, CallRunner* runner)
      : watch_(watch), store_(store), rulebook_(rulebook), now_(std::move(now)), runner_(runner) {}

  grpc::ServerUnaryReactor* ListIncidents(grpc::CallbackServerContext* context,
                                          const v1::ListIncidentsRequest* request,
                                          v1::ListIncidentsResponse* response) override;
  grpc::ServerUnaryReactor* GetIncident(grpc::CallbackServerContext* context,
                                        const v1::GetIncidentRequest* request,
                                        v1::GetIncidentResponse* response) override;

 private:
  const incidents::IncidentWatch* const watch_;
  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
