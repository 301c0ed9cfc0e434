#include "daemon/query/reading.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "daemon/wire/convert.h"
#include "storage/audit/audit_chain.h"
#include "storage/audit/subject_list.h"
#include "storage/vocabulary/incident.h"

namespace shouwang::query {
namespace {

void Say(AuditRecord* record, std::string_view name, std::string value) {
  record->facts.push_back({std::string(name), std::move(value)});
}
void SayCount(AuditRecord* record, std::string_view name, int64_t value) {
  Say(record, name, std::to_string(value));
}
void SayAsOf(AuditRecord* record, bool has, int64_t ms) {
  if (!has) return;
  const absl::StatusOr<Instant> as_of = wire::InstantFromMs(ms);
  if (as_of.ok()) Say(record, "as_of", ToString(*as_of));
}

void Concern(AuditRecord* record, std::string_view region) {
  const absl::StatusOr<Division> division = Division::Parse(region);
  if (division.ok()) record->region = *division;
}

void ConcernSubject(AuditRecord* record, std::string_view text) {
  const absl::StatusOr<Subject> subject = Subject::Parse(text);
  if (!subject.ok()) return;
  record->subject = *subject;
  record->region = subject->In(DivisionLevel::kTownship);
}

// The smallest division that both lie in.
Division Shared(const Division& a, const Division& b) {
  Division region = a;
  while (!region.Contains(b)) region = region.Parent();
  return region;
}

void ConcernSubjects(AuditRecord* record,
                     const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::vector<Subject> subjects;
  for (const std::string& text : texts) {
    const absl::StatusOr<Subject> subject = Subject::Parse(text);
    if (!subject.ok()) continue;
    const Division township = subject->In(DivisionLevel::kTownship);
    record->region = subjects.empty() ? township : Shared(record->region, township);
    subjects.push_back(*subject);
  }
  SayCount(record, "subjects", texts.size());
  ListSubjects(subjects, record);
}

}  // namespace

AuditRecord ReadingOf(Method method, const Caller& caller) {
  AuditRecord record;
  record.kind = AuditKind::kRead;
  record.actor = caller.actor;
  Say(&record, "call", std::string(MethodName(method)));
  Say(&record, "peer", caller.peer);
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::GetHistoryRequest& request) {
  AuditRecord record = ReadingOf(Method::kGetHistory, caller);
  if (request.subjects_size() == 1) {
    ConcernSubject(&record, request.subjects(0));
  } else {
    ConcernSubjects(&record, request.subjects());
  }
  SayAsOf(&record, request.has_as_of_ms(), request.as_of_ms());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::ListWarningsRequest& request,
                      const v1::ListWarningsResponse& response) {
  AuditRecord record = ReadingOf(Method::kListWarnings, caller);
  Concern(&record, request.filter().region());
  SayCount(&record, "warnings", response.warnings_size());
  SayAsOf(&record, request.has_as_of_ms(), request.as_of_ms());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::WatchWarningsRequest& request) {
  AuditRecord record = ReadingOf(Method::kWatchWarnings, caller);
  Concern(&record, request.filter().region());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::ExplainSubjectRequest& request) {
  AuditRecord record = ReadingOf(Method::kExplainSubject, caller);
  ConcernSubject(&record, request.subject());
  SayAsOf(&record, request.has_as_of_ms(), request.as_of_ms());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::ListWorklistRequest& request,
                      const v1::ListWorklistResponse& response) {
  AuditRecord record = ReadingOf(Method::kListWorklist, caller);
  Concern(&record, request.region());
  int64_t visits = 0;
  for (const v1::TownshipWorklist& township : response.townships()) {
    visits += township.visits_size();
  }
  SayCount(&record, "townships", response.townships_size());
  SayCount(&record, "visits", visits);
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::GetCaseRequest& request) {
  AuditRecord record = ReadingOf(Method::kGetCase, caller);
  ConcernSubject(&record, request.subject());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::ListCasesRequest& request,
                      const v1::ListCasesResponse& response) {
  AuditRecord record = ReadingOf(Method::kListCases, caller);
  Concern(&record, request.region());
  SayCount(&record, "cases", response.cases_size());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::GetIncidentRequest& request,
                      const v1::GetIncidentResponse& response) {
  AuditRecord record = ReadingOf(Method::kGetIncident, caller);
  const absl::StatusOr<IncidentId> id = IncidentId::Parse(request.id());
  if (id.ok()) record.region = id->place.division;
  Say(&record, "incident", response.incident().id());
  SayCount(&record, "members", response.members_size());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::ListSilentHouseholdsRequest& request,
                      const v1::ListSilentHouseholdsResponse& response) {
  AuditRecord record = ReadingOf(Method::kListSilentHouseholds, caller);
  Concern(&record, request.region());
  SayCount(&record, "households", response.households_size());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::ListDrawsRequest& request,
                      const v1::ListDrawsResponse& response) {
  AuditRecord record = ReadingOf(Method::kListDraws, caller);
  Concern(&record, request.region());
  SayCount(&record, "draws", response.draws_size());
  return record;
}

AuditRecord ReadingOf(const Caller& caller, const v1::ScreenRequest& request, int64_t reporters) {
  AuditRecord record = ReadingOf(Method::kScreen, caller);
  Concern(&record, request.region());
  SayCount(&record, "reporters", reporters);
  return record;
}

AuditRecord WhatIfOf(const Caller& caller, const v1::WhatIfRequest& request,
                     const absl::Status& status, const v1::WhatIfSummary* summary) {
  AuditRecord record = ReadingOf(Method::kWhatIf, caller);
  record.kind = AuditKind::kWhatIf;
  Concern(&record, request.region());
  Say(&record, "policy_sha256", HashText(Sha256(request.policy())));
  SayAsOf(&record, request.has_as_of_ms(), request.as_of_ms());
  Say(&record, "outcome",
      status.ok()                 ? "answered"
      : absl::IsCancelled(status) ? "cancelled"
                                  : "refused");
  if (summary == nullptr) return record;
  SayCount(&record, "policy_version", summary->policy_version());
  SayCount(&record, "households", static_cast<int64_t>(summary->households()));
  SayCount(&record, "sites", static_cast<int64_t>(summary->sites()));
  SayCount(&record, "entering", static_cast<int64_t>(summary->counts().entering()));
  SayCount(&record, "leaving", static_cast<int64_t>(summary->counts().leaving()));
  SayCount(&record, "visits", static_cast<int64_t>(summary->counts().visits()));
  SayCount(
      &record, "listed_subjects",
      std::min<int64_t>(request.list_limit(), static_cast<int64_t>(summary->subjects_changed())));
  return record;
}

}  // namespace shouwang::query
