// SeriesService.ListRollups: counts and sums, townships grouped upwards. Pure but for reading the
// store; any thread.
#pragma once

#include <shouwang/v1/series.pb.h>

#include "absl/status/status.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

// InvalidArgument names the fields at fault; OutOfRange past SeriesService::kMaxRollups.
absl::Status AnswerRollups(const Store& store, const Rulebook& rulebook,
                           const v1::ListRollupsRequest& request,
                           v1::ListRollupsResponse* response);

}  // namespace shouwang::query
