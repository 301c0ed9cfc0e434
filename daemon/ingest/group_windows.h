// Windows of whole groups for the part of a bunch at hand: from memory, or else from the store.
//
// A village's month comes as one batch, on few dates. Its households are then applied and judged in
// the window that their group shares, a row of all of them after the other, where each of them in a
// history of its own takes several times the work and memory. Groups whose subjects share few
// dates, have values beyond 32 bits, or of which hardly anybody reports, are scattered: they have
// no window for some bunches, then it is tried again.
//
// Where there are more groups than memory holds, few of the windows that were read stay: months
// come in village by village, so each that stays drives one out that would have been asked for
// before it. The others pass: they are read into the same memory, which stays in the processor's
// cache. One that passed and is soon asked for again stays.
//
// As RecentWindows: what is changed but not committed has to be cleared. The shard's thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "daemon/ingest/recent_windows.h"
#include "daemon/risk/policy.h"
#include "storage/contract/window_reader.h"
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
  // room for so many new dates; nullptr where the group is scattered or damaged, or where the part
  // at hand fills the memory with windows. Good until EndPart. Fails as the store's reads fail,
  // but for damage, which may be a neighbour's.
  absl::StatusOr<GroupWindow*> Open(const SubjectGroup& group, std::span<const Member> members,
                                    size_t new_dates, WindowReader& reader);
  // The subject is going to be changed elsewhere than in its group's window.
  void Leave(const Subject& subject);
  void Clear();
  void EndPart(int lookback_months);
  int64_t bytes() const { return recent_.bytes() + passing_bytes_; }

 private:
  // Whether the group is still to be left alone, which is one time less then.
  bool IsScattered(const SubjectGroup& group);
  void Scatter(const SubjectGroup& group);
  static bool HasAll(const GroupWindow& window, std::span<const Member> members);
  // A window with what is stored from `from` on (Date::Max(): nothing); nullptr as Open.
  absl::StatusOr<GroupWindow*> Load(const SubjectGroup& group, Date from, size_t members,
                                    size_t new_dates, WindowReader& reader);
  // Takes over what was loaded, for longer than the part if it stays.
  GroupWindow* TakeOver(Date from);
  bool Stays(const SubjectGroup& group);

  const int64_t max_bytes_;
  RecentWindows<GroupWindow> recent_;
  GroupWindow loading_;
  // The first passing_count_ are of the part at hand; the others are kept for their memory.
  std::vector<std::unique_ptr<GroupWindow>> passing_;
  size_t passing_count_ = 0;
  int64_t passing_bytes_ = 0;
  // The latest that passed, in a ring; and how many did since one stayed.
  std::array<SubjectGroup, 64> passed_{};
  size_t last_passed_ = 0;
  uint32_t passed_since_ = 0;
  absl::flat_hash_map<SubjectGroup, int> scattered_;  // for so many times more
  uint64_t read_for_ = 0;                             // fingerprint
  std::vector<IndicatorId> indicators_;
  std::vector<uint8_t> kept_;  // by indicator
};

}  // namespace shouwang::ingest
