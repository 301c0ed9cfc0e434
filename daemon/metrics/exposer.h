// Serves /metrics to Prometheus: prometheus-cpp's pull exposer, whose exceptions end here.
//
// Two threads of its own (civetweb's). Any thread may Register; what is registered is held weakly,
// so its owner decides how long it is scraped.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"

namespace shouwang::metrics {

class Exposer {
 public:
  // `address` is "host:port"; port 0 lets the kernel choose. A taken port is Unavailable, and the
  // message says which it is and what to do.
  static absl::StatusOr<std::unique_ptr<Exposer>> Open(std::string_view address);

  int port() const { return port_; }
  void Register(const std::weak_ptr<prometheus::Collectable>& collectable);

 private:
  explicit Exposer(std::unique_ptr<prometheus::Exposer> exposer);

  const std::unique_ptr<prometheus::Exposer> exposer_;
  const int port_;
};

}  // namespace shouwang::metrics
