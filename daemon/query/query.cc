#include "daemon/query/query.h"

#include "daemon/query/admin_service.h"
#include "daemon/query/alert_service.h"
#include "daemon/query/audit_service.h"
#include "daemon/query/backup_calls.h"
#include "daemon/query/call_runner.h"
#include "daemon/query/case_service.h"
#include "daemon/query/catalogue_service.h"
#include "daemon/query/follow_up_service.h"
#include "daemon/query/incident_service.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/reporting_service.h"
#include "daemon/query/risk_service.h"
#include "daemon/query/screening_service.h"
#include "daemon/query/series_service.h"
#include "daemon/query/whatif_service.h"
#include "daemon/query/worker_pool.h"

namespace shouwang::query {

struct Query::Services {
  explicit Services(const QueryParts& parts)
      : serves_cases(parts.desk != nullptr),
        serves_audit(parts.audit != nullptr),
        serves_incidents(parts.incidents != nullptr),
        serves_reporting(parts.reporters != nullptr),
        follows_up(parts.desk != nullptr && parts.draw_desk != nullptr),
        metrics(parts.registry),
        pool(parts.threads, parts.queue_limit),
        runner(&pool, &metrics, parts.journal),
        backups(parts.backups, parts.acts, parts.now, &metrics),
        catalogue(parts.store, parts.rulebook, &runner),
        series(parts.store, parts.rulebook, parts.now, &runner),
        risk(parts.store, parts.rulebook, parts.feed, parts.now, &runner, &metrics),
        cases(parts.desk, parts.rulebook, parts.now, &runner),
        incidents(parts.incidents, parts.store, parts.rulebook, parts.now, &runner),
        reporting(parts.store, parts.reporters, parts.rulebook, parts.now, &runner),
        follow_up(parts.desk, parts.draw_desk, parts.rulebook, parts.now, &runner),
        admin(parts.store, parts.rulebook, parts.state, parts.now, &backups, &runner),
        alerts(parts.deliveries, parts.rulebook, &runner),
        whatif(parts.store, parts.rulebook, parts.now, parts.threads, &runner, &metrics),
        screening(parts.store, parts.rulebook, parts.now, parts.threads, &runner, &metrics),
        audit(parts.audit, parts.rulebook, parts.now, &runner, &metrics) {}

  const bool serves_cases;
  const bool serves_audit;
  const bool serves_incidents;
  const bool serves_reporting;
  const bool follows_up;
  QueryMetrics metrics;
  WorkerPool pool;
  CallRunner runner;
  BackupCalls backups;
  CatalogueService catalogue;
  SeriesService series;
  RiskService risk;
  CaseService cases;
  IncidentService incidents;
  ReportingService reporting;
  FollowUpService follow_up;
  AdminService admin;
  AlertService alerts;
  WhatIfService whatif;
  ScreeningService screening;
  AuditService audit;
};

Query::Query(const QueryParts& parts) : services_(std::make_unique<Services>(parts)) {}

Query::~Query() = default;

void Query::EndLongCalls() {
  services_->whatif.Stop();
  services_->screening.Stop();
  services_->audit.Stop();
}

void Query::Stop() {
  EndLongCalls();
  services_->backups.Stop();
  services_->pool.Stop();
}

void Query::RegisterWith(grpc::ServerBuilder* builder) {
  builder->RegisterService(&services_->catalogue);
  builder->RegisterService(&services_->series);
  builder->RegisterService(&services_->risk);
  if (services_->serves_cases) builder->RegisterService(&services_->cases);
  if (services_->serves_incidents) builder->RegisterService(&services_->incidents);
  if (services_->serves_reporting) builder->RegisterService(&services_->reporting);
  if (services_->follows_up) builder->RegisterService(&services_->follow_up);
  builder->RegisterService(&services_->admin);
  builder->RegisterService(&services_->alerts);
  builder->RegisterService(&services_->whatif);
  if (services_->serves_audit) builder->RegisterService(&services_->audit);
  builder->RegisterService(&services_->screening);
}

}  // namespace shouwang::query
