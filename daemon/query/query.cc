#include "daemon/query/query.h"

namespace shouwang::query {

Query::Query(const QueryParts& parts)
    : serves_cases_(parts.desk != nullptr),
      follows_up_(parts.desk != nullptr && parts.draw_desk != nullptr),
      metrics_(parts.registry),
      pool_(parts.threads, parts.queue_limit),
      runner_(&pool_, &metrics_),
      backups_(parts.backups, &metrics_),
      catalogue_(parts.store, parts.rulebook, &runner_),
      series_(parts.store, parts.rulebook, parts.now, &runner_),
      risk_(parts.store, parts.rulebook, parts.feed, parts.now, &runner_, &metrics_),
      cases_(parts.desk, parts.rulebook, parts.now, &runner_),
      follow_up_(parts.desk, parts.draw_desk, parts.rulebook, parts.now, &runner_),
      admin_(parts.store, parts.rulebook, parts.state, parts.now, &backups_, &runner_),
      alerts_(parts.deliveries, parts.rulebook, &runner_),
      whatif_(parts.store, parts.rulebook, parts.now, parts.threads, &metrics_) {}

void Query::Stop() {
  whatif_.Stop();
  backups_.Stop();
  pool_.Stop();
}

void Query::RegisterWith(grpc::ServerBuilder* builder) {
  builder->RegisterService(&catalogue_);
  builder->RegisterService(&series_);
  builder->RegisterService(&risk_);
  if (serves_cases_) builder->RegisterService(&cases_);
  if (follows_up_) builder->RegisterService(&follow_up_);
  builder->RegisterService(&admin_);
  builder->RegisterService(&alerts_);
  builder->RegisterService(&whatif_);
}

}  // namespace shouwang::query
