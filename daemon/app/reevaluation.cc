#include "daemon/app/reevaluation.h"

#include "daemon/app/log.h"

namespace shouwang::app {

void Reevaluation::Start() {
  Stop();
  running_ = true;
  progress_ = 0;
  metrics_->SetReevaluation(0);
  thread_ = std::jthread([this](const std::stop_token& stop) { Work(stop); });
}

void Reevaluation::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Reevaluation::Work(const std::stop_token& stop) {
  double last = 0;
  const absl::Status status = ingest_->Reevaluate(stop, [this, &last](double done) {
    last = done;
    // 1 is for a re-evaluation without a fault, told below.
    if (done < 1) {
      progress_ = done;
      metrics_->SetReevaluation(done);
    }
  });
  if (status.ok()) {
    progress_ = 1;
    metrics_->SetReevaluation(1);
    spdlog::info("event=reevaluation.done");
  } else if (absl::IsCancelled(status)) {
    spdlog::info("event=reevaluation.stopped progress={:.3f}", last);
  } else {
    spdlog::error("event=reevaluation.failed progress={:.3f} message={}", last, Quoted(status));
  }
  running_ = false;
}

}  // namespace shouwang::app
