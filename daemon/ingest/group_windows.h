// Windows of whole groups for the bunch at hand: from memory, or else from the store.
//
// A village's month comes as one batch, on few dates. Its households are then applied and judged in
// the window that their group shares, a row of all of them after the other, where each of them in a
// history of its own takes several times the work and memory. Groups whose subjects share few
// dates, have values beyond 32 bits, or of which hardly anybody reports, are scattered: they have
// no window for some bunches, then it is tried again.
//
// As RecentWindows: what is changed but not committed has to be cleared. The shard's thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "daemon/ingest/recent_windows.h"
#include "daemon/risk/policy.h"
#include "storage/contract/store.h"
#include "storage/vocabulary/group_window.h"

namespace shouwang::ingest {

class GroupWindows {
 public:
  // A subject of a group that is to be judged in its window.
  struct Member {
    uint8_t low = 0;
    // The first day that judging it may look at; of one of which nothing is stored Date::Max().
    Date from;
  };

  explicit GroupWindows(int64_t max_bytes) : max_bytes_(max_bytes), recent_(max_bytes) {}

  // What windows keep: the indicators that rules of `policies` read. Of other policies than before
  // everything is forgotten.
  void ReadFor(const risk::PolicySet& policies);
  bool Keeps(IndicatorId indicator) const {
    return indicator < kept_.size() && kept_[indicator] != 0;
  }

  // The window of the group, with a lane for each member that is complete from its `from` on, and
  // room for so many new dates; nullptr where the group is scattered or damaged, or where the bunch
  // at hand fills the memory with windows. Good until EndBunch. Fails as the store's reads fail,
  // but for damage, which may be a neighbour's.
  absl::StatusOr<GroupWindow*> Open(const SubjectGroup& group, std::span<const Member> members,
                                    size_t new_dates, const Store& store);
  // The subject is going to be changed elsewhere than in its group's window.
  void Leave(const Subject& subject);
  void Clear();
  void EndBunch(int lookback_months) { recent_.EndBunch(lookback_months, max_bytes_); }
  int64_t bytes() const { return recent_.bytes(); }

 private:
  // Whether the group is still to be left alone, which is one time less then.
  bool IsScattered(const SubjectGroup& group);
  void Scatter(const SubjectGroup& group);
  static bool HasAll(const GroupWindow& window, std::span<const Member> members);
  // A window with what is stored from `from` on (Date::Max(): nothing); nullptr as Open.
  absl::StatusOr<GroupWindow*> Load(const SubjectGroup& group, Date from, size_t members,
                                    size_t new_dates, const Store& store);

  const int64_t max_bytes_;
  RecentWindows<GroupWindow> recent_;
  GroupWindow loading_;
  absl::flat_hash_map<SubjectGroup, int> scattered_;  // for so many times more
  uint64_t read_for_ = 0;                             // fingerprint
  std::vector<IndicatorId> indicators_;
  std::vector<uint8_t> kept_;  // by indicator
};

}  // namespace shouwang::ingest
