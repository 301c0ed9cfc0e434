// The store's backups, with every outcome in the log and in the scrape. Threads and failures: those
// of the backups it passes on. The registry outlives it.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>
#include <vector>

#include "storage/contract/backups.h"

namespace shouwang::app {

class WatchedBackups final : public Backups {
 public:
  // `backups` may be nullptr (none are configured): its figures are then 0, and nothing else may be
  // called.
  WatchedBackups(std::unique_ptr<Backups> backups, prometheus::Registry* registry);

  absl::StatusOr<Backup> Create(Progress progress) override;
  std::vector<Backup> List() const override { return backups_->List(); }
  absl::StatusOr<Backup> Verify(uint32_t id, Progress progress) override;
  void Stop() override { backups_->Stop(); }

 private:
  void Show(const Backup& latest);

  const std::unique_ptr<Backups> backups_;
  prometheus::Gauge& configured_;
  prometheus::Gauge& taken_at_;
  prometheus::Gauge& bytes_;
  prometheus::Gauge& duration_;
  prometheus::Family<prometheus::Counter>& outcomes_;
};

}  // namespace shouwang::app
