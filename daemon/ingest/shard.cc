#include "daemon/ingest/shard.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "daemon/ingest/request_reader.h"
#include "daemon/wire/status.h"
#include "daemon/wire/text.h"

namespace shouwang::ingest {
namespace {

constexpr int kRetryMs = 1000;
// Shards keep the processors busy for as long as there are batches; a question takes half a
// millisecond and should not wait for them. In steps of `nice`, below the daemon's other threads.
constexpr int kBelowQueries = 5;

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Unavailable, with RetryInfo: the batch may be sent again as it is. Damage in the store does not
// go away by sending again, so DataLoss stays what it is.
google::rpc::Status NotStored(const absl::Status& why) {
  const std::string message =
      fmt::format("nothing of the batch was stored: {}", std::string(why.message()));
  if (absl::IsDataLoss(why)) return wire::ToProto(absl::DataLossError(message));
  google::rpc::Status error = wire::ToProto(wire::TryAgain(message, kRetryMs));
  error.set_code(static_cast<int>(absl::StatusCode::kUnavailable));
  return error;
}

}  // namespace

int64_t PendingBatch::Bytes() const {
  return 4096 + static_cast<int64_t>(message.size()) +
         static_cast<int64_t>(checked.observations.size() * sizeof(ObservationList::Cell)) +
         static_cast<int64_t>(checked.observations.reports().size() *
                              sizeof(ObservationList::Report)) +
         int64_t{256} * checked.receipt.rejections_size();
}

size_t ShardOf(const Division& township, size_t shards) {
  // Neighbouring codes spread evenly (the multiplier is 2^64 over the golden ratio).
  return static_cast<size_t>((township.code() * 0x9E3779B97F4A7C15ULL) >> 32) % shards;
}

v1::Receipt RefusalOf(const std::string& request_id, const absl::Status& status) {
  v1::Receipt receipt;
  receipt.set_request_id(wire::CleanText(request_id, kMaxNameBytes));
  *receipt.mutable_error() = wire::ToProto(status);
  return receipt;
}

Shard::Shard(int index, const Surroundings& surroundings)
    : index_(index),
      surroundings_(surroundings),
      last_known_at_(surroundings.known_before),
      memory_(surroundings.bounds.recent_bytes / surroundings.bounds.shards),
      thread_([this] { Run(); }) {}

bool Shard::Push(std::unique_ptr<PendingBatch> batch, std::function<void()> on_room) {
  {
    absl::MutexLock lock(&mutex_);
    if (!stopping_) {
      queued_bytes_ += batch->Bytes();
      queue_.push_back(std::move(batch));
      surroundings_.metrics.SetQueued(index_, queue_.size());
      if (HasRoom()) return true;
      waiting_.push_back(std::move(on_room));
      surroundings_.metrics.BeginSlowing();
      return false;
    }
  }
  AnswerError(*batch, absl::UnavailableError("the daemon is stopping"));
  return true;
}

bool Shard::Post(Job job) {
  absl::MutexLock lock(&mutex_);
  if (stopping_) return false;
  jobs_.push_back(std::move(job));
  return true;
}

void Shard::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool Shard::HasWork() const { return stopping_ || !queue_.empty() || !jobs_.empty(); }

bool Shard::HasRoom() const {
  return queue_.size() < static_cast<size_t>(surroundings_.bounds.queue_batches) &&
         queued_bytes_ < surroundings_.bounds.queue_bytes;
}

void Shard::Run() {
  pthread_setname_np(pthread_self(), fmt::format("shard-{}", index_).c_str());
  // Where the system does not allow it, questions wait a little longer.
  const int niceness = getpriority(PRIO_PROCESS, 0);
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness + kBelowQueries);
  for (;;) {
    Bunch bunch;
    Job job;
    std::vector<std::function<void()>> woken;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(
          +[](Shard* shard) ABSL_SHARED_LOCKS_REQUIRED(shard->mutex_) { return shard->HasWork(); },
          this));
      if (queue_.empty() && jobs_.empty()) return;
      bunch = TakeBunch();
      woken = TakeWaiting();
      if (!jobs_.empty()) {
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
    }
    for (const auto& wake : woken) wake();
    AdoptRulebook();
    if (!bunch.empty()) Process(std::move(bunch));
    if (!job) continue;
    job(*rulebook_, *evaluator_, NextKnownAt());
    // It may have dropped what a retention closes.
    memory_.ClearRecent();
  }
}

Shard::Bunch Shard::TakeBunch() {
  Bunch bunch;
  size_t values = 0;
  while (!queue_.empty()) {
    const size_t size = queue_.front()->checked.observations.size();
    if (!bunch.empty() && values + size > static_cast<size_t>(surroundings_.bounds.bunch_values)) {
      break;
    }
    values += size;
    queued_bytes_ -= queue_.front()->Bytes();
    bunch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  surroundings_.metrics.SetQueued(index_, queue_.size());
  return bunch;
}

// All of them: each has at most one batch at hand, and one that has nothing more to push must not
// keep another waiting.
std::vector<std::function<void()>> Shard::TakeWaiting() {
  std::vector<std::function<void()>> woken;
  if (HasRoom()) woken.swap(waiting_);
  surroundings_.metrics.EndSlowing(woken.size());
  return woken;
}

// An evaluator keeps pointers into the policies, so it goes before its rulebook does.
void Shard::AdoptRulebook() {
  std::shared_ptr<const Rulebook> current = surroundings_.rulebook.Get();
  if (current == rulebook_) return;
  evaluator_.reset();
  rulebook_ = std::move(current);
  evaluator_.emplace(rulebook_->policies, rulebook_->reg.catalogue);
  surroundings_.metrics.AddRules(rulebook_->policies);
}

void Shard::Process(Bunch bunch) {
  CheckAgain(&bunch);
  Bunch later_repeats;
  bunch = AnswerRepeats(std::move(bunch), &later_repeats);
  if (!bunch.empty()) CommitAndAnswer(std::move(bunch));
  // Their first sending has been answered above; what it left in the store answers them too.
  Bunch again;
  for (Bunch rest = std::move(later_repeats); !rest.empty(); rest = std::move(again)) {
    again.clear();
    Bunch unanswered = AnswerRepeats(std::move(rest), &again);
    for (const auto& batch : unanswered) {
      AnswerError(*batch, absl::UnavailableError("its first sending was not stored"));
    }
  }
}

void Shard::CommitAndAnswer(Bunch bunch) {
  std::vector<CheckedBatch*> batches;
  for (const auto& batch : bunch) batches.push_back(&batch->checked);
  const absl::Status status = Commit(batches);
  // Damage that one batch runs into must not take the others of its bunch along.
  if (absl::IsDataLoss(status) && bunch.size() > 1) {
    for (std::unique_ptr<PendingBatch>& batch : bunch) {
      batch->rulebook.reset();  // its receipt was filled in: it is checked again from its message
      Bunch alone;
      alone.push_back(std::move(batch));
      CheckAgain(&alone);
      if (!alone.empty()) CommitAndAnswer(std::move(alone));
    }
    return;
  }
  for (const auto& batch : bunch) {
    if (status.ok()) {
      surroundings_.metrics.CountReceipt(batch->checked.receipt);
      Answer(*batch, std::move(batch->checked.receipt));
    } else {
      AnswerError(*batch, status);
    }
  }
}

// A batch that was checked by a rulebook which is no longer in force must not be judged by this
// one.
void Shard::CheckAgain(Bunch* bunch) {
  std::optional<RequestReader> reader;
  std::erase_if(*bunch, [&](std::unique_ptr<PendingBatch>& batch) {
    if (batch->rulebook == rulebook_) return false;
    if (!reader) reader.emplace();
    absl::StatusOr<CheckedBatch> checked;
    const bool read = reader->Read(batch->message, [&](const v1::Batch& sent) {
      checked = CheckBatch(sent, *rulebook_, surroundings_.clock(), surroundings_.bounds);
    });
    if (!read) {
      fmt::print(stderr, "a batch that was read before cannot be read\n");
      std::abort();
    }
    if (checked.ok()) {
      batch->checked = *std::move(checked);
      batch->rulebook = rulebook_;
      return false;
    }
    surroundings_.metrics.CountRefused();
    Answer(*batch, RefusalOf(batch->checked.receipt.request_id(), checked.status()));
    return true;
  });
}

// Answers what the store has a receipt for; keeps those that the bunch itself repeats for later.
Shard::Bunch Shard::AnswerRepeats(Bunch bunch, Bunch* later_repeats) {
  Bunch fresh;
  absl::flat_hash_set<std::string> ids;
  for (std::unique_ptr<PendingBatch>& batch : bunch) {
    const std::string& id = batch->checked.receipt.request_id();
    if (ids.contains(id)) {
      later_repeats->push_back(std::move(batch));
      continue;
    }
    const absl::StatusOr<std::optional<std::string>> stored = surroundings_.store.FindReceipt(id);
    if (!stored.ok()) {
      AnswerError(*batch, stored.status());
      continue;
    }
    if (!stored->has_value()) {
      ids.insert(id);
      fresh.push_back(std::move(batch));
      continue;
    }
    v1::Receipt receipt;
    if (!receipt.ParseFromString(**stored)) {
      AnswerError(*batch, absl::DataLossError("its stored receipt cannot be read"));
      continue;
    }
    receipt.set_repeated(true);
    surroundings_.metrics.CountRepeated();
    Answer(*batch, std::move(receipt));
  }
  return fresh;
}

// Never the same instant twice, so that "as known on" can tell any two commits apart.
Instant Shard::NextKnownAt() {
  last_known_at_ = std::max(surroundings_.clock(), last_known_at_ + std::chrono::milliseconds(1));
  return last_known_at_;
}

absl::Status Shard::Commit(std::span<CheckedBatch* const> batches) {
  const Instant known_at = NextKnownAt();
  absl::StatusOr<AppliedBunch> applied =
      ApplyBunch(batches, surroundings_.store, *rulebook_, *evaluator_, known_at, &memory_);
  if (!applied.ok()) {
    memory_.ClearRecent();
    return applied.status();
  }
  const auto start = std::chrono::steady_clock::now();
  absl::Status status = surroundings_.store.Commit(applied->transaction);
  surroundings_.metrics.commit_duration().Observe(SecondsSince(start));
  if (!status.ok()) {
    memory_.ClearRecent();
    return status;
  }
  memory_.EndBunch(std::move(applied->transaction));
  surroundings_.metrics.CountTransitions(applied->transitions);
  if (surroundings_.listener != nullptr && !applied->transitions.empty()) {
    surroundings_.listener->OnTransitions(applied->transitions);
  }
  return absl::OkStatus();
}

void Shard::Answer(PendingBatch& batch, v1::Receipt receipt) {
  surroundings_.metrics.batch_duration().Observe(SecondsSince(batch.arrived));
  batch.reply->Set(std::move(receipt));
}

void Shard::AnswerError(PendingBatch& batch, const absl::Status& status) {
  surroundings_.metrics.CountRefused();
  v1::Receipt receipt;
  receipt.set_request_id(batch.checked.receipt.request_id());
  *receipt.mutable_error() = NotStored(status);
  Answer(batch, std::move(receipt));
}

}  // namespace shouwang::ingest
