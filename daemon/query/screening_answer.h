// A screening's result as the wire shows it: the reporters asked for, those with a finding first.
// Pure; any thread.
#pragma once

#include <shouwang/v1/screening.pb.h>

#include <vector>

#include "daemon/query/screening_run.h"

namespace shouwang::query {

inline constexpr size_t kMaxReportersInMessage = 100;

std::vector<v1::ScreenResponse> ScreeningAnswer(const ScreeningQuestion& question,
                                                const ScreeningResult& result);

}  // namespace shouwang::query
