// Finds incidents: judges every place, kind of risk and month against its past and its neighbours
// (kind_model.h), tells what is an excess at a bounded false-discovery rate over all tests of the
// month (false_discovery.h), tells each excess once (attribution.h), and follows it (chronicle.h).
//
// Of a month nothing is used but it and those before, so a month that is over keeps what was told
// of it unless a report about it, or before it, comes in later. Pure: the same table and policy,
// the same findings. Any thread. Time: places x kinds x months, some 10^7 steps for a province.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "daemon/incidents/counted_months.h"
#include "daemon/incidents/onset_table.h"
#include "daemon/risk/incident_policy.h"

namespace shouwang::incidents {

// Months of its past that the top of the tree needs before it is judged, as it has no neighbours to
// tell it of the seasons.
inline constexpr int kLeastPastMonthsOfTop = 12;

// A policy takes effect after another one.
struct PolicyChange {
  Month month;
  std::vector<RiskKind> kinds;  // whose rules are other ones than before
};

struct Findings {
  Month through;                    // the table's last month
  std::vector<Incident> incidents;  // by id
  size_t left_out = 0;              // past kMaxIncidents
  CountedMonths counted;
  // Of the last month.
  int64_t judged = 0;    // places
  int64_t unjudged = 0;  // that have households, but too little past or no reports
  uint64_t tests = 0;    // places judged, times the kinds that they are judged of
};

// In the month of a change the top of the tree is not judged, as what a new line brings in has no
// neighbours without it, and nothing is learnt. Of a kind whose rules are other ones the top's past
// starts anew then.
Findings FindIncidents(const OnsetTable& table, const risk::IncidentPolicy& policy,
                       std::span<const PolicyChange> changes);

// How many months a table must have: those that are kept, and before them enough to learn from.
int MonthsToRead(const risk::IncidentPolicy& policy);

}  // namespace shouwang::incidents
