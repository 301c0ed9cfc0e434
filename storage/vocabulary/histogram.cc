#include "storage/vocabulary/histogram.h"

#include <algorithm>
#include <cmath>

#include "storage/vocabulary/decimal.h"

namespace shouwang {
namespace {

int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

// The least size (absolute value) of bucket `index`, 0 and up.
int64_t LeastSize(int index) {
  if (index < kBucketsPerDoubling) return index;
  const int doubling = index / kBucketsPerDoubling;
  return static_cast<int64_t>(kBucketsPerDoubling + index % kBucketsPerDoubling) << (doubling - 1);
}

}  // namespace

BucketEnds EndsOf(Bucket bucket) {
  const int index = bucket < 0 ? -bucket : bucket;
  const int64_t least = LeastSize(index);
  const int64_t greatest = index >= kLastBucket ? kMaxScaledValue : LeastSize(index + 1) - 1;
  return bucket < 0 ? BucketEnds{-greatest, -least} : BucketEnds{least, greatest};
}

int64_t Histogram::count() const {
  int64_t count = 0;
  for (const Entry& entry : entries_) count = WrappingAdd(count, entry.count);
  return count;
}

void Histogram::Add(Bucket bucket, int64_t count) {
  if (count == 0) return;
  if (entries_.empty() || entries_.back().bucket < bucket) {
    entries_.push_back({bucket, count});
    return;
  }
  const auto it = std::ranges::lower_bound(entries_, bucket, {}, &Entry::bucket);
  if (it->bucket != bucket) {
    entries_.insert(it, {bucket, count});
    return;
  }
  it->count = WrappingAdd(it->count, count);
  if (it->count == 0) entries_.erase(it);
}

void Histogram::Add(const Histogram& other) {
  std::vector<Entry> sum;
  sum.reserve(entries_.size() + other.entries_.size());
  auto mine = entries_.begin();
  for (const Entry& entry : other.entries_) {
    while (mine != entries_.end() && mine->bucket < entry.bucket) sum.push_back(*mine++);
    if (mine != entries_.end() && mine->bucket == entry.bucket) {
      const int64_t count = WrappingAdd(mine->count, entry.count);
      if (count != 0) sum.push_back({entry.bucket, count});
      ++mine;
    } else {
      sum.push_back(entry);
    }
  }
  sum.insert(sum.end(), mine, entries_.end());
  entries_ = std::move(sum);
}

Histogram::Count Histogram::Below(int64_t line) const {
  const Bucket of_line = BucketOf(line);
  Count below;
  for (const Entry& entry : entries_) {
    if (entry.bucket > of_line) break;
    if (entry.bucket < of_line || line > EndsOf(of_line).greatest) {
      below.least = below.greatest = WrappingAdd(below.least, entry.count);
    } else if (line > EndsOf(of_line).least) {
      below.greatest = WrappingAdd(below.least, entry.count);
    }
  }
  return below;
}

std::optional<BucketEnds> Histogram::Quantile(double share) const {
  if (entries_.empty()) return std::nullopt;
  const double wanted = std::clamp(share, 0.0, 1.0) * static_cast<double>(count());
  int64_t seen = 0;
  for (const Entry& entry : entries_) {
    seen = WrappingAdd(seen, entry.count);
    if (seen > 0 && static_cast<double>(seen) >= wanted) return EndsOf(entry.bucket);
  }
  return EndsOf(entries_.back().bucket);
}

}  // namespace shouwang
