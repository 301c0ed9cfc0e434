#include "daemon/pace/paced_thread.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"

namespace shouwang {

std::chrono::nanoseconds RestAfter(const Pace& pace, std::chrono::nanoseconds took) {
  return std::max<std::chrono::nanoseconds>(pace.every, took * pace.rest_factor);
}

bool PacedThread::Rest(std::chrono::nanoseconds rest) {
  absl::MutexLock lock(&mutex_);
  return !mutex_.AwaitWithTimeout(absl::Condition(&stopping_), absl::FromChrono(rest));
}

void PacedThread::Start(const Pace& pace, Turn turn,
                        std::function<void(const absl::Status&)> fault) {
  thread_ = std::jthread(
      [this, pace, turn = std::move(turn), fault = std::move(fault)](const std::stop_token& stop) {
        if (!pace.at_once && !Rest(pace.every)) return;
        while (true) {
          const auto started = std::chrono::steady_clock::now();
          const absl::Status status = turn(stop);
          if (stop.stop_requested()) return;
          if (!status.ok()) fault(status);
          const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - started;
          if (!Rest(std::max<std::chrono::nanoseconds>(pace.every, took * pace.rest_factor)))
            return;
        }
      });
}

void PacedThread::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

}  // namespace shouwang
