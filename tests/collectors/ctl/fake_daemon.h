// A daemon for tests of its CLI: a real gRPC server on a port of the kernel's choice that gives the
// answers put into it and keeps the last requests.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <shouwang/v1/admin.grpc.pb.h>
#include <shouwang/v1/alerts.grpc.pb.h>
#include <shouwang/v1/audit.grpc.pb.h>
#include <shouwang/v1/case.grpc.pb.h>
#include <shouwang/v1/catalogue.grpc.pb.h>
#include <shouwang/v1/follow_up.grpc.pb.h>
#include <shouwang/v1/incident.grpc.pb.h>
#include <shouwang/v1/reporting.grpc.pb.h>
#include <shouwang/v1/risk.grpc.pb.h>
#include <shouwang/v1/screening.grpc.pb.h>
#include <shouwang/v1/series.grpc.pb.h>
#include <shouwang/v1/whatif.grpc.pb.h>

#include <memory>
#include <string>
#include <vector>

namespace shouwang::ctl {

class FakeDaemon final : v1::CatalogueService::Service,
                         v1::SeriesService::Service,
                         v1::RiskService::Service,
                         v1::CaseService::Service,
                         v1::FollowUpService::Service,
                         v1::AdminService::Service,
                         v1::AlertService::Service,
                         v1::AuditService::Service,
                         v1::IncidentService::Service,
                         v1::ReportingService::Service,
                         v1::WhatIfService::Service,
                         v1::ScreeningService::Service {
 public:
  FakeDaemon() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(static_cast<v1::CatalogueService::Service*>(this));
    builder.RegisterService(static_cast<v1::SeriesService::Service*>(this));
    builder.RegisterService(static_cast<v1::RiskService::Service*>(this));
    builder.RegisterService(static_cast<v1::CaseService::Service*>(this));
    builder.RegisterService(static_cast<v1::FollowUpService::Service*>(this));
    builder.RegisterService(static_cast<v1::AdminService::Service*>(this));
    builder.RegisterService(static_cast<v1::AlertService::Service*>(this));
    builder.RegisterService(static_cast<v1::AuditService::Service*>(this));
    builder.RegisterService(static_cast<v1::IncidentService::Service*>(this));
    builder.RegisterService(static_cast<v1::ReportingService::Service*>(this));
    builder.RegisterService(static_cast<v1::WhatIfService::Service*>(this));
    builder.RegisterService(static_cast<v1::ScreeningService::Service*>(this));
    server_ = builder.BuildAndStart();
  }
  ~FakeDaemon() override { Stop(); }
  void Stop() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // Two divisions in two pages.
  std::vector<v1::Division> divisions;
  std::vector<v1::Warning> warnings;
  v1::GetHistoryResponse history;
  v1::ListRollupsResponse rollups;
  v1::ExplainSubjectResponse explanation;
  std::vector<v1::Case> cases;  // the first is the one that is shown and changed
  std::vector<v1::CaseEvent> case_events;
  std::vector<v1::ExitCondition> case_exit;
  std::vector<v1::TownshipWorklist> townships;  // one a page
  v1::GetStatusResponse status;
  std::vector<v1::Backup> backups;  // the last is the one that is taken or verified
  grpc::Status failure;             // of GetHistory, of backups, of changes to cases, of WhatIf

  v1::ListReportingResponse reporting;
  std::vector<v1::SilentHousehold> silent;  // one a page
  std::vector<v1::Reporter> reporters;      // one a page
  std::vector<v1::Delivery> deliveries;
  std::vector<v1::Incident> incidents;  // the first is the one that is shown
  v1::ListIncidentsResponse looked;     // what every page says beside them
  google::protobuf::RepeatedPtrField<v1::IncidentMonth> incident_months;
  google::protobuf::RepeatedPtrField<v1::IncidentMember> incident_members;
  std::vector<v1::WhatIfResponse> whatif;
  std::vector<v1::AuditEntry> audit_entries;  // one a page
  uint64_t audit_unreadable = 0;              // of every page
  v1::GetAuditHeadsResponse audit_heads;
  std::vector<v1::VerifyAuditResponse> audit_verified;
  std::vector<v1::ScreenResponse> screening;

  std::vector<v1::ListDivisionsRequest> divisions_requests;
  std::vector<v1::ListDeliveriesRequest> deliveries_requests;
  std::vector<v1::ListWarningsRequest> warnings_requests;
  std::vector<v1::GetHistoryRequest> history_requests;
  v1::ListRollupsRequest rollups_request;
  v1::ExplainSubjectRequest explain_request;
  std::vector<v1::ListWorklistRequest> worklist_requests;
  v1::VerifyBackupRequest verify_request;
  std::vector<v1::ListCasesRequest> cases_requests;
  v1::AdvanceCaseRequest advance_request;
  v1::GetPrecisionResponse precision;
  v1::GetPrecisionRequest precision_request;
  std::vector<v1::TownshipDraw> draws;  // one a page
  std::vector<v1::ListDrawsRequest> draws_requests;
  v1::RecordVisitRequest visit_request;
  v1::AddMeasureRequest measure_request;
  v1::WhatIfRequest whatif_request;
  std::vector<v1::ListAuditRequest> audit_requests;
  v1::VerifyAuditRequest audit_verify_request;
  std::string actor;  // that the last call of AuditService named
  std::vector<v1::ListIncidentsRequest> incidents_requests;
  v1::GetIncidentRequest incident_request;
  v1::ScreenRequest screen_request;
  v1::ListReportingRequest reporting_request;
  std::vector<v1::ListSilentHouseholdsRequest> silent_requests;
  std::vector<v1::ListReportersRequest> reporters_requests;

 private:
  using Context = grpc::ServerContext;

  // A page of at most `size` from the position that the token names.
  template <typename T, typename Add>
  static std::string Page(const std::vector<T>& all, const std::string& token, size_t size,
                          Add add) {
    size_t at = token.empty() ? 0 : std::stoul(token);
    for (size_t i = 0; i < size && at < all.size(); ++i) add(all[at++]);
    return at < all.size() ? std::to_string(at) : "";
  }

  grpc::Status ListDivisions(Context*, const v1::ListDivisionsRequest* in,
                             v1::ListDivisionsResponse* out) override {
    divisions_requests.push_back(*in);
    out->set_next_page_token(
        Page(divisions, in->page_token(), 1,
             [&](const v1::Division& division) { *out->add_divisions() = division; }));
    return grpc::Status::OK;
  }
  grpc::Status ListWarnings(Context*, const v1::ListWarningsRequest* in,
                            v1::ListWarningsResponse* out) override {
    warnings_requests.push_back(*in);
    const size_t size = std::min<size_t>(in->page_size(), 2);
    out->set_next_page_token(
        Page(warnings, in->page_token(), size,
             [&](const v1::Warning& warning) { *out->add_warnings() = warning; }));
    return grpc::Status::OK;
  }
  grpc::Status ListDeliveries(Context*, const v1::ListDeliveriesRequest* in,
                              v1::ListDeliveriesResponse* out) override {
    deliveries_requests.push_back(*in);
    const size_t size = std::min<size_t>(in->page_size(), 2);
    out->set_next_page_token(
        Page(deliveries, in->page_token(), size,
             [&](const v1::Delivery& delivery) { *out->add_deliveries() = delivery; }));
    return grpc::Status::OK;
  }
  grpc::Status ListIncidents(Context*, const v1::ListIncidentsRequest* in,
                             v1::ListIncidentsResponse* out) override {
    incidents_requests.push_back(*in);
    *out = looked;
    const size_t size = std::min<size_t>(in->page_size(), 2);
    out->set_next_page_token(
        Page(incidents, in->page_token(), size,
             [&](const v1::Incident& incident) { *out->add_incidents() = incident; }));
    return grpc::Status::OK;
  }
  grpc::Status GetIncident(Context*, const v1::GetIncidentRequest* in,
                           v1::GetIncidentResponse* out) override {
    incident_request = *in;
    *out->mutable_incident() = incidents.front();
    *out->mutable_months() = incident_months;
    const std::vector<v1::IncidentMember> members(incident_members.begin(), incident_members.end());
    const size_t size = std::min<size_t>(in->page_size(), 2);
    out->set_next_page_token(
        Page(members, in->page_token(), size,
             [&](const v1::IncidentMember& member) { *out->add_members() = member; }));
    return grpc::Status::OK;
  }
  grpc::Status WatchWarnings(Context*, const v1::WatchWarningsRequest*,
                             grpc::ServerWriter<v1::WatchWarningsResponse>* stream) override {
    for (const v1::Warning& warning : warnings) {
      v1::WatchWarningsResponse response;
      *response.mutable_warning() = warning;
      stream->Write(response);
    }
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "10000 changes behind; list again"};
  }
  grpc::Status ExplainSubject(Context*, const v1::ExplainSubjectRequest* in,
                              v1::ExplainSubjectResponse* out) override {
    explain_request = *in;
    *out = explanation;
    return grpc::Status::OK;
  }
  grpc::Status ListWorklist(Context*, const v1::ListWorklistRequest* in,
                            v1::ListWorklistResponse* out) override {
    worklist_requests.push_back(*in);
    out->set_policy_version(202601);
    out->set_date(20'731);
    out->set_next_page_token(
        Page(townships, in->page_token(), 1,
             [&](const v1::TownshipWorklist& township) { *out->add_townships() = township; }));
    return grpc::Status::OK;
  }
  grpc::Status GetHistory(Context*, const v1::GetHistoryRequest* in,
                          v1::GetHistoryResponse* out) override {
    history_requests.push_back(*in);
    if (!failure.ok()) return failure;
    *out = history;
    return grpc::Status::OK;
  }
  grpc::Status ListRollups(Context*, const v1::ListRollupsRequest* in,
                           v1::ListRollupsResponse* out) override {
    rollups_request = *in;
    *out = rollups;
    return grpc::Status::OK;
  }
  grpc::Status ListCases(Context*, const v1::ListCasesRequest* in,
                         v1::ListCasesResponse* out) override {
    cases_requests.push_back(*in);
    const size_t size = std::min<size_t>(in->page_size(), 1);
    out->set_next_page_token(Page(cases, in->page_token(), size,
                                  [&](const v1::Case& record) { *out->add_cases() = record; }));
    return grpc::Status::OK;
  }
  grpc::Status GetCase(Context*, const v1::GetCaseRequest*, v1::GetCaseResponse* out) override {
    *out->mutable_case_() = cases.front();
    for (const v1::CaseEvent& event : case_events) *out->add_events() = event;
    for (const v1::ExitCondition& condition : case_exit) *out->add_exit() = condition;
    return grpc::Status::OK;
  }
  grpc::Status AdvanceCase(Context*, const v1::AdvanceCaseRequest* in,
                           v1::AdvanceCaseResponse* out) override {
    advance_request = *in;
    if (failure.ok()) *out->mutable_case_() = cases.front();
    return failure;
  }
  grpc::Status AddMeasure(Context*, const v1::AddMeasureRequest* in,
                          v1::AddMeasureResponse* out) override {
    measure_request = *in;
    if (failure.ok()) *out->mutable_case_() = cases.front();
    return failure;
  }
  grpc::Status ListReporting(Context*, const v1::ListReportingRequest* in,
                             v1::ListReportingResponse* out) override {
    reporting_request = *in;
    *out = reporting;
    return failure;
  }
  grpc::Status ListSilentHouseholds(Context*, const v1::ListSilentHouseholdsRequest* in,
                                    v1::ListSilentHouseholdsResponse* out) override {
    silent_requests.push_back(*in);
    out->set_on(20'772);
    out->set_next_page_token(
        Page(silent, in->page_token(), 1,
             [&](const v1::SilentHousehold& household) { *out->add_households() = household; }));
    return grpc::Status::OK;
  }
  grpc::Status ListReporters(Context*, const v1::ListReportersRequest* in,
                             v1::ListReportersResponse* out) override {
    reporters_requests.push_back(*in);
    out->set_next_page_token(
        Page(reporters, in->page_token(), 1,
             [&](const v1::Reporter& reporter) { *out->add_reporters() = reporter; }));
    return grpc::Status::OK;
  }
  grpc::Status GetPrecision(Context*, const v1::GetPrecisionRequest* in,
                            v1::GetPrecisionResponse* out) override {
    precision_request = *in;
    *out = precision;
    return grpc::Status::OK;
  }
  grpc::Status ListDraws(Context*, const v1::ListDrawsRequest* in,
                         v1::ListDrawsResponse* out) override {
    draws_requests.push_back(*in);
    out->set_next_page_token(Page(draws, in->page_token(), 1,
                                  [&](const v1::TownshipDraw& draw) { *out->add_draws() = draw; }));
    return grpc::Status::OK;
  }
  grpc::Status RecordVisit(Context*, const v1::RecordVisitRequest* in,
                           v1::RecordVisitResponse* out) override {
    visit_request = *in;
    if (failure.ok()) {
      *out->mutable_household() = draws.front().drawn(0);
      out->mutable_household()->add_visits()->set_outcome(in->outcome());
    }
    return failure;
  }
  grpc::Status GetStatus(Context*, const v1::GetStatusRequest*,
                         v1::GetStatusResponse* out) override {
    *out = status;
    return grpc::Status::OK;
  }

  template <typename Response>
  grpc::Status Progress(grpc::ServerWriter<Response>* stream) const {
    Response response;
    response.set_bytes_total(100);
    stream->Write(response);
    if (!failure.ok()) return failure;
    response.set_bytes_done(100);
    *response.mutable_backup() = backups.back();
    stream->Write(response);
    return grpc::Status::OK;
  }
  grpc::Status CreateBackup(Context*, const v1::CreateBackupRequest*,
                            grpc::ServerWriter<v1::CreateBackupResponse>* stream) override {
    return Progress(stream);
  }
  grpc::Status VerifyBackup(Context*, const v1::VerifyBackupRequest* in,
                            grpc::ServerWriter<v1::VerifyBackupResponse>* stream) override {
    verify_request = *in;
    return Progress(stream);
  }
  grpc::Status ListBackups(Context*, const v1::ListBackupsRequest*,
                           v1::ListBackupsResponse* out) override {
    for (const v1::Backup& backup : backups) *out->add_backups() = backup;
    return failure;
  }

  void NoteActor(const Context* context) {
    const auto it = context->client_metadata().find("shouwang-actor");
    actor = it == context->client_metadata().end()
                ? ""
                : std::string(it->second.data(), it->second.size());
  }
  grpc::Status ListAudit(Context* context, const v1::ListAuditRequest* in,
                         v1::ListAuditResponse* out) override {
    NoteActor(context);
    audit_requests.push_back(*in);
    const size_t size = in->latest() ? in->page_size() : 1;
    out->set_next_page_token(
        Page(audit_entries, in->page_token(), size,
             [&](const v1::AuditEntry& entry) { *out->add_entries() = entry; }));
    out->set_unreadable(audit_unreadable);
    return failure;
  }
  grpc::Status GetAuditHeads(Context*, const v1::GetAuditHeadsRequest*,
                             v1::GetAuditHeadsResponse* out) override {
    *out = audit_heads;
    return failure;
  }
  grpc::Status VerifyAudit(Context* context, const v1::VerifyAuditRequest* in,
                           grpc::ServerWriter<v1::VerifyAuditResponse>* stream) override {
    NoteActor(context);
    audit_verify_request = *in;
    for (const v1::VerifyAuditResponse& response : audit_verified) stream->Write(response);
    return failure;
  }

  grpc::Status WhatIf(Context*, const v1::WhatIfRequest* in,
                      grpc::ServerWriter<v1::WhatIfResponse>* stream) override {
    whatif_request = *in;
    for (const v1::WhatIfResponse& response : whatif) stream->Write(response);
    return failure;
  }

  grpc::Status Screen(Context*, const v1::ScreenRequest* in,
                      grpc::ServerWriter<v1::ScreenResponse>* stream) override {
    screen_request = *in;
    for (const v1::ScreenResponse& response : screening) stream->Write(response);
    return failure;
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace shouwang::ctl
