// Brings stored warnings in line with the policies in force, in the background, while reports and
// queries go on.
//
// One thread of its own while it works. Start and Stop by the owner's thread; Progress by any.
#pragma once

#include <atomic>
#include <thread>

#include "daemon/app/app_metrics.h"
#include "daemon/ingest/ingest.h"

namespace shouwang::app {

class Reevaluation {
 public:
  // Both outlive it.
  Reevaluation(ingest::Ingest* ingest, AppMetrics* metrics) : ingest_(ingest), metrics_(metrics) {}
  ~Reevaluation() { Stop(); }

  // Begins anew, ending one that is under way. What fails is logged; the progress then stays below
  // 1 until the next start, and what was left out keeps its old warnings.
  void Start();
  void Stop();

  bool running() const { return running_; }
  double progress() const { return progress_; }

 private:
  void Work(const std::stop_token& stop);

  ingest::Ingest* const ingest_;
  AppMetrics* const metrics_;
  std::atomic<bool> running_ = false;
  std::atomic<double> progress_ = 0;
  std::jthread thread_;
};

}  // namespace shouwang::app
