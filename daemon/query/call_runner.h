// Answers unary calls on the worker pool: checks nothing itself, queues the work, turns its Status
// into the call's, and counts it. A full queue answers ResourceExhausted at once, with RetryInfo.
//
// Any thread. Outlives every call it was given.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/worker_pool.h"

namespace shouwang::query {

class CallRunner {
 public:
  CallRunner(WorkerPool* pool, QueryMetrics* metrics) : pool_(pool), metrics_(metrics) {}

  // `work` may use the call's request and response, which gRPC keeps until the call ends. It is
  // skipped where the caller has already left.
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, Method method,
                                absl::AnyInvocable<absl::Status()> work);

 private:
  WorkerPool* const pool_;
  QueryMetrics* const metrics_;
};

}  // namespace shouwang::query
