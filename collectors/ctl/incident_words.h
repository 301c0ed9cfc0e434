// Incidents as text for people and as JSON. Pure functions; any thread.
#pragma once

#include <shouwang/v1/incident.pb.h>

#include <string>
#include <vector>

#include "collectors/ctl/session.h"

namespace shouwang::ctl {

Json IncidentJson(const v1::Incident& incident);
// With months and members.
Json IncidentJson(const v1::GetIncidentResponse& response);

// "25 households newly warned where 0.8 were to be expected, 31 times as many; by chance less often
// than
// ..."; one sentence.
std::string IncidentSentence(const v1::Incident& incident, Language language);
// The place beside its neighbours: rates before and in the incident, per thousand household-months.
std::string NeighboursSentence(const v1::GetIncidentResponse& response, Language language);
// "open", "over" or "part of ...".
std::string IncidentState(const v1::Incident& incident, Language language);

}  // namespace shouwang::ctl
