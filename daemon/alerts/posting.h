// Posts messages to one Alertmanager, some at a time, and finds those that it will not take. An
// Alertmanager answers 400 where one alert of many is at fault and takes the others all the same,
// 422 where it takes none: what was refused is posted again in halves until single messages are
// left. Posting twice does no harm.
//
// By one thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/alerts/http.h"
#include "daemon/alerts/message.h"
#include "daemon/alerts/told.h"

namespace shouwang::alerts {

// Alerts in one POST; some 300 KB.
inline constexpr size_t kMaxMessagesInPost = 256;
// POSTs of halves in one round. Past it the rest of what was refused waits for the next one.
inline constexpr int kMaxHalves = 512;

struct Posted {
  std::vector<const Message*> taken;
  std::vector<Refusal> refused;
  // Why it did not go on: nobody there, an answer that is about all of them (404, 503).
  absl::Status status;
};

// `base` is the Alertmanager's address without a path of the API. No messages are posted too, as an
// empty list: that nobody is there should be known before there is something to tell.
Posted PostAll(Http* http, const std::string& base, std::span<const Message> messages,
               const Wording& wording);

}  // namespace shouwang::alerts
