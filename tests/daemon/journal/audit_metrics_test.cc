#include "daemon/journal/audit_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/memory/memory_audit_log.h"

namespace shouwang {
namespace {

TEST(AuditMetricsTest, EveryKindHasItsSeriesFromTheStart) {
  MemoryAuditLog log;
  const AuditMetrics metrics(&log);
  AuditRecord record;
  record.kind = AuditKind::kStart;
  ASSERT_TRUE(log.Append({AuditChainKind::kAdmin, {}}, {&record, 1}).ok());
  const auto families = metrics.Collect();
  ASSERT_EQ(families.size(), 1u);
  EXPECT_EQ(families[0].name, "shouwang_audit_entries_total");
  ASSERT_EQ(families[0].metric.size(), 14u);
  double total = 0;
  for (const auto& metric : families[0].metric) {
    total += metric.counter.value;
    EXPECT_EQ(metric.counter.value, metric.label[0].value == "start" ? 1 : 0);
  }
  EXPECT_EQ(total, 1);
}

}  // namespace
}  // namespace shouwang
