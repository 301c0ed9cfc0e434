#include "daemon/query/admin_service.h"

#include <memory>

#include "daemon/query/answers.h"
#include "daemon/wire/convert.h"

namespace shouwang::query {

grpc::ServerUnaryReactor* AdminService::GetStatus(grpc::CallbackServerContext* context,
                                                  const v1::GetStatusRequest*,
                                                  v1::GetStatusResponse* response) {
  return runner_->Run(context, Method::kGetStatus,
                      [this, response] { return FillStatus(response); });
}

absl::Status AdminService::FillStatus(v1::GetStatusResponse* response) const {
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  const auto tallies = store_->ReadTallies(RollupView::kSettlement, Division());
  if (!tallies.ok()) return tallies.status();
  int64_t households = 0;
  int64_t observations = 0;
  int64_t warnings = 0;
  for (const Tally& tally : *tallies) {
    households += tally.households;
    observations += tally.observations;
    for (const Tally::OpenWarnings& open : tally.warnings) warnings += open.count;
  }
  const DaemonState state = state_();
  response->set_version(state.version);
  response->set_started_at_ms(wire::ToMs(state.started_at));
  response->set_divisions(rulebook->reg.divisions.size());
  response->set_sites(rulebook->reg.sites.All().size());
  response->set_indicators(rulebook->reg.catalogue.All().size());
  response->set_households(static_cast<uint64_t>(households));
  response->set_observations(static_cast<uint64_t>(observations));
  response->set_warnings_open(static_cast<uint64_t>(warnings));
  const risk::Policy& policy = rulebook->policies.InForce(DateOf(now_()));
  response->set_policy_version(policy.version);
  response->set_policy_title(policy.title_zh);
  response->set_reevaluating(state.reevaluating);
  response->set_reevaluation_progress(state.reevaluation_progress);
  const StoreStatistics statistics = store_->Statistics();
  response->set_batches(statistics.batches);
  response->set_store_engine(statistics.engine);
  response->set_store_bytes(statistics.bytes_on_disk);
  response->set_reload_error(state.reload_error);
  response->set_writable(statistics.read_only_reason.empty());
  response->set_read_only_reason(statistics.read_only_reason);
  return absl::OkStatus();
}

}  // namespace shouwang::query
