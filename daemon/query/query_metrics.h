// What this room counts. Every method has its series from start-up on.
#pragma once

#include <grpcpp/support/status.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <string_view>

namespace shouwang::query {

enum class Method {
  kListIndicators,
  kListDivisions,
  kListSites,
  kGetHistory,
  kListRollups,
  kListWarnings,
  kWatchWarnings,
  kExplainSubject,
  kListWorklist,
  kListRules,
  kGetStatus,
  kCreateBackup,
  kListBackups,
  kVerifyBackup,
  kGetCase,
  kListCases,
  kAdvanceCase,
  kAddMeasure,
  kListDeliveries,
  kListIncidents,
  kGetIncident,
  kGetPrecision,
  kListDraws,
  kRecordVisit,
  kWhatIf,
  kListAudit,
  kGetAuditHeads,
  kVerifyAudit,
  kScreen,
  kListReporting,
  kListSilentHouseholds,
  kListReporters,
};
inline constexpr size_t kMethodCount = 32;

// "RiskService/ListWarnings".
std::string_view MethodName(Method method);
// "OK", "INVALID_ARGUMENT", ...: gRPC's own spelling.
std::string_view CodeName(grpc::StatusCode code);

// Any thread. The registry outlives it.
class QueryMetrics {
 public:
  explicit QueryMetrics(prometheus::Registry* registry);

  // One call that ended. Streams have no duration: a watch ends when its reader leaves, and a
  // backup, a what-if or a screening would tell nothing about queries.
  void Count(Method method, grpc::StatusCode code);
  void CountTimed(Method method, grpc::StatusCode code, std::chrono::duration<double> duration);

 private:
  prometheus::Family<prometheus::Counter>& requests_;
  std::array<prometheus::Histogram*, kMethodCount> durations_{};
};

}  // namespace shouwang::query
