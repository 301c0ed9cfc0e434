// AlertService.ListDeliveries: what Alertmanagers were told about a region, by pages. Pure but for
// reading the store; any thread.
#pragma once

#include <shouwang/v1/alerts.pb.h>

#include "absl/status/status.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/deliveries.h"

namespace shouwang::query {

inline constexpr size_t kDefaultDeliveriesPage = 100;
inline constexpr size_t kMaxDeliveriesPage = 10'000;
// Deliveries looked at for one page; past it the page is given as it is, with a token to go on.
inline constexpr size_t kMaxDeliveriesLookedAt = 100'000;

// InvalidArgument names the fields at fault.
absl::Status AnswerDeliveries(const Deliveries& deliveries, const Rulebook& rulebook,
                              const v1::ListDeliveriesRequest& request,
                              v1::ListDeliveriesResponse* response);

}  // namespace shouwang::query
