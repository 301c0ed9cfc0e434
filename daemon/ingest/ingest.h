// Ingest: takes in what collectors report, from the wire to the durable receipt, and keeps the
// warnings in line with the policies in force.
//
//   Ingest ingest(store, rulebook, clock, bounds, registry, &feed);
//   server_builder.RegisterService(ingest.service());
//   ...
//   server->Shutdown(deadline);
//   ingest.Stop();
//
// Threads: one per shard, started by the constructor; service() is called on gRPC's. Everything
// handed to the constructor outlives the Ingest. The store has been bound to the rulebook's
// catalogue (Store::BindCatalogue).
#pragma once

#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "absl/status/status.h"
#include "daemon/ingest/ingest_bounds.h"
#include "daemon/ingest/ingest_metrics.h"
#include "daemon/ingest/report_service.h"
#include "daemon/ingest/shard.h"
#include "daemon/ingest/transition_listener.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"
#include "storage/contract/trimming.h"

namespace shouwang::ingest {

class Ingest {
 public:
  // `listener` may be nullptr.
  Ingest(Store& store, const CurrentRulebook& rulebook, std::function<Instant()> clock,
         const IngestBounds& bounds, prometheus::Registry& registry, TransitionListener* listener);
  ~Ingest() { Stop(); }
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // To be registered with a server, which must not be running any more when Stop is called.
  grpc::Service* service() { return &service_; }

  // Judges anew every subject that was judged by other policies than those in force, township by
  // township, on the shards. Blocks until done; `progress` is called on this thread with the share
  // that is done, the last time with 1. Returns the first error met after all else was tried;
  // Cancelled if `stop` is asked for. Call after every change of the rulebook and at start-up.
  absl::Status Reevaluate(const std::stop_token& stop, const std::function<void(double)>& progress);

  // Applies the retention of the rulebook in force, township by township, on the shards. Blocks
  // until done; `progress` is called on this thread with the share that is done and what was
  // dropped so far. Returns the first error met after all else was tried; Cancelled if `stop` is
  // asked for.
  absl::Status Trim(Trimming* trimming, const std::stop_token& stop,
                    const std::function<void(double, const TrimTotals&)>& progress);

  // Works off all batches that were handed over, then ends the threads. Any thread, any number of
  // times.
  void Stop();

 private:
  using TownshipJob =
      std::function<absl::Status(const Division&, const Rulebook&, risk::Evaluator&, Instant)>;

  // Runs `job` for every township that has anything, one on each shard at a time.
  absl::Status ForEachTownship(const TownshipJob& job, const std::stop_token& stop,
                               const std::function<void(double)>& progress);

  const CurrentRulebook& rulebook_;
  const std::function<Instant()> clock_;
  const IngestBounds bounds_;
  IngestMetrics metrics_;
  const Shard::Surroundings surroundings_;
  std::vector<std::unique_ptr<Shard>> shards_;
  ReportService service_;
};

}  // namespace shouwang::ingest
