#include "daemon/journal/act_journal.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "daemon/journal/append_failures.h"

namespace shouwang {

ActJournal::ActJournal(Parts parts)
    : parts_(std::move(parts)),
      waiting_gauge_(prometheus::BuildGauge()
                         .Name("shouwang_audit_acts_waiting")
                         .Help("Acts of the daemon that wait to be written to the audit trail.")
                         .Register(*parts_.registry)
                         .Add({})),
      failures_(AppendFailures(parts_.registry)) {
  thread_.Start(
      {.every = parts_.between_tries, .at_once = false},
      [this](const std::stop_token&) {
        {
          absl::MutexLock lock(&mutex_);
          if (waiting_.empty()) return absl::OkStatus();
        }
        return Write(nullptr);
      },
      // That they wait was told when they began to.
      [](const absl::Status&) {});
}

void ActJournal::Tell(std::string_view what) const {
  if (parts_.notice) parts_.notice(what);
}

absl::Status ActJournal::Write(const AuditRecord* act) {
  const auto nobody_writes = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !writing_; };
  std::vector<AuditRecord> records;
  size_t waited = 0;
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&nobody_writes));
    records = waiting_;
    waited = records.size();
    if (act != nullptr) records.push_back(*act);
    if (records.empty()) return absl::OkStatus();
    writing_ = true;
  }
  absl::Status status = parts_.log->Append({AuditChainKind::kAdmin, {}}, records);
  if (!status.ok()) failures_.Increment();
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (status.ok())
      waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(waited));
    waiting_gauge_.Set(static_cast<double>(waiting_.size()));
  }
  if (status.ok() && waited > 0)
    Tell(fmt::format("acts that waited and are recorded now: {}", waited));
  return status;
}

absl::Status ActJournal::Append(const AuditRecord& act) { return Write(&act); }

void ActJournal::Record(AuditRecord act) {
  const absl::Status status = Write(&act);
  if (status.ok()) return;
  const std::string_view kind = AuditKindName(act.kind);
  bool kept = false;
  {
    absl::MutexLock lock(&mutex_);
    kept = waiting_.size() < kMaxWaiting;
    if (kept) waiting_.push_back(std::move(act));
    waiting_gauge_.Set(static_cast<double>(waiting_.size()));
  }
  Tell(kept ? fmt::format("an act of kind '{}' cannot be recorded and waits: {}", kind,
                          std::string(status.message()))
            : fmt::format("an act of kind '{}' is not recorded, as {} wait already: {}", kind,
                          kMaxWaiting, std::string(status.message())));
}

void ActJournal::Stop() {
  thread_.Stop();
  if (Write(nullptr).ok()) return;
  absl::MutexLock lock(&mutex_);
  Tell(fmt::format("acts that are not recorded: {}", waiting_.size()));
}

}  // namespace shouwang
