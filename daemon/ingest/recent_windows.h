// The look-back windows of subjects that reported lately, kept in memory so that their next report
// is judged without reading the store: each subject's own as a History, or those of a group of
// neighbours together as a GroupWindow.
//
// Bounded by bytes, not by subjects. When full, a window that is not in use goes,
// drawn at random: months come in village by village in the same order, and dropping the one that
// was longest unused would always drop the one that comes next.
//
// A window must follow every change of its subjects: whoever changes one that is kept, but does not
// commit the change, has to Clear. The shard's thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <random>
#include <type_traits>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"

namespace shouwang::ingest {

template <typename Kept>  // History or GroupWindow
class RecentWindows {
 public:
  using Key = std::conditional_t<std::is_same_v<Kept, History>, Subject, SubjectGroup>;

  // 0: nothing is kept beyond its use.
  explicit RecentWindows(int64_t max_bytes) : max_bytes_(max_bytes) {}

  // The window of `key`, complete from `from` on (it may reach back further); nullptr where that is
  // not at hand. In use, and good, until it is forgotten or EndUse.
  Kept* Find(const Key& key, Date from);
  // Takes over a window that is complete from `from` on. What it leaves in `kept` is memory to be
  // used again. As Find.
  Kept* Keep(Kept* kept, Date from);
  void Forget(const Key& key);
  void Clear();
  // Of the windows that were found or kept since the last one, drops what lies more than
  // `lookback_months` and some before their latest date; then goes back within `max_bytes`, the
  // bound from now on.
  void EndUse(int lookback_months, int64_t max_bytes);

  // Whether one more of average size would be too much.
  bool IsFull() const {
    return bytes_ + bytes_ / std::max<int64_t>(1, std::ssize(windows_)) >= max_bytes_;
  }
  int64_t bytes() const { return bytes_; }
  size_t size() const { return windows_.size(); }

 private:
  struct Window {
    Kept kept;
    Date from;
    int64_t bytes = 0;
    size_t index = 0;  // in windows_
    bool in_use = false;
  };

  Kept* Use(Window* window);
  // One that is not in use, drawn at random; nullptr where a few draws found none.
  Window* Draw();
  void Drop(Window* window);
  static void Shorten(Window* window, int lookback_months);

  int64_t max_bytes_;
  int64_t bytes_ = 0;
  std::minstd_rand random_;  // from a fixed seed: every run drops the same
  std::vector<std::unique_ptr<Window>> windows_;
  absl::flat_hash_map<Key, Window*> by_key_;
  std::vector<Window*> in_use_;
};

extern template class RecentWindows<History>;
extern template class RecentWindows<GroupWindow>;

}  // namespace shouwang::ingest
