// What one commit writes: all of it or nothing. Filled by ingest (and by a re-evaluation after a
// policy change), applied by a Store. Everything in it is already decided: which value stands, what
// it replaced, which warnings follow, by how much each count moves. A store applies; it never
// judges.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "storage/vocabulary/histogram.h"
#include "storage/vocabulary/history.h"
#include "storage/vocabulary/observation_list.h"
#include "storage/vocabulary/site.h"
#include "storage/vocabulary/warning.h"

namespace shouwang {

// One batch that was taken in. `receipt` is opaque to the store and given back for a repeat of
// `request_id`.
struct BatchRecord {
  uint64_t number = 0;  // from Store::ReserveBatchNumbers
  std::string request_id;
  Division township;
  std::string collector;
  Source source = Source::kCadreVisit;
  Instant reported_at;
  Instant known_at;
  std::string receipt;
};

// A value that does not stand (or no longer): kept for "as known on". For a value that was current,
// `until` is the known_at of what replaced it; for one that came in too late to become current,
// until equals its own known_at.
struct SupersededValue {
  Observation observation;
  Instant until;
  friend bool operator==(const SupersededValue&, const SupersededValue&) = default;
};

// What a count is taken over. A relocated household counts once in each view.
enum class RollupView : uint8_t {
  kSettlement = 0,  // where subjects live; `division` is a township
  kOrigin = 1,      // where relocated households came from; `division` is a township
  kSite = 2,        // the site's own community; `site` names it
};

// The place that a rollup or a tally is kept for.
struct RollupPlace {
  RollupView view = RollupView::kSettlement;
  Division township;  // kSettlement, kOrigin: of township level. kSite: the site's township
  Subject site;       // kSite only
  friend auto operator<=>(const RollupPlace&, const RollupPlace&) = default;
};

// Change of the sum and count of one indicator's values in one month. `indicator` kAnyIndicator
// counts households with any observation then (sum unused); more: storage/vocabulary/reporting.h.
struct RollupDelta {
  RollupPlace place;
  IndicatorId indicator = 0;
  Month month;
  int64_t count = 0;
  int64_t sum = 0;  // scaled by the indicator's decimals
  friend auto operator<=>(const RollupDelta&, const RollupDelta&) = default;
};

struct RollupCell {
  RollupPlace place;
  IndicatorId indicator = 0;
  Month month;
  int64_t count = 0;
  int64_t sum = 0;
  friend auto operator<=>(const RollupCell&, const RollupCell&) = default;
};

// The place that a histogram is kept for: a township, the county that it lies in, or a site.
struct HistogramPlace {
  RollupView view = RollupView::kSettlement;
  Division division;  // kSettlement, kOrigin: of township or county level. kSite: its township
  Subject site;       // kSite only
  friend auto operator<=>(const HistogramPlace&, const HistogramPlace&) = default;
};

// How the values of one indicator in one month are spread over a place; as a delta, by how much
// that changes. Of kAnyIndicator, the delays of households (storage/vocabulary/reporting.h).
struct PlaceHistogram {
  HistogramPlace place;
  IndicatorId indicator = 0;
  Month month;
  Histogram histogram;
  friend auto operator<=>(const PlaceHistogram&, const PlaceHistogram&) = default;
};

// Running counts of a place. As a delta, every field is a change, except the latest_* ones, of
// which the later stands.
struct Tally {
  RollupPlace place;
  int64_t households = 0;
  int64_t sites = 0;
  int64_t observations = 0;
  Date latest_observed_on = Date::Min();  // the latest date of an observation
  Instant latest_known_at{};              // when the last batch came in
  struct OpenWarnings {
    RuleId rule = 0;
    Severity severity = Severity::kYellow;
    int64_t count = 0;
    friend auto operator<=>(const OpenWarnings&, const OpenWarnings&) = default;
  };
  std::vector<OpenWarnings> warnings;  // by (rule, severity); no zero counts when read
  friend bool operator==(const Tally&, const Tally&) = default;
};

// Adds a delta to a tally of the same place. Adding is associative and commutative, so deltas may
// be added up before they meet their tally.
void AddTally(const Tally& delta, Tally* total);

struct Transaction {
  std::vector<BatchRecord> batches;
  ObservationList observations;  // they stand from now on; of one cell twice, the last
  std::vector<SupersededValue> superseded;
  std::vector<Residence> residences;
  std::vector<SubjectRisk> risks;  // replaces what stood for the subject
  // Open warnings that appear or change, and (subject, rule) pairs that are open no more. A pair in
  // both is open.
  std::vector<Warning> opened;
  std::vector<Warning> closed;
  std::vector<RollupDelta> rollups;
  std::vector<PlaceHistogram> histograms;  // deltas
  std::vector<Tally> tallies;              // deltas
  // When all of it became known; the audit trail dates it so. Warnings of `opened` that were known
  // earlier change. The epoch: the latest instant that it carries.
  Instant known_at{};
};

// Longest request id that a store keeps, bytes.
inline constexpr size_t kMaxRequestIdBytes = 512;

// What every store refuses before it writes anything: InvalidArgument for subjects that cannot be
// (place beyond 12 digits, number 0), indicator 0 in an observation, rule 0, dates and months
// outside 1900 to 2199, values beyond kMaxScaledValue, sources that do not exist, rollup and tally
// places that are not townships (or not the site's), batch number 0 and request ids that are too
// long.
absl::Status CheckTransaction(const Transaction& transaction);

}  // namespace shouwang
