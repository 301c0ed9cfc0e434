// Private to storage/rocks: keeps piles that many small commits add to from growing without bound.
//
// A read that meets a long pile notes it. The next commit to that group of subjects writes the fold
// of what is there and of what it adds, in the place of all, instead of one part more. What it
// folds must not be added to in between, so such a commit has the group to itself until it is on
// disk; commits that only add go on side by side.
//
// Threads: any.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "storage/blocks/block_key.h"
#include "storage/contract/transaction.h"
#include "storage/rocks/database.h"

namespace shouwang::rocks {

class LongPiles {
 public:
  // Whether reading so many parts, or rather so many bytes beside the first, costs enough to be
  // worth writing the first anew.
  static bool IsLong(std::span<const std::string_view> parts);

  // A commit's turn with the groups that it touches: waits for commits that fold piles of the same
  // groups. To be held until the write has returned.
  class Turn {
   public:
    Turn(const Transaction& transaction, LongPiles* piles);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    // Whether the commit is to fold this pile, whose group it has to itself.
    bool Folds(Family family, std::string_view key) const;

   private:
    // Takes part in the group's lane, alone where it has notes to fold.
    void Join(const Subject& subject);

    LongPiles* const piles_;
    uint64_t shared_ = 0;  // lanes, by bit
    uint64_t alone_ = 0;
    std::vector<std::string> folds_;  // family, key
    std::optional<SubjectGroup> last_group_;
  };

  LongPiles() = default;
  LongPiles(const LongPiles&) = delete;
  LongPiles& operator=(const LongPiles&) = delete;

  // The pile of this key is long; blocks and states only.
  void Note(Family family, std::string_view key);

 private:
  static constexpr size_t kLanes = 64;
  // Those noted beyond are noted again by a later read.
  static constexpr size_t kMostNoted = 4096;

  // Moves the notes on the group to `folds`; whether there were any.
  bool TakeNotes(const std::string& group, std::vector<std::string>* folds);

  // Groups share lanes. Held across the write of a commit, alone by one that folds: the others of
  // its lane would have waited for the disk as well.
  std::array<absl::Mutex, kLanes> lanes_;
  std::atomic<size_t> noted_ = 0;
  absl::Mutex mutex_;
  // By the bytes of their group.
  absl::flat_hash_map<std::string, std::vector<std::string>> notes_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang::rocks
