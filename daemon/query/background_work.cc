#include "daemon/query/background_work.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "absl/synchronization/mutex.h"

namespace shouwang::query {
namespace {

// In steps of `nice`, below the daemon's other threads; shards run 5 below them. At 19 two threads
// of a what-if take a twentieth of the time that two busy shards get.
constexpr int kBelowQueries = 19;
constexpr int kLowestNice = 19;
constexpr absl::Duration kBetweenReports = absl::Milliseconds(200);

}  // namespace

absl::StatusOr<RegionParts> PartsOf(const Store& store, const Division& region) {
  RegionParts parts;
  absl::Status status = store.ScanTallies(
      RollupView::kSettlement, region.At(DivisionLevel::kTownship), [&](const Tally& tally) {
        parts.divisions.push_back(tally.place.township);
        parts.subjects += static_cast<uint64_t>(std::max<int64_t>(0, tally.households)) +
                          static_cast<uint64_t>(std::max<int64_t>(0, tally.sites));
        parts.latest = std::max(parts.latest, tally.latest_observed_on);
      });
  if (!status.ok()) return status;
  if (region.level() > DivisionLevel::kTownship) {
    parts.divisions = {region};
    parts.subjects = 0;
  }
  return parts;
}

void WorkInBackground(size_t threads, absl::FunctionRef<void()> work,
                      absl::FunctionRef<void()> report) {
  absl::Mutex mutex;
  size_t working = std::max<size_t>(threads, 1);
  std::vector<std::jthread> workers;
  for (size_t i = std::max<size_t>(threads, 1); i > 0; --i) {
    workers.emplace_back([&] {
      const int niceness = std::min(kLowestNice, getpriority(PRIO_PROCESS, 0) + kBelowQueries);
      (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
      work();
      absl::MutexLock lock(&mutex);
      --working;
    });
  }
  const auto ended = [&] { return working == 0; };
  while (true) {
    {
      absl::MutexLock lock(&mutex);
      if (mutex.AwaitWithTimeout(absl::Condition(&ended), kBetweenReports)) break;
    }
    report();
  }
}

}  // namespace shouwang::query
