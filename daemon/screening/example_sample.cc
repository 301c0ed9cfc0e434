#include "daemon/screening/example_sample.h"

#include <algorithm>
#include <initializer_list>

namespace shouwang::screening {
namespace {

// SplitMix64's finaliser over each part: the same on every machine and in every run.
uint64_t HashOf(const Example& example) {
  uint64_t hash = 0x9E3779B97F4A7C15;
  for (const uint64_t part :
       {example.subject.place, static_cast<uint64_t>(example.subject.kind),
        static_cast<uint64_t>(example.subject.number), static_cast<uint64_t>(example.indicator),
        static_cast<uint64_t>(example.date.days()),
        static_cast<uint64_t>(example.hour.value_or(-1))}) {
    hash = (hash ^ part) + 0x9E3779B97F4A7C15;
    hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
    hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
    hash ^= hash >> 31;
  }
  return hash;
}

}  // namespace

void ExampleSample::Add(const Example& example) {
  const Kept added{HashOf(example), example};
  const auto before = [](const Kept& a, const Kept& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.example < b.example;
  };
  if (kept_.size() == kMaxExamples && !before(added, kept_.back())) return;
  kept_.insert(std::ranges::upper_bound(kept_, added, before), added);
  if (kept_.size() > kMaxExamples) kept_.pop_back();
}

std::vector<Example> ExampleSample::Sorted() const {
  std::vector<Example> examples;
  examples.reserve(kept_.size());
  for (const Kept& kept : kept_) examples.push_back(kept.example);
  std::ranges::sort(examples);
  return examples;
}

void ExampleSample::Merge(const ExampleSample& other) {
  for (const Kept& kept : other.kept_) Add(kept.example);
}

}  // namespace shouwang::screening
