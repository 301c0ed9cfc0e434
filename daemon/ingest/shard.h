// One shard: a thread that takes in the batches of its townships, one bunch after the other, so
// that a subject is only ever handled by one thread.
//
//   Push (any thread) -> queue -> thread: repeats answered from the store, the others applied
//   (bunch.h), one Commit with its fsync, then the receipts
//
// Promises: every batch pushed has its reply set exactly once, by a receipt that is durable, or by
// one whose `error` says that nothing of it was stored. Nothing is dropped at the queue's bound:
// the batch is taken and its stream told to wait (see Push).
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/ingest/bunch.h"
#include "daemon/ingest/check.h"
#include "daemon/ingest/ingest_metrics.h"
#include "daemon/ingest/reply.h"
#include "daemon/ingest/transition_listener.h"
#include "daemon/risk/evaluator.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::ingest {

// A batch on its way from its stream to its receipt.
struct PendingBatch {
  std::string message;  // the SubmitRequest as it came, to be checked again by a newer rulebook
  std::shared_ptr<const Rulebook> rulebook;  // that `checked` was made by
  CheckedBatch checked;
  std::chrono::steady_clock::time_point arrived;
  std::unique_ptr<Reply> reply;

  // An estimate of what it keeps in memory.
  int64_t Bytes() const;
};

class Shard {
 public:
  // What a job runs with; it is the shard's thread, between two bunches. What it commits is known
  // at the instant it is given.
  using Job = std::function<void(const Rulebook&, risk::Evaluator&, Instant)>;

  // What is shared by all shards; everything outlives them. `listener` may be nullptr.
  struct Surroundings {
    Store& store;
    const CurrentRulebook& rulebook;
    const std::function<Instant()>& clock;
    const IngestBounds& bounds;
    IngestMetrics& metrics;
    TransitionListener* listener;
    // Nothing that the store has was known later. What comes is known later, whatever the clock
    // says: it may have been set back, even while the daemon was down.
    Instant known_before{};
  };

  Shard(int index, const Surroundings& surroundings);
  ~Shard() { Stop(); }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Takes the batch. False: the queue is at its bound now, and the caller should push nothing more
  // until `on_room` has been called (once, from the shard's thread).
  bool Push(std::unique_ptr<PendingBatch> batch, std::function<void()> on_room)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // False after Stop: the job is not run.
  bool Post(Job job) ABSL_LOCKS_EXCLUDED(mutex_);
  // Works off what was pushed and posted, then ends the thread. Later batches are answered
  // Unavailable.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  using Bunch = std::vector<std::unique_ptr<PendingBatch>>;

  void Run();
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool HasRoom() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Instant NextKnownAt();
  Bunch TakeBunch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<std::function<void()>> TakeWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AdoptRulebook();
  void Process(Bunch bunch);
  void CommitAndAnswer(Bunch bunch);
  void CheckAgain(Bunch* bunch);
  Bunch AnswerRepeats(Bunch bunch, Bunch* later_repeats);
  absl::Status Commit(std::span<CheckedBatch* const> batches);
  void Answer(PendingBatch& batch, v1::Receipt receipt);
  void AnswerError(PendingBatch& batch, const absl::Status& status);

  const int index_;
  const Surroundings surroundings_;

  // The thread's own.
  std::shared_ptr<const Rulebook> rulebook_;
  std::optional<risk::Evaluator> evaluator_;
  Instant last_known_at_;
  BunchMemory memory_;

  mutable absl::Mutex mutex_;
  std::deque<std::unique_ptr<PendingBatch>> queue_ ABSL_GUARDED_BY(mutex_);
  int64_t queued_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::function<void()>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

// Which of `shards` a township belongs to; the same for the life of a process.
size_t ShardOf(const Division& township, size_t shards);

// A receipt that refuses the batch, with `status` as its error.
v1::Receipt RefusalOf(const std::string& request_id, const absl::Status& status);

}  // namespace shouwang::ingest
