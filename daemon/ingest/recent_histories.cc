#include "daemon/ingest/recent_histories.h"

#include <utility>

namespace shouwang::ingest {
namespace {

// Dropping dates copies the rest, so it is not done at each report.
constexpr int kSlackMonths = 6;
constexpr int kMostDraws = 8;
// Of the maps and pointers for each window.
constexpr int64_t kOverheadBytes = 96;

}  // namespace

History* RecentHistories::Use(Window* window) {
  if (!window->in_use) {
    window->in_use = true;
    in_use_.push_back(window);
  }
  return &window->history;
}

History* RecentHistories::Find(const Subject& subject, Date from) {
  const auto it = by_subject_.find(subject);
  if (it == by_subject_.end()) return nullptr;
  if (it->second->from > from) {
    if (!it->second->in_use) Drop(it->second);
    return nullptr;
  }
  return Use(it->second);
}

History* RecentHistories::Keep(History* history, Date from) {
  Forget(history->subject());
  Window* window = nullptr;
  if (bytes_ >= max_bytes_) window = Draw();
  if (window == nullptr) {
    window = windows_.emplace_back(std::make_unique<Window>()).get();
    window->index = windows_.size() - 1;
  } else {
    by_subject_.erase(window->history.subject());
    bytes_ -= window->bytes;
  }
  std::swap(window->history, *history);
  window->from = from;
  window->bytes = window->history.Bytes() + kOverheadBytes;
  bytes_ += window->bytes;
  by_subject_[window->history.subject()] = window;
  return Use(window);
}

void RecentHistories::Forget(const Subject& subject) {
  const auto it = by_subject_.find(subject);
  if (it != by_subject_.end()) Drop(it->second);
}

void RecentHistories::Clear() {
  in_use_.clear();
  by_subject_.clear();
  windows_.clear();
  bytes_ = 0;
}

void RecentHistories::EndBunch(int lookback_months) {
  for (Window* window : in_use_) {
    Shorten(window, lookback_months);
    bytes_ -= window->bytes;
    window->bytes = window->history.Bytes() + kOverheadBytes;
    bytes_ += window->bytes;
    window->in_use = false;
  }
  in_use_.clear();
  while (bytes_ > max_bytes_ && !windows_.empty()) {
    Drop(windows_[random_() % windows_.size()].get());
  }
}

RecentHistories::Window* RecentHistories::Draw() {
  for (int i = 0; i < kMostDraws && !windows_.empty(); ++i) {
    Window* drawn = windows_[random_() % windows_.size()].get();
    if (!drawn->in_use) return drawn;
  }
  return nullptr;
}

void RecentHistories::Drop(Window* window) {
  if (window->in_use) std::erase(in_use_, window);
  by_subject_.erase(window->history.subject());
  bytes_ -= window->bytes;
  const size_t index = window->index;
  std::swap(windows_[index], windows_.back());
  windows_[index]->index = index;
  windows_.pop_back();
}

void RecentHistories::Shorten(Window* window, int lookback_months) {
  const std::span<const Date> dates = window->history.dates();
  if (dates.empty()) return;
  const Date needed = Date::FirstOf(dates.back().month() - lookback_months);
  if (dates.front() >= Date::FirstOf(needed.month() - kSlackMonths)) return;
  window->history = window->history.From(needed);
  window->from = needed;
}

}  // namespace shouwang::ingest
