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

grpc::ServerWriteReactor<v1::CreateBackupResponse>* AdminService::CreateBackup(
    grpc::CallbackServerContext* context, const v1::CreateBackupRequest*) {
  return backups_->Create(CallerOf(*context));
}

grpc::ServerUnaryReactor* AdminService::ListBackups(grpc::CallbackServerContext* context,
                                                    const v1::ListBackupsRequest*,
                                                    v1::ListBackupsResponse* response) {
  return runner_->Run(context, Method::kListBackups,
                      [this, response] { return backups_->List(response); });
}

grpc::ServerWriteReactor<v1::VerifyBackupResponse>* AdminService::VerifyBackup(
    grpc::CallbackServerContext* context, const v1::VerifyBackupRequest* request) {
  return backups_->Verify(CallerOf(*context), request->id());
}

absl::Status AdminService::FillStatus(v1::GetStatusResponse* response) const {
  const std::shared_ptr<const Rulebook> rulebook = rulebook_->Get();
  int64_t households = 0;
  int64_t observations = 0;
  int64_t warnings = 0;
  absl::Status read =
      store_->ScanTallies(RollupView::kSettlement, Division(), [&](const Tally& tally) {
        households += tally.households;
        observations += tally.observations;
        for (const Tally::OpenWarnings& open : tally.warnings) warnings += open.count;
      });
  // An operator needs the rest of the answer most where something is damaged.
  if (absl::IsDataLoss(read)) {
    response->set_figures_damage(std::string(read.message()));
  } else if (!read.ok()) {
    return read;
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
  response->set_damage(statistics.damage);
  response->set_failed_compactions(statistics.failed_compactions);
  return absl::OkStatus();
}

}  // namespace shouwang::query
