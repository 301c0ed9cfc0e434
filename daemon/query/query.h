// The query room: every reading service of the daemon, on one bounded worker pool.
//
//   query::Query query({...});
//   query.RegisterWith(&builder);       // before BuildAndStart
//   ...
//   feed.Close();                       // so that the server's Shutdown does not wait for watches
//   query.EndLongCalls();               // nor for what-ifs, screenings and verifications
//   server->Shutdown(...); server->Wait();
//   backups.Stop();                     // so that query does not wait for one
//   query.Stop();                       // answers what is queued, ends the threads
//
// Built and stopped by one thread. What it is given outlives it.
#pragma once

#include <grpcpp/server_builder.h>
#include <prometheus/registry.h>

#include <functional>

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
#include "daemon/query/warning_feed.h"
#include "daemon/query/whatif_service.h"
#include "daemon/query/worker_pool.h"

namespace shouwang::query {

struct QueryParts {
  const Store* store = nullptr;
  const CurrentRulebook* rulebook = nullptr;
  WarningFeed* feed = nullptr;  // where app sends what ingest has committed
  const Deliveries* deliveries = nullptr;
  Backups* backups = nullptr;                           // nullptr: backups are refused
  cases::CaseDesk* desk = nullptr;                      // nullptr: cases are not served
  cases::DrawDesk* draw_desk = nullptr;                 // nullptr: nor is what follows them up
  const Reporters* reporters = nullptr;                 // nullptr: reporting is not served
  const incidents::IncidentWatch* incidents = nullptr;  // nullptr: incidents are not served
  AuditLog* audit = nullptr;       // nullptr: the audit trail is not served, backups not recorded
  ReadJournal* journal = nullptr;  // nullptr: reads are not recorded
  prometheus::Registry* registry = nullptr;
  std::function<Instant()> now;
  std::function<DaemonState()> state;
  int threads = 2;
  int queue_limit = 256;
};

class Query {
 public:
  explicit Query(const QueryParts& parts);

  void RegisterWith(grpc::ServerBuilder* builder);
  // Ends the what-ifs, screenings and verifications that run and that wait, so that the server's
  // Shutdown does not wait for them.
  void EndLongCalls();
  void Stop();

 private:
  const bool serves_cases_;
  const bool serves_audit_;
  const bool serves_incidents_;
  const bool serves_reporting_;
  const bool follows_up_;
  QueryMetrics metrics_;
  WorkerPool pool_;
  CallRunner runner_;
  BackupCalls backups_;
  CatalogueService catalogue_;
  SeriesService series_;
  RiskService risk_;
  CaseService cases_;
  IncidentService incidents_;
  ReportingService reporting_;
  FollowUpService follow_up_;
  AdminService admin_;
  AlertService alerts_;
  WhatIfService whatif_;
  ScreeningService screening_;
  AuditService audit_;
};

}  // namespace shouwang::query
