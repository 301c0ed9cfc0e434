// Answers unary calls on the worker pool: checks nothing itself, queues the work, turns its Status
// into the call's, and counts it. A full queue answers ResourceExhausted at once, with RetryInfo.
//
// Any thread. Outlives every call it was given.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "daemon/journal/read_journal.h"
#include "daemon/query/caller.h"
#include "daemon/query/query_metrics.h"
#include "daemon/query/worker_pool.h"

namespace shouwang::query {

class CallRunner {
 public:
  // `journal` may be nullptr: reads are not recorded.
  CallRunner(WorkerPool* pool, QueryMetrics* metrics, ReadJournal* journal = nullptr)
      : pool_(pool), metrics_(metrics), journal_(journal) {}

  // `work` may use the call's request and response, which gRPC keeps until the call ends. It is
  // skipped where the caller has already left.
  grpc::ServerUnaryReactor* Run(grpc::CallbackServerContext* context, Method method,
                                absl::AnyInvocable<absl::Status()> work);
  // A call that shows values or warnings of households: what `reading` (reading.h) says of it is
  // noted once `work` has succeeded, before the caller gets the answer; where it cannot be, the
  // caller gets that in its place. Calls that fail show nothing and are not noted.
  grpc::ServerUnaryReactor* RunRead(grpc::CallbackServerContext* context, Method method,
                                    absl::AnyInvocable<absl::Status()> work,
                                    absl::AnyInvocable<AuditRecord(const Caller&)> reading);
  // The same of a call that is not run here.
  absl::Status Note(AuditRecord reading) const;

 private:
  WorkerPool* const pool_;
  QueryMetrics* const metrics_;
  ReadJournal* const journal_;
};

}  // namespace shouwang::query
