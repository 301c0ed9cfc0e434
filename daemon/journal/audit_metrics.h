// shouwang_audit_entries_total: how many entries were added to the audit trail, by kind, since the
// daemon started. Read from the log at each scrape. Any thread.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

#include "storage/contract/audit_log.h"

namespace shouwang {

class AuditMetrics final : public prometheus::Collectable {
 public:
  // The log outlives it.
  explicit AuditMetrics(const AuditLog* log) : log_(log) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const AuditLog* const log_;
};

}  // namespace shouwang
