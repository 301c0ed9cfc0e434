#include "daemon/metrics/exposer.h"

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "daemon/metrics/listen_fault.h"

namespace shouwang::metrics {

absl::StatusOr<std::unique_ptr<Exposer>> Exposer::Open(std::string_view address) {
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(
        std::vector<std::string>{"listening_ports", std::string(address), "num_threads", "2",
                                 "request_timeout_ms", "10000", "max_request_size", "16384"});
    if (exposer->GetListeningPorts().size() == 1) {
      return std::unique_ptr<Exposer>(new Exposer(std::move(exposer)));
    }
  } catch (const std::exception&) {
    // civetweb says only that it could not start; the fault is looked for below.
  }
  return ListenFault("metrics_listen (--metrics-listen)", address);
}

Exposer::Exposer(std::unique_ptr<prometheus::Exposer> exposer)
    : exposer_(std::move(exposer)), port_(exposer_->GetListeningPorts().front()) {}

void Exposer::Register(const std::weak_ptr<prometheus::Collectable>& collectable) {
  exposer_->RegisterCollectable(collectable);
}

}  // namespace shouwang::metrics
