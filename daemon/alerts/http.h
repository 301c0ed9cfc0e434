// How alerts are posted: one method, so that tests can give the answers that no Alertmanager gives
// on demand.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace shouwang::alerts {

struct HttpAnswer {
  int code = 0;
  std::string body;  // the first kMaxAnswerBytes of it
};

class Http {
 public:
  virtual ~Http() = default;
  // By one thread. Unavailable, in words for an operator, where no answer comes.
  virtual absl::StatusOr<HttpAnswer> Post(const std::string& url, const std::string& body) = 0;
  // Ends a Post under way, soon, and every later one at once. Any thread.
  virtual void Stop() = 0;
};

}  // namespace shouwang::alerts
