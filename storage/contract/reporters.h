// Who sends, and when they were heard of last: each collector of each township by the source that
// it reports for. Follows from the batches that commits carry (those of a township), so it is never
// behind what was receipted. Beside the Store contract, since only those who look for silence need
// it.
//
// Threads: any. Failures: as Store.
#pragma once

#include <compare>
#include <string>
#include <tuple>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang {

struct Reporter {
  Division township;
  Source source = Source::kCadreVisit;
  std::string collector;  // as it names itself
  friend auto operator<=>(const Reporter&, const Reporter&) = default;
};

struct LastHeard {
  Instant known_at{};  // of its latest batch
  uint64_t batch = 0;  // that batch's number
  friend bool operator==(const LastHeard&, const LastHeard&) = default;
};

class Reporters {
 public:
  virtual ~Reporters() = default;

  // Everyone of `region` that ever sent, by (township, source, collector), from `from` on. Stops
  // early when `visit` returns false.
  virtual absl::Status ScanReporters(
      const Division& region, const Reporter& from,
      absl::FunctionRef<bool(const Reporter&, const LastHeard&)> visit) const = 0;
};

}  // namespace shouwang
