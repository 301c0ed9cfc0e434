// The answers of IncidentService, from the last look (daemon/incidents/watch.h); members are read
// from the store. Pure but for that; any thread.
#pragma once

#include <shouwang/v1/incident.pb.h>

#include <functional>

#include "absl/status/status.h"
#include "daemon/incidents/watch.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

inline constexpr size_t kDefaultIncidentsPage = 100;
inline constexpr size_t kMaxIncidentsPage = 1'000;
inline constexpr size_t kDefaultMembersPage = 100;
inline constexpr size_t kMaxMembersPage = 10'000;

// Of both: InvalidArgument names the fields at fault; Unavailable where `look` is null.
absl::Status AnswerListIncidents(const incidents::Look* look, const Rulebook& rulebook, Date today,
                                 const v1::ListIncidentsRequest& request,
                                 v1::ListIncidentsResponse* response);
// Cancelled once `cancelled` says so.
absl::Status AnswerGetIncident(const incidents::Look* look, const Store& store,
                               const Rulebook& rulebook, const v1::GetIncidentRequest& request,
                               const std::function<bool()>& cancelled,
                               v1::GetIncidentResponse* response);

}  // namespace shouwang::query
