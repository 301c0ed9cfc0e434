// How many of the households behind an alert have a case that somebody has taken on (verifying or
// beyond, also a closed one that saw the warning), and the highest level that one of their cases
// went up to. Told by whoever counts cases anyway (daemon/metrics/case_snapshot.h), read by alerts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "daemon/cases/deadlines.h"
#include "daemon/cases/standing.h"

namespace shouwang::cases {

struct TakenOn {
  int64_t households = 0;
  std::optional<Role> level;  // absent: none went up
  friend bool operator==(const TakenOn&, const TakenOn&) = default;
};

// A value, filled by one thread. Some thousand townships with some warnings each.
class TakenOnCount {
 public:
  void Add(const CaseStanding& standing, const Deadlines& deadlines, Date today);
  // Nothing is taken on of what nobody was counted for.
  TakenOn Of(const Division& township, RuleId rule, Severity severity) const;

 private:
  // By the township's code. Each warning of a province is counted here.
  using Key = std::tuple<uint64_t, RuleId, Severity>;

  absl::flat_hash_map<Key, TakenOn> counts_;
};

// The latest count. Any thread.
class TakenOnBoard {
 public:
  void Set(std::shared_ptr<const TakenOnCount> count) {
    absl::MutexLock lock(&mutex_);
    count_ = std::move(count);
  }
  // nullptr until the first count.
  std::shared_ptr<const TakenOnCount> Get() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::shared_ptr<const TakenOnCount> count_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang::cases
