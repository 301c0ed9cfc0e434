// Goes through the households of one township and counts, for each of its reporters, what the
// screens ask for. A reporter belongs to one township, so townships are tallied side by side and
// their results put together as they are.
//
//   TownshipTally tally(policy, catalogue, township, {from, to}, origin_of);
//   for each household: tally.Add(history, superseded);
//   std::vector<ReporterTally> reporters = tally.Finish();
//
// A value counts to whoever said it: what stands, and what was superseded. Of several values that
// one reporter said of one cell, the one made last counts. Where a cell was reported twice with the
// same value, by two reporters or at two instants, the one that came in first counts, as the store
// keeps no other. The order of arrival, batches sent again and how batches are cut change nothing
// else.
//
// One thread. In memory: a household, the reporters, the days and instants of the township's
// visits. Fails as `origin_of` does; ResourceExhausted beyond the bounds below.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/risk/policy.h"
#include "daemon/risk/program.h"
#include "daemon/screening/entry_speed.h"
#include "daemon/screening/reporter_tally.h"
#include "storage/contract/transaction.h"
#include "storage/vocabulary/history.h"

namespace shouwang::screening {

inline constexpr size_t kMaxReportersOfTownship = 1'000;
inline constexpr size_t kMaxInstantsOfTownship = 1'000'000;

struct MonthRange {
  Month from;
  Month to;  // included
};

// What a batch number stands for; nullopt where the store does not know it any more.
using OriginOf = absl::FunctionRef<absl::StatusOr<std::optional<BatchOrigin>>(uint64_t batch)>;

class TownshipTally {
 public:
  // `policy.screening` is set. Everything given outlives the tally.
  TownshipTally(const risk::Policy& policy, const Catalogue& catalogue, const Division& township,
                const MonthRange& months, OriginOf origin_of);

  // A whole history and what is superseded of it. Each household once; other subjects are passed
  // over.
  absl::Status Add(const History& history, std::span<const SupersededValue> superseded);
  // By reporter. Call once.
  std::vector<ReporterTally> Finish();
  // Values whose batch is not known any more: they count to nobody.
  uint64_t values_of_unknown_batches() const { return unknown_; }

 private:
  // What one reporter said of one cell.
  struct Claim {
    IndicatorId indicator = 0;
    Date date;
    size_t reporter = 0;  // into reporters_
    Instant entered;      // when its batch was made
    Arrival arrival;
    int64_t value = 0;
    bool stands = false;
  };
  struct Batch {
    std::optional<size_t> reporter;
    Instant entered;
  };
  struct Visits {
    VisitsByDay by_day;
    VisitsByInstant by_instant;
  };
  struct ReportAgain;

  absl::StatusOr<Batch> Find(uint64_t number);
  absl::StatusOr<size_t> ReporterOf(const BatchOrigin& origin);
  absl::Status Gather(const History& history, std::span<const SupersededValue> superseded);
  absl::Status AddClaim(const Observation& observation, bool stands);
  void CountAmounts(const Subject& subject);
  void CountAmount(const Subject& subject, size_t amount, std::span<const Claim> claims,
                   std::vector<ReportAgain>* reports);
  static const Claim* OfMonthBefore(std::span<const Claim> claims, const Claim& claim);
  void CountAnew(const Subject& subject, const Claim& claim);
  void CountReportsAgain(const Subject& subject, std::vector<ReportAgain> reports);
  absl::Status CountVisits();
  void CountIncome(const History& history);

  const risk::ScreeningPolicy& screening_;
  const Catalogue& catalogue_;
  const Division township_;
  const DateRange window_;
  const OriginOf origin_of_;
  const double line_;
  std::vector<IndicatorId> income_indicators_;  // that the bunching feature is made of, ascending
  std::vector<int64_t> scales_;                 // of a yuan, of each amount of the policy
  risk::Program program_;

  absl::flat_hash_map<uint64_t, Batch> batches_;
  std::map<Reporter, size_t> by_reporter_;
  std::vector<ReporterTally> reporters_;
  std::vector<Visits> visits_;  // as reporters_
  size_t instants_ = 0;
  uint64_t unknown_ = 0;
  std::vector<Claim> claims_;  // of the household at hand
};

}  // namespace shouwang::screening
