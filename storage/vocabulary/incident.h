// An incident (事件): an excess of new warnings of one kind at one place, against the place's own
// past and its neighbours: a flood, a closed workshop, a fallen price. One incident with its
// members, not an alert for each of them. What is one is daemon/incidents' business; these are the
// words for it.
//
// Values; any thread.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/subject.h"
#include "storage/vocabulary/warning.h"

namespace shouwang {

// A division, or a site: then `division` is the site's township.
struct IncidentPlace {
  Division division;
  Subject site;  // number 0: the division itself
  bool IsSite() const { return site.number != 0; }
  // Whether `region` contains all of it.
  bool In(const Division& region) const { return region.Contains(division); }
  // "520502001" or "520502001/S3".
  std::string ToString() const;
  friend auto operator<=>(const IncidentPlace&, const IncidentPlace&) = default;
};

// Names an incident for ever, as long as the observations and the policy stay what they are.
struct IncidentId {
  Month first;
  IncidentPlace place;
  RiskKind kind = RiskKind::kIncome;
  // "520502001:disaster:2026-07".
  std::string ToString() const;
  // InvalidArgument for what ToString would not write.
  static absl::StatusOr<IncidentId> Parse(std::string_view text);
  // By first month, then place, then kind.
  friend auto operator<=>(const IncidentId&, const IncidentId&) = default;
};

// One month of a place beside its neighbours, which are the rest of the division above it.
struct IncidentMonth {
  Month month;
  int64_t observed = 0;  // subjects newly warned of the kind
  double exposure = 0;   // household-months that the reports of the month tell of
  int64_t neighbours_observed = 0;
  double neighbours_exposure = 0;
  // Of a month that was judged and had an excess, else 0: what was expected, the probability of so
  // many or more by chance, and the false-discovery rate at which it is still told.
  double expected = 0;
  double p_value = 1;
  double q_value = 1;
  bool excess = false;
  friend bool operator==(const IncidentMonth&, const IncidentMonth&) = default;
};

struct Incident {
  IncidentId id;
  Month last;         // with an excess
  bool open = false;  // not yet over
  // The months from `first` to `last`.
  int64_t observed = 0;
  double expected = 0;
  // Of the month that is least by chance.
  double p_value = 1;
  double q_value = 1;
  // Of a place that went on as part of a wider incident: that one's id; else empty.
  std::string part_of;
  // The place's past and what followed, oldest first.
  std::vector<IncidentMonth> months;
  friend bool operator==(const Incident&, const Incident&) = default;
};

}  // namespace shouwang
