// How the values of an indicator are spread: how many lie in each bucket of a fixed scale.
// Histograms add up and take away exactly, whatever the order, so they can be kept by changes and
// summed over places and months.
//
// The scale: 0 has a bucket of its own; a value of 1 to 15 too; above that every doubling is cut
// into 16 equal buckets, so that a bucket's ends lie within a sixteenth of each other. Below zero
// the same mirrored. Values are scaled integers, as stored.
//
// A value, owned by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace shouwang {

// -kLastBucket to kLastBucket, in the order of the values.
using Bucket = int16_t;

inline constexpr int kBucketsPerDoubling = 16;
// That of kMaxScaledValue.
inline constexpr Bucket kLastBucket = 586;

// Values beyond kMaxScaledValue count as that.
inline Bucket BucketOf(int64_t value) {
  const auto size = static_cast<uint64_t>(value < 0 ? -value : value);
  if (size < kBucketsPerDoubling) return static_cast<Bucket>(value);
  const int top = 63 - __builtin_clzll(size);  // 4 and up
  const int bucket =
      kBucketsPerDoubling * (top - 3) + static_cast<int>(size >> (top - 4)) - kBucketsPerDoubling;
  const auto bounded = static_cast<Bucket>(bucket < kLastBucket ? bucket : kLastBucket);
  return static_cast<Bucket>(value < 0 ? -bounded : bounded);
}
// The values of a bucket, both ends included; the last buckets end at kMaxScaledValue.
struct BucketEnds {
  int64_t least = 0;
  int64_t greatest = 0;
  friend bool operator==(const BucketEnds&, const BucketEnds&) = default;
};
BucketEnds EndsOf(Bucket bucket);

class Histogram {
 public:
  struct Entry {
    Bucket bucket = 0;
    int64_t count = 0;
    friend auto operator<=>(const Entry&, const Entry&) = default;
  };

  // By bucket; no count is 0.
  std::span<const Entry> entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  // How many values there are.
  int64_t count() const;

  // `count` may be negative.
  void Add(Bucket bucket, int64_t count);
  void Add(const Histogram& other);

  // How many values are below `line`: at least `least`, at most `greatest`, since those in the
  // line's own bucket may lie on either side. Exact where `line` begins a bucket.
  struct Count {
    int64_t least = 0;
    int64_t greatest = 0;
    friend bool operator==(const Count&, const Count&) = default;
  };
  Count Below(int64_t line) const;
  // Where the value lies that `share` (0 to 1) of the values do not exceed; nullopt where there are
  // none.
  std::optional<BucketEnds> Quantile(double share) const;

  friend bool operator==(const Histogram&, const Histogram&) = default;
  friend auto operator<=>(const Histogram&, const Histogram&) = default;

 private:
  std::vector<Entry> entries_;
};

}  // namespace shouwang
