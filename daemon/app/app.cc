#include "daemon/app/app.h"

#include <fmt/format.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <utility>

#include "daemon/app/log.h"
#include "daemon/app/version.h"
#include "daemon/journal/acts.h"
#include "daemon/metrics/listen_fault.h"
#include "daemon/pace/prompt_thread.h"
#include "storage/rocks/rocks_backups.h"
#include "storage/rocks/rocks_case_book.h"
#include "storage/rocks/rocks_draw_book.h"
#include "storage/rocks/rocks_trimming.h"

namespace shouwang::app {
namespace {

// For calls under way when the daemon stops. What was handed over is worked off in any case.
constexpr std::chrono::seconds kGrace{3};
// Callers ping idle connections every 20 s to keep them through the firewalls of counties.
constexpr int kFastestPingMs = 10'000;
constexpr int kOwnPingMs = 60'000;
constexpr int kPingTimeoutMs = 20'000;

ingest::IngestBounds BoundsOf(const Config& config) {
  ingest::IngestBounds bounds;
  bounds.shards = config.shards;
  bounds.queue_batches = config.queue_batches;
  bounds.max_reports = config.max_reports;
  bounds.max_values = config.max_values;
  bounds.recent_bytes = config.recent_bytes;
  return bounds;
}

void LogRulebook(const Rulebook& rulebook) {
  spdlog::info("event=rulebook.loaded indicators={} divisions={} sites={} policies={}",
               rulebook.reg.catalogue.All().size(), rulebook.reg.divisions.size(),
               rulebook.reg.sites.All().size(), rulebook.policies.All().size());
}

}  // namespace

class App::FeedListener final : public ingest::TransitionListener {
 public:
  explicit FeedListener(query::WarningFeed* feed) : feed_(feed) {}
  void OnTransitions(std::span<const Warning> transitions) override { feed_->Publish(transitions); }

 private:
  query::WarningFeed* const feed_;
};

absl::StatusOr<std::unique_ptr<App>> App::Start(const Config& config,
                                                std::shared_ptr<const Rulebook> rulebook,
                                                Clock now) {
  std::unique_ptr<App> app(new App(config, std::move(rulebook), std::move(now)));
  if (absl::Status status = app->OpenStore(); !status.ok()) return status;
  if (absl::Status status = app->OpenAudit(); !status.ok()) return status;
  if (absl::Status status = app->OpenBackups(); !status.ok()) return status;
  app->BuildRooms();
  app->BuildAlerts();
  if (absl::Status status = app->Serve(); !status.ok()) return status;
  if (absl::Status status = app->ServeMetrics(); !status.ok()) return status;
  app->reevaluation_->Start();
  app->retention_->Start(app->ingest_.get());
  app->alerts_->Start();
  app->server_->GetHealthCheckService()->SetServingStatus(true);
  spdlog::info("event=ready listen={} grpc_port={} metrics_listen={} metrics_port={}",
               config.listen, app->grpc_port(), config.metrics_listen, app->metrics_port());
  if (!MayBePrompt()) {
    spdlog::info(
        "event=priority.refused message=\"answers may wait some milliseconds for ingest; "
        "a real-time priority limit of 1 (LimitRTPRIO=1) lets them go first\"");
  }
  return app;
}

App::App(const Config& config, std::shared_ptr<const Rulebook> rulebook, Clock now)
    : config_(config),
      now_(std::move(now)),
      started_at_(now_()),
      registry_(std::make_shared<prometheus::Registry>()),
      rulebook_(std::move(rulebook)),
      metrics_(registry_.get()) {
  metrics_.ReloadSucceeded(started_at_);
  LogRulebook(*rulebook_.Get());
}

absl::Status App::OpenStore() {
  RocksOptions options;
  options.path = config_.data_dir;
  options.cache_bytes = static_cast<size_t>(config_.cache_bytes);
  options.write_buffer_bytes = static_cast<size_t>(config_.write_buffer_bytes);
  options.notice = [](const std::string& what) {
    spdlog::error("event=store.fault message={}", Quoted(what));
  };
  auto store = RocksStore::Open(options);
  if (!store.ok()) {
    return absl::Status(store.status().code(),
                        fmt::format("data_dir (--data-dir): {}: {}", config_.data_dir,
                                    std::string(store.status().message())));
  }
  store_ = *std::move(store);
  spdlog::info("event=store.opened data_dir={} engine={}", Quoted(config_.data_dir),
               Quoted(store_->Statistics().engine));
  if (absl::Status bound = store_->BindCatalogue(rulebook_.Get()->reg.catalogue); !bound.ok()) {
    return bound;
  }
  audit_ = std::make_unique<RocksAuditLog>(store_.get());
  deliveries_ = std::make_unique<RocksDeliveries>(store_.get());
  reporters_ = std::make_unique<RocksReporters>(store_.get());
  trimming_ = std::make_unique<RocksTrimming>(store_.get());
  return absl::OkStatus();
}

absl::Status App::OpenAudit() {
  absl::StatusOr<std::optional<std::string>> last = LastPolicyDigest(*audit_);
  // Damage is for a verification to name; then the policies are recorded again.
  if (!last.ok() && !absl::IsDataLoss(last.status())) return last.status();
  if (last.ok()) policy_digest_ = *std::move(last);
  const auto notice = [](std::string_view what) {
    spdlog::error("event=audit.notice message={}", Quoted(what));
  };
  acts_ = std::make_unique<ActJournal>(
      ActJournal::Parts{.log = audit_.get(), .registry = registry_.get(), .notice = notice});
  const std::shared_ptr<const Rulebook> rulebook = rulebook_.Get();
  acts_->Record(StartAct(kVersion, DigestOf(*rulebook), now_()));
  if (policy_digest_ != DigestOf(*rulebook)) {
    acts_->Record(PolicyAct(*rulebook, now_()));
    policy_digest_ = DigestOf(*rulebook);
  }
  journal_ = std::make_unique<ReadJournal>(ReadJournal::Parts{
      .log = audit_.get(), .registry = registry_.get(), .now = now_, .notice = notice});
  retention_ = std::make_unique<RetentionPass>(config_.retention, trimming_.get(), acts_.get(),
                                               &rulebook_, now_, registry_.get());
  return retention_->PutInForceAtStart(rulebook_.Get());
}

absl::Status App::RecordPolicy(const Rulebook& rulebook) {
  std::string digest = DigestOf(rulebook);
  if (policy_digest_ == digest) return absl::OkStatus();
  absl::Status status = acts_->Append(PolicyAct(rulebook, now_()));
  if (status.ok()) policy_digest_ = std::move(digest);
  return status;
}

absl::Status App::OpenBackups() {
  std::unique_ptr<Backups> backups;
  if (!config_.backup_dir.empty()) {
    auto opened = RocksBackups::Open({.directory = config_.backup_dir,
                                      .keep = config_.backup_keep,
                                      .max_bytes_per_second = config_.backup_bytes_per_second},
                                     store_.get());
    if (!opened.ok()) {
      return absl::Status(opened.status().code(),
                          fmt::format("backup.dir: {}", std::string(opened.status().message())));
    }
    backups = *std::move(opened);
  }
  backups_ = std::make_unique<WatchedBackups>(std::move(backups), registry_.get());
  return absl::OkStatus();
}

void App::BuildRooms() {
  case_book_ = std::make_unique<RocksCaseBook>(store_.get());
  desk_ = std::make_unique<cases::CaseDesk>(store_.get(), case_book_.get());
  incidents_ = std::make_unique<incidents::IncidentWatch>(store_.get(), &rulebook_, now_);
  draw_book_ = std::make_unique<RocksDrawBook>(store_.get());
  draw_desk_ = std::make_unique<cases::DrawDesk>(store_.get(), case_book_.get(), desk_.get(),
                                                 draw_book_.get());
  listener_ = std::make_unique<FeedListener>(&feed_);
  ingest_ = std::make_unique<ingest::Ingest>(*store_, rulebook_, now_, BoundsOf(config_),
                                             *registry_, listener_.get());
  reevaluation_ = std::make_unique<Reevaluation>(ingest_.get(), &metrics_);
  query_ = std::make_unique<query::Query>(
      query::QueryParts{.store = store_.get(),
                        .rulebook = &rulebook_,
                        .feed = &feed_,
                        .deliveries = deliveries_.get(),
                        .backups = config_.backup_dir.empty() ? nullptr : backups_.get(),
                        .desk = desk_.get(),
                        .draw_desk = draw_desk_.get(),
                        .reporters = reporters_.get(),
                        .incidents = incidents_.get(),
                        .audit = audit_.get(),
                        .journal = journal_.get(),
                        .acts = acts_.get(),
                        .registry = registry_.get(),
                        .now = now_,
                        .state = [this] { return State(); },
                        .threads = config_.query_threads,
                        .queue_limit = config_.queue_queries});
}

void App::BuildAlerts() {
  alerts_ = std::make_unique<alerts::Alerts>(
      alerts::AlertsSettings{.alertmanagers = config_.alertmanagers,
                             .interval = config_.alerts_interval,
                             .timeout = config_.alerts_timeout,
                             .lifetime = config_.alerts_lifetime,
                             .link = config_.alerts_link,
                             .min_cell = config_.metrics_min_cell,
                             .history_days = config_.alerts_history_days},
      alerts::AlertsParts{.store = store_.get(),
                          .deliveries = deliveries_.get(),
                          .taken_on = &taken_on_,
                          .rulebook = &rulebook_,
                          .registry = registry_.get(),
                          .now = now_,
                          .notice = [](std::string_view what) {
                            spdlog::warn("event=alerts.notice message={}", Quoted(what));
                          }});
}

absl::Status App::Serve() {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  builder.AddListeningPort(config_.listen, grpc::InsecureServerCredentials(), &grpc_port_);
  builder.SetMaxReceiveMessageSize(config_.max_message_bytes);
  // Otherwise a second daemon would share the port instead of being told that it is taken.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kFastestPingMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kOwnPingMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kPingTimeoutMs);
  builder.RegisterService(ingest_->service());
  query_->RegisterWith(&builder);
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || grpc_port_ == 0) {
    return metrics::ListenFault("listen (--listen)", config_.listen);
  }
  server_->GetHealthCheckService()->SetServingStatus(false);
  return absl::OkStatus();
}

absl::Status App::ServeMetrics() {
  const metrics::FigureSettings settings{.depth = config_.metrics_depth,
                                         .min_cell = config_.metrics_min_cell};
  auto snapshot =
      metrics::DivisionSnapshot::Of(settings, store_.get(), &rulebook_, now_, reporters_.get());
  if (!snapshot.ok()) return snapshot.status();
  snapshot_ = *std::move(snapshot);
  // Damage in one place must not keep the daemon from serving the rest.
  if (absl::Status status = snapshot_->Refresh(); !status.ok()) {
    spdlog::error("event=metrics.refresh_failed message={}", Quoted(status));
  }
  auto exposer = metrics::Exposer::Open(config_.metrics_listen);
  if (!exposer.ok()) return exposer.status();
  exposer_ = *std::move(exposer);
  case_snapshot_ = std::make_shared<metrics::CaseSnapshot>(
      settings, metrics::CaseSnapshotParts{.store = store_.get(),
                                           .desk = desk_.get(),
                                           .draws = draw_book_.get(),
                                           .board = &taken_on_,
                                           .rulebook = &rulebook_,
                                           .now = now_});
  incident_figures_ =
      std::make_shared<metrics::IncidentFigures>(settings, incidents_.get(), &rulebook_);
  process_ = std::make_shared<metrics::ProcessMetrics>();
  audit_metrics_ = std::make_shared<AuditMetrics>(audit_.get());
  exposer_->Register(registry_);
  exposer_->Register(snapshot_);
  exposer_->Register(case_snapshot_);
  exposer_->Register(incident_figures_);
  exposer_->Register(process_);
  exposer_->Register(audit_metrics_);
  const auto fault = [](const absl::Status& status) {
    spdlog::warn("event=metrics.refresh_failed message={}", Quoted(status));
  };
  snapshot_->Start(config_.metrics_refresh, fault);
  case_snapshot_->Start(config_.metrics_refresh, fault);
  incidents_->Start(config_.metrics_refresh, [](const absl::Status& status) {
    spdlog::warn("event=incidents.look_failed message={}", Quoted(status));
  });
  return absl::OkStatus();
}

query::DaemonState App::State() const {
  query::DaemonState state;
  state.version = kVersion;
  state.started_at = started_at_;
  state.reevaluating = reevaluation_->running();
  state.reevaluation_progress = reevaluation_->progress();
  absl::MutexLock lock(&mutex_);
  state.reload_error = reload_error_;
  return state;
}

void App::Reload(std::shared_ptr<const Rulebook> rulebook, const Problems& problems) {
  if (!problems.empty()) {
    for (const std::string& problem : problems.messages()) {
      spdlog::error("event=reload.problem message={}", Quoted(problem));
    }
    RefuseReload(std::string(problems.ToStatus().message()));
    return;
  }
  if (absl::Status bound = store_->BindCatalogue(rulebook->reg.catalogue); !bound.ok()) {
    RefuseReload(std::string(bound.message()));
    return;
  }
  LogRulebook(*rulebook);
  // What cannot be recorded is not put in force.
  if (absl::Status status = RecordPolicy(*rulebook); !status.ok()) {
    RefuseReload(std::string(status.message()));
    return;
  }
  if (absl::Status status = retention_->PutInForce(std::move(rulebook)); !status.ok()) {
    policy_digest_.reset();  // the one that stays is recorded again
    RefuseReload(std::string(status.message()));
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    reload_error_.clear();
  }
  metrics_.ReloadSucceeded(now_());
  reevaluation_->Start();
  spdlog::info("event=reload.done");
}

void App::RefuseReload(const std::string& why) {
  metrics_.ReloadRefused();
  spdlog::error("event=reload.refused kept=\"the configuration before\" message={}", Quoted(why));
  acts_->Record(PolicyRefusedAct(why, now_()));
  absl::MutexLock lock(&mutex_);
  reload_error_ = why;
}

App::~App() { Stop(); }

void App::Stop() {
  if (store_ == nullptr) return;
  spdlog::info("event=stopping");
  if (reevaluation_) reevaluation_->Stop();
  if (retention_) retention_->Stop();
  if (alerts_) alerts_->Stop();
  feed_.Close();
  if (backups_ && !config_.backup_dir.empty()) backups_->Stop();
  if (query_) query_->EndLongCalls();
  if (server_) {
    server_->GetHealthCheckService()->SetServingStatus(false);
    server_->Shutdown(std::chrono::system_clock::now() + kGrace);
    server_->Wait();
  }
  if (ingest_) ingest_->Stop();
  if (query_) query_->Stop();
  if (journal_) journal_->Stop();
  if (snapshot_) snapshot_->Stop();
  if (case_snapshot_) case_snapshot_->Stop();
  if (acts_) {
    acts_->Record(StopAct(now_()));
    acts_->Stop();
  }
  if (incidents_) incidents_->Stop();
  alerts_.reset();
  exposer_.reset();
  audit_metrics_.reset();
  process_.reset();
  incident_figures_.reset();
  case_snapshot_.reset();
  snapshot_.reset();
  server_.reset();
  query_.reset();
  reevaluation_.reset();
  ingest_.reset();
  listener_.reset();
  incidents_.reset();
  draw_desk_.reset();
  draw_book_.reset();
  desk_.reset();
  case_book_.reset();
  retention_.reset();
  trimming_.reset();
  reporters_.reset();
  deliveries_.reset();
  journal_.reset();
  acts_.reset();
  audit_.reset();
  backups_.reset();
  store_.reset();
  spdlog::info("event=stopped");
}

}  // namespace shouwang::app
