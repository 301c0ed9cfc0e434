#include "daemon/ingest/recent_windows.h"

#include <utility>

namespace shouwang::ingest {
namespace {

constexpr int kMostDraws = 8;
// Of the maps and pointers for each window.
constexpr int64_t kOverheadBytes = 96;

const Subject& KeyOf(const History& history) { return history.subject(); }
const SubjectGroup& KeyOf(const GroupWindow& window) { return window.group(); }

// Dropping dates of a history copies the rest, so it is not done at each report.
int SlackMonths(const History& /*history*/) { return 6; }
// Somebody reports a month after the neighbours.
int SlackMonths(const GroupWindow& /*window*/) { return 2; }

void DropBefore(History* history, Date first) { *history = history->From(first); }
void DropBefore(GroupWindow* window, Date first) { window->DropBefore(first); }

}  // namespace

template <typename Kept>
Kept* RecentWindows<Kept>::Use(Window* window) {
  if (!window->in_use) {
    window->in_use = true;
    in_use_.push_back(window);
  }
  return &window->kept;
}

template <typename Kept>
Kept* RecentWindows<Kept>::Find(const Key& key, Date from) {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return nullptr;
  if (it->second->from > from) {
    if (!it->second->in_use) Drop(it->second);
    return nullptr;
  }
  return Use(it->second);
}

template <typename Kept>
Kept* RecentWindows<Kept>::Keep(Kept* kept, Date from) {
  Forget(KeyOf(*kept));
  Window* window = nullptr;
  if (IsFull()) window = Draw();
  if (window == nullptr) {
    window = windows_.emplace_back(std::make_unique<Window>()).get();
    window->index = windows_.size() - 1;
  } else {
    by_key_.erase(KeyOf(window->kept));
    bytes_ -= window->bytes;
  }
  std::swap(window->kept, *kept);
  window->from = from;
  window->bytes = window->kept.Bytes() + kOverheadBytes;
  bytes_ += window->bytes;
  by_key_[KeyOf(window->kept)] = window;
  return Use(window);
}

template <typename Kept>
void RecentWindows<Kept>::Forget(const Key& key) {
  if (windows_.empty()) return;
  const auto it = by_key_.find(key);
  if (it != by_key_.end()) Drop(it->second);
}

template <typename Kept>
void RecentWindows<Kept>::Clear() {
  in_use_.clear();
  by_key_.clear();
  windows_.clear();
  bytes_ = 0;
}

template <typename Kept>
void RecentWindows<Kept>::EndUse(int lookback_months, int64_t max_bytes) {
  max_bytes_ = max_bytes;
  for (Window* window : in_use_) {
    Shorten(window, lookback_months);
    bytes_ -= window->bytes;
    window->bytes = window->kept.Bytes() + kOverheadBytes;
    bytes_ += window->bytes;
    window->in_use = false;
  }
  in_use_.clear();
  while (bytes_ > max_bytes_ && !windows_.empty()) {
    Drop(windows_[random_() % windows_.size()].get());
  }
}

template <typename Kept>
typename RecentWindows<Kept>::Window* RecentWindows<Kept>::Draw() {
  for (int i = 0; i < kMostDraws && !windows_.empty(); ++i) {
    Window* drawn = windows_[random_() % windows_.size()].get();
    if (!drawn->in_use) return drawn;
  }
  return nullptr;
}

template <typename Kept>
void RecentWindows<Kept>::Drop(Window* window) {
  if (window->in_use) std::erase(in_use_, window);
  by_key_.erase(KeyOf(window->kept));
  bytes_ -= window->bytes;
  const size_t index = window->index;
  std::swap(windows_[index], windows_.back());
  windows_[index]->index = index;
  windows_.pop_back();
}

template <typename Kept>
void RecentWindows<Kept>::Shorten(Window* window, int lookback_months) {
  const std::span<const Date> dates = window->kept.dates();
  if (dates.empty()) return;
  const Date needed = Date::FirstOf(dates.back().month() - lookback_months);
  const int slack = SlackMonths(window->kept);
  if (dates.front() >= Date::FirstOf(needed.month() - slack)) return;
  DropBefore(&window->kept, needed);
  window->from = needed;
}

template class RecentWindows<History>;
template class RecentWindows<GroupWindow>;

}  // namespace shouwang::ingest
