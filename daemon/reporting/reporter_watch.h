// Who sends, who fell silent, and who should send and never did: each collector of each township by
// its source, held against the policy's `reporting: sources`. Stateless; any thread. Failures: the
// store's; DataLoss comes at the end, after all whose records can be read. A township whose only
// record is damaged shows as never heard.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "daemon/risk/reporting_policy.h"
#include "storage/contract/reporters.h"
#include "storage/vocabulary/division_tree.h"

namespace shouwang::reporting {

enum class ReporterState : uint8_t {
  kReporting = 1,
  kSilent = 2,       // nothing within its cadence and the grace after it
  kNeverHeard = 3,   // the township should have one of this source, and has none (any more)
  kGivenUp = 4,      // silent for so long that nothing is expected any more
  kNotExpected = 5,  // the policy expects nothing of this source
};

struct ReporterStanding {
  Reporter reporter;               // kNeverHeard: without a collector
  std::optional<LastHeard> heard;  // none of kNeverHeard
  ReporterState state = ReporterState::kReporting;
  // Silent or never heard: the day by which it was due.
  std::optional<Date> due_on;

  bool IsSilent() const {
    return state == ReporterState::kSilent || state == ReporterState::kNeverHeard;
  }
};

// Those of the register's townships in `region` from `from` on, by (township, source, collector).
// Stops early when `visit` returns false.
absl::Status WatchReporters(const Reporters& reporters, const DivisionTree& divisions,
                            const risk::ReportingPolicy& policy, const Division& region,
                            const Division& from, Date on,
                            absl::FunctionRef<bool(const ReporterStanding&)> visit);

// How many are silent in each division down to `deepest`, by source; of sources of which something
// is expected, with a 0 where none is.
using SilentReporters = std::map<std::pair<Division, Source>, int64_t>;
absl::Status CountSilentReporters(const Reporters& reporters, const DivisionTree& divisions,
                                  const risk::ReportingPolicy& policy, DivisionLevel deepest,
                                  Date on, SilentReporters* silent);

}  // namespace shouwang::reporting
