// SeriesService.GetHistory: the histories of named subjects, as they are now or were known at an
// instant. Pure but for reading the store; any thread.
#pragma once

#include <shouwang/v1/series.pb.h>

#include "absl/status/status.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

// InvalidArgument names the fields at fault; NotFound the subject that has never reported;
// OutOfRange past SeriesService::kMaxPoints.
absl::Status AnswerHistory(const Store& store, const Rulebook& rulebook, Instant now,
                           const v1::GetHistoryRequest& request, v1::GetHistoryResponse* response);

}  // namespace shouwang::query
