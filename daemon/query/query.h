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
#include <memory>

#include "daemon/cases/desk.h"
#include "daemon/cases/draw_desk.h"
#include "daemon/incidents/watch.h"
#include "daemon/journal/act_journal.h"
#include "daemon/journal/read_journal.h"
#include "daemon/query/daemon_state.h"
#include "daemon/query/warning_feed.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/audit_log.h"
#include "storage/contract/backups.h"
#include "storage/contract/deliveries.h"
#include "storage/contract/reporters.h"
#include "storage/contract/store.h"

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
  const AuditLog* audit = nullptr;                      // nullptr: the audit trail is not served
  ReadJournal* journal = nullptr;                       // nullptr: reads are not recorded
  ActJournal* acts = nullptr;                           // nullptr: backups are not recorded
  prometheus::Registry* registry = nullptr;
  std::function<Instant()> now;
  std::function<DaemonState()> state;
  int threads = 2;
  int queue_limit = 256;
};

class Query {
 public:
  explicit Query(const QueryParts& parts);
  ~Query();

  void RegisterWith(grpc::ServerBuilder* builder);
  // Ends the what-ifs, screenings and verifications that run and that wait, so that the server's
  // Shutdown does not wait for them.
  void EndLongCalls();
  void Stop();

 private:
  // In query.cc: whoever builds a Query need not read what gRPC generates for every service.
  struct Services;
  const std::unique_ptr<Services> services_;
};

}  // namespace shouwang::query
