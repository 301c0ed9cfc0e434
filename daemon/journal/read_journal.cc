#include "daemon/journal/read_journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "daemon/journal/append_failures.h"

namespace shouwang {
namespace {

// How long a note may wait for others to be written with.
constexpr absl::Duration kLongestWait = absl::Seconds(1);

void Cut(AuditRecord* record) {
  record->actor.resize(std::min(record->actor.size(), kMaxAuditActorBytes));
  if (record->facts.size() > kMaxAuditFacts) record->facts.resize(kMaxAuditFacts);
  for (AuditFact& fact : record->facts) {
    fact.name.resize(std::min(fact.name.size(), kMaxAuditFactNameBytes));
    fact.value.resize(std::min(fact.value.size(), kMaxAuditFactBytes));
  }
}

}  // namespace

ReadJournal::ReadJournal(Parts parts)
    : parts_(std::move(parts)),
      waiting_gauge_(prometheus::BuildGauge()
                         .Name("shouwang_audit_queue_entries")
                         .Help("Notes of reads and what-ifs that wait to be written.")
                         .Register(*parts_.registry)
                         .Add({})),
      failures_(AppendFailures(parts_.registry)),
      thread_([this] { Work(); }) {}

absl::Status ReadJournal::Note(AuditRecord record) {
  record.at = parts_.now();
  Cut(&record);
  absl::MutexLock lock(&mutex_);
  if (stopping_) return absl::UnavailableError("the daemon is stopping");
  if (waiting_.size() >= kMaxWaiting) {
    return absl::ResourceExhaustedError(
        fmt::format("{} reads wait to be recorded, which is the limit: the store takes no writes, "
                    "and what cannot be recorded is not shown",
                    waiting_.size()));
  }
  waiting_.push_back(std::move(record));
  waiting_gauge_.Set(static_cast<double>(waiting_.size()));
  return absl::OkStatus();
}

void ReadJournal::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

bool ReadJournal::WriteSome() {
  std::vector<AuditRecord> some;
  {
    absl::MutexLock lock(&mutex_);
    const size_t count = std::min(waiting_.size(), kMaxTogether);
    some.assign(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  }
  if (some.empty()) return true;
  const absl::Status status = parts_.log->Append({AuditChainKind::kReads, {}}, some);
  if (status.ok() == failing_ && parts_.notice) {
    parts_.notice(status.ok() ? "reads are recorded again"
                              : fmt::format("reads cannot be recorded and wait: {}",
                                            std::string(status.message())));
  }
  failing_ = !status.ok();
  if (failing_) {
    failures_.Increment();
    return false;
  }
  // Only this thread takes any away.
  absl::MutexLock lock(&mutex_);
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(some.size()));
  waiting_gauge_.Set(static_cast<double>(waiting_.size()));
  return true;
}

void ReadJournal::Work() {
  const auto any = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !waiting_.empty();
  };
  const auto many = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return stopping_ || waiting_.size() >= kMaxTogether;
  };
  while (true) {
    bool stopping = false;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&any));
      // While the store refuses, once a second and not as often as there are many.
      if (failing_) {
        mutex_.AwaitWithTimeout(absl::Condition(&stopping_), kLongestWait);
      } else {
        mutex_.AwaitWithTimeout(absl::Condition(&many), kLongestWait);
      }
      stopping = stopping_;
    }
    const bool written = WriteSome();
    if (!stopping) continue;
    absl::MutexLock lock(&mutex_);
    if (written && !waiting_.empty()) continue;
    if (!written && parts_.notice) {
      parts_.notice(fmt::format("{} reads were not recorded", waiting_.size()));
    }
    return;
  }
}

}  // namespace shouwang
