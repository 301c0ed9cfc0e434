#include "daemon/journal/audit_metrics.h"

#include <map>
#include <string>
#include <utility>

namespace shouwang {

std::vector<prometheus::MetricFamily> AuditMetrics::Collect() const {
  const std::map<AuditKind, uint64_t> added = log_->Added();
  prometheus::MetricFamily family;
  family.name = "shouwang_audit_entries_total";
  family.help = "Entries added to the audit trail, by kind.";
  family.type = prometheus::MetricType::Counter;
  for (const AuditKind kind : AllAuditKinds()) {
    prometheus::ClientMetric metric;
    metric.label = {{"kind", std::string(AuditKindName(kind))}};
    const auto it = added.find(kind);
    metric.counter.value = it == added.end() ? 0 : static_cast<double>(it->second);
    family.metric.push_back(std::move(metric));
  }
  return {std::move(family)};
}

}  // namespace shouwang
