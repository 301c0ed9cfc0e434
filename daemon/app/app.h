// The daemon: builds its rooms in order, introduces them to each other, stops them in reverse.
//
//   rulebook -> store -> audit trail -> backups -> retention -> registry -> ingest -> query -> gRPC
//   server
//   -> snapshot -> exposer -> re-evaluation -> alerts -> ready
//
// Start, Reload and Stop by one thread (main's). Nothing of it may be used after Stop.
#pragma once

#include <grpcpp/server.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "daemon/alerts/alerts.h"
#include "daemon/app/app_metrics.h"
#include "daemon/app/reevaluation.h"
#include "daemon/app/retention_pass.h"
#include "daemon/app/watched_backups.h"
#include "daemon/cases/desk.h"
#include "daemon/cases/draw_desk.h"
#include "daemon/cases/taken_on.h"
#include "daemon/config/config.h"
#include "daemon/incidents/watch.h"
#include "daemon/ingest/ingest.h"
#include "daemon/journal/act_journal.h"
#include "daemon/journal/audit_metrics.h"
#include "daemon/journal/read_journal.h"
#include "daemon/metrics/case_snapshot.h"
#include "daemon/metrics/division_snapshot.h"
#include "daemon/metrics/exposer.h"
#include "daemon/metrics/incident_figures.h"
#include "daemon/metrics/process_metrics.h"
#include "daemon/query/query.h"
#include "daemon/query/warning_feed.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/rocks/rocks_audit_log.h"
#include "storage/rocks/rocks_deliveries.h"
#include "storage/rocks/rocks_reporters.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang::app {

using Clock = std::function<Instant()>;

class App {
 public:
  // Ready to serve when it returns. Fails with a message for the operator: a port that is taken, a
  // data directory in use, a catalogue that contradicts the store.
  static absl::StatusOr<std::unique_ptr<App>> Start(const Config& config,
                                                    std::shared_ptr<const Rulebook> rulebook,
                                                    Clock now);
  ~App();

  int grpc_port() const { return grpc_port_; }
  int metrics_port() const { return exposer_->port(); }

  // Puts `rulebook` in force and re-evaluates in the background. On a fault (those in `problems`,
  // or a catalogue that contradicts the store) the old one stays; status and metrics tell.
  void Reload(std::shared_ptr<const Rulebook> rulebook, const Problems& problems);

  // Takes no more calls, gives those under way some seconds, works off what was handed over, closes
  // the store. May be called again.
  void Stop();

 private:
  // Passes ingest's transitions on to those who watch.
  class FeedListener;

  App(const Config& config, std::shared_ptr<const Rulebook> rulebook, Clock now);
  absl::Status OpenStore();
  absl::Status OpenBackups();
  // Records the start, and the policies that are put in force unless they were the last ones; on a
  // full disk, once there is space.
  absl::Status OpenAudit();
  absl::Status RecordPolicy(const Rulebook& rulebook);
  void BuildRooms();
  void BuildAlerts();
  absl::Status Serve();
  absl::Status ServeMetrics();
  query::DaemonState State() const;
  void RefuseReload(const std::string& why);

  const Config config_;
  const Clock now_;
  const Instant started_at_;
  const std::shared_ptr<prometheus::Registry> registry_;
  CurrentRulebook rulebook_;
  query::WarningFeed feed_;
  AppMetrics metrics_;
  int grpc_port_ = 0;
  mutable absl::Mutex mutex_;
  std::string reload_error_ ABSL_GUARDED_BY(mutex_);
  std::optional<std::string> policy_digest_;  // of the last that was recorded; main's

  // In the order of building.
  std::unique_ptr<RocksStore> store_;
  std::unique_ptr<RocksAuditLog> audit_;
  std::unique_ptr<ActJournal> acts_;
  std::unique_ptr<ReadJournal> journal_;
  std::unique_ptr<RocksDeliveries> deliveries_;
  std::unique_ptr<RocksReporters> reporters_;
  std::unique_ptr<WatchedBackups> backups_;
  std::unique_ptr<Trimming> trimming_;
  std::unique_ptr<RetentionPass> retention_;
  std::unique_ptr<CaseBook> case_book_;
  std::unique_ptr<cases::CaseDesk> desk_;
  std::unique_ptr<incidents::IncidentWatch> incidents_;
  std::unique_ptr<DrawBook> draw_book_;
  std::unique_ptr<cases::DrawDesk> draw_desk_;
  cases::TakenOnBoard taken_on_;
  std::unique_ptr<FeedListener> listener_;
  std::unique_ptr<ingest::Ingest> ingest_;
  std::unique_ptr<Reevaluation> reevaluation_;
  std::unique_ptr<query::Query> query_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<metrics::DivisionSnapshot> snapshot_;
  std::shared_ptr<metrics::CaseSnapshot> case_snapshot_;
  std::shared_ptr<metrics::IncidentFigures> incident_figures_;
  std::shared_ptr<metrics::ProcessMetrics> process_;
  std::shared_ptr<AuditMetrics> audit_metrics_;
  std::unique_ptr<metrics::Exposer> exposer_;
  std::unique_ptr<alerts::Alerts> alerts_;
};

}  // namespace shouwang::app
