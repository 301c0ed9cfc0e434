// Answers a ScreeningQuestion: townships side by side on threads of its own, all on one snapshot;
// then reporters against each other.
//
// In memory it has a household for each thread, what was counted of each reporter, 20 KB at most,
// and the days and instants of the townships at hand.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/query/screening_question.h"
#include "daemon/screening/comparison.h"
#include "storage/contract/store.h"

namespace shouwang::query {

inline constexpr size_t kMaxScreenedReporters = 5'000;

struct ScreeningProgress {
  uint64_t subjects = 0;
  uint64_t of_subjects = 0;
};

struct ScreeningResult {
  screening::Comparison comparison;
  uint64_t subjects = 0;
  uint64_t values_of_unknown_batches = 0;
  uint64_t took_ms = 0;
};

// `cancelled` is asked by all threads for every household; `progress` is told by the caller's, some
// times a second. Cancelled once `cancelled` says so; ResourceExhausted beyond
// kMaxScreenedReporters or a bound of screening::TownshipTally; else fails as the store does.
absl::StatusOr<ScreeningResult> RunScreening(
    const Store& store, const ScreeningQuestion& question, int threads,
    absl::FunctionRef<bool()> cancelled,
    absl::FunctionRef<void(const ScreeningProgress&)> progress);

}  // namespace shouwang::query
