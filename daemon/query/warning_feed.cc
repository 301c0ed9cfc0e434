#include "daemon/query/warning_feed.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 5000;

}  // namespace

absl::Status WarningFeed::Subscribe(std::shared_ptr<Reader> reader) {
  absl::MutexLock lock(&mutex_);
  if (closed_) return absl::UnavailableError("the daemon is stopping");
  if (readers_.size() >= kMaxReaders) {
    return wire::TryAgain(
        fmt::format("{} readers watch warnings already, which is the limit", kMaxReaders),
        kRetryMs);
  }
  readers_.push_back(std::move(reader));
  return absl::OkStatus();
}

void WarningFeed::Unsubscribe(const Reader* reader) {
  std::shared_ptr<Reader> last;  // destroyed after the lock is given back
  absl::MutexLock lock(&mutex_);
  const auto it = std::find_if(readers_.begin(), readers_.end(),
                               [reader](const auto& one) { return one.get() == reader; });
  if (it == readers_.end()) return;
  last = std::move(*it);
  readers_.erase(it);
}

void WarningFeed::Publish(std::span<const Warning> changes) {
  if (changes.empty()) return;
  std::vector<std::shared_ptr<Reader>> readers;
  {
    absl::MutexLock lock(&mutex_);
    readers = readers_;
  }
  for (const auto& reader : readers) reader->Offer(changes);
}

void WarningFeed::Close() {
  std::vector<std::shared_ptr<Reader>> readers;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    readers.swap(readers_);
  }
  for (const auto& reader : readers) reader->End(absl::UnavailableError("the daemon is stopping"));
}

}  // namespace shouwang::query
