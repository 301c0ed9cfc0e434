// The query room: every reading service of the daemon, on one bounded worker pool.
//
//   query::Query query({...});
//   query.RegisterWith(&builder);       // before BuildAndStart
//   ...
//   feed.Close();                       // so that the server's Shutdown does not wait for watches
//   query.EndWhatIfs();                 // nor for what-ifs
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
#include "daemon/query/backup_calls.h"
#include "daemon/query/call_runner.h"
#include "daemon/query/case_service.h"
#include "daemon/query/catalogue_service.h"
#include "daemon/query/follow_up_service.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/risk_service.h"
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
  Backups* backups = nullptr;            // nullptr: backups are refused
  cases::CaseDesk* desk = nullptr;       // nullptr: cases are not served
  cases::DrawDesk* draw_desk = nullptr;  // nullptr: nor is what follows them up
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
  // Ends the what-if that runs and those that wait, so that the server's Shutdown does not.
  void EndWhatIfs() { whatif_.Stop(); }
  void Stop();

 private:
  const bool serves_cases_;
  const bool follows_up_;
  QueryMetrics metrics_;
  WorkerPool pool_;
  CallRunner runner_;
  BackupCalls backups_;
  CatalogueService catalogue_;
  SeriesService series_;
  RiskService risk_;
  CaseService cases_;
  FollowUpService follow_up_;
  AdminService admin_;
  AlertService alerts_;
  WhatIfService whatif_;
};

}  // namespace shouwang::query
