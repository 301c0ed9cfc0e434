#include "daemon/query/query_metrics.h"

#include <string>

namespace shouwang::query {
namespace {

constexpr std::array<std::string_view, kMethodCount> kMethodNames = {
    "CatalogueService/ListIndicators",
    "CatalogueService/ListDivisions",
    "CatalogueService/ListSites",
    "SeriesService/GetHistory",
    "SeriesService/ListRollups",
    "RiskService/ListWarnings",
    "RiskService/WatchWarnings",
    "RiskService/ExplainSubject",
    "RiskService/ListWorklist",
    "RiskService/ListRules",
    "AdminService/GetStatus",
    "AdminService/CreateBackup",
    "AdminService/ListBackups",
    "AdminService/VerifyBackup",
    "CaseService/GetCase",
    "CaseService/ListCases",
    "CaseService/AdvanceCase",
    "CaseService/AddMeasure",
    "AlertService/ListDeliveries",
    "IncidentService/ListIncidents",
    "IncidentService/GetIncident",
    "FollowUpService/GetPrecision",
    "FollowUpService/ListDraws",
    "FollowUpService/RecordVisit",
    "WhatIfService/WhatIf",
    "AuditService/ListAudit",
    "AuditService/GetAuditHeads",
    "AuditService/VerifyAudit",
    "ScreeningService/Screen",
    "ReportingService/ListReporting",
    "ReportingService/ListSilentHouseholds",
    "ReportingService/ListReporters",
};

constexpr std::array<std::string_view, 17> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

bool IsStream(Method method) {
  return method == Method::kWatchWarnings || method == Method::kCreateBackup ||
         method == Method::kVerifyBackup || method == Method::kWhatIf ||
         method == Method::kScreen || method == Method::kVerifyAudit;
}

}  // namespace

std::string_view MethodName(Method method) { return kMethodNames[static_cast<size_t>(method)]; }

std::string_view CodeName(grpc::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kCodeNames.size() ? kCodeNames[index] : "UNKNOWN";
}

QueryMetrics::QueryMetrics(prometheus::Registry* registry)
    : requests_(prometheus::BuildCounter()
                    .Name("shouwang_rpc_requests_total")
                    .Help("Calls of the query services that ended, by method and status code.")
                    .Register(*registry)) {
  auto& family = prometheus::BuildHistogram()
                     .Name("shouwang_rpc_duration_seconds")
                     .Help("From a call's arrival to its answer, waiting in the queue included.")
                     .Register(*registry);
  for (size_t i = 0; i < kMethodCount; ++i) {
    const std::string name(kMethodNames[i]);
    requests_.Add({{"method", name}, {"code", "OK"}});
    if (IsStream(static_cast<Method>(i))) continue;
    durations_[i] = &family.Add({{"method", name}}, prometheus::Histogram::BucketBoundaries{
                                                        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                        0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10});
  }
}

void QueryMetrics::Count(Method method, grpc::StatusCode code) {
  requests_
      .Add({{"method", std::string(MethodName(method))}, {"code", std::string(CodeName(code))}})
      .Increment();
}

void QueryMetrics::CountTimed(Method method, grpc::StatusCode code,
                              std::chrono::duration<double> duration) {
  Count(method, code);
  if (auto* histogram = durations_[static_cast<size_t>(method)]) {
    histogram->Observe(duration.count());
  }
}

}  // namespace shouwang::query
