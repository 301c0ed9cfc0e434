#include "daemon/query/query.h"

namespace shouwang::query {

Query::Query(const QueryParts& parts)
    : serves_cases_(parts.desk != nullptr),
      serves_audit_(parts.audit != nullptr),
      serves_incidents_(parts.incidents != nullptr),
      serves_reporting_(parts.reporters != nullptr),
      follows_up_(parts.desk != nullptr && parts.draw_desk != nullptr),
      metrics_(parts.registry),
      pool_(parts.threads, parts.queue_limit),
      runner_(&pool_, &metrics_, parts.journal),
      backups_(parts.backups, parts.audit, parts.now, &metrics_),
      catalogue_(parts.store, parts.rulebook, &runner_),
      series_(parts.store, parts.rulebook, parts.now, &runner_),
      risk_(parts.store, parts.rulebook, parts.feed, parts.now, &runner_, &metrics_),
      cases_(parts.desk, parts.rulebook, parts.now, &runner_),
      incidents_(parts.incidents, parts.store, parts.rulebook, parts.now, &runner_),
      reporting_(parts.store, parts.reporters, parts.rulebook, parts.now, &runner_),
      follow_up_(parts.desk, parts.draw_desk, parts.rulebook, parts.now, &runner_),
      admin_(parts.store, parts.rulebook, parts.state, parts.now, &backups_, &runner_),
      alerts_(parts.deliveries, parts.rulebook, &runner_),
      whatif_(parts.store, parts.rulebook, parts.now, parts.threads, &runner_, &metrics_),
      screening_(parts.store, parts.rulebook, parts.now, parts.threads, &runner_, &metrics_),
      audit_(parts.audit, parts.rulebook, parts.now, &runner_, &metrics_) {}

void Query::EndLongCalls() {
  whatif_.Stop();
  screening_.Stop();
  audit_.Stop();
}

void Query::Stop() {
  EndLongCalls();
  backups_.Stop();
  pool_.Stop();
}

void Query::RegisterWith(grpc::ServerBuilder* builder) {
  builder->RegisterService(&catalogue_);
  builder->RegisterService(&series_);
  builder->RegisterService(&risk_);
  if (serves_cases_) builder->RegisterService(&cases_);
  if (serves_incidents_) builder->RegisterService(&incidents_);
  if (serves_reporting_) builder->RegisterService(&reporting_);
  if (follows_up_) builder->RegisterService(&follow_up_);
  builder->RegisterService(&admin_);
  builder->RegisterService(&alerts_);
  builder->RegisterService(&whatif_);
  if (serves_audit_) builder->RegisterService(&audit_);
  builder->RegisterService(&screening_);
}

}  // namespace shouwang::query
