#include "storage/rocks/disk_faults.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>

namespace shouwang::rocks {
namespace {

using rocksdb::BackgroundErrorReason;
using rocksdb::Status;

constexpr uint64_t kMostReserveBytes = uint64_t{256} << 20;
constexpr uint64_t kReservedShare = 16;

bool IsFull(const Status& error) {
  return error.IsNoSpace() || error.subcode() == Status::kSpaceLimit;
}

// Of a log whose fsync failed: the record may be whole in the file though nobody was told. Going on
// beside it could apply it to some families and not to others after a kill.
bool OfAnFsync(const Status& error) { return error.ToString().find("sync") != std::string::npos; }

}  // namespace

std::string DiskFaults::NoRoomReason() const {
  struct statvfs disk = {};
  if (folder_.empty() || statvfs(folder_.c_str(), &disk) != 0) return "";
  const uint64_t block = disk.f_frsize;
  const uint64_t reserve = std::min(kMostReserveBytes, block * disk.f_blocks / kReservedShare);
  const uint64_t free = block * disk.f_bavail;
  if (free > reserve) return "";
  return fmt::format(
      "the disk is full: {} MiB are free, the last {} MiB are kept in reserve; commits go on once "
      "space is freed",
      free >> 20, std::max<uint64_t>(reserve >> 20, 1));
}

std::string DiskFaults::ReadOnlyReason() {
  std::string reason = NoRoomReason();
  bool changed = false;
  {
    absl::MutexLock lock(&mutex_);
    changed = no_room_ != !reason.empty();
    no_room_ = !reason.empty();
    if (!read_only_reason_.empty()) return read_only_reason_;
  }
  if (changed) Tell(reason.empty() ? "commits go on" : fmt::format("no commits: {}", reason));
  return reason;
}

void DiskFaults::CountDamage(const std::string& what) {
  ++damage_;
  {
    // A damaged record is met again by every reader and every compaction: told once in a row.
    absl::MutexLock lock(&mutex_);
    if (what == last_damage_) return;
    last_damage_ = what;
  }
  Tell(fmt::format("damaged: {}", what));
}

void DiskFaults::StopCommits(std::string why) {
  {
    absl::MutexLock lock(&mutex_);
    if (why == read_only_reason_) return;
    read_only_reason_ = why;
  }
  Tell(fmt::format("no commits: {}", why));
}

void DiskFaults::OnBackgroundError(BackgroundErrorReason reason, Status* error) {
  const std::string text = error->ToString();
  if (reason == BackgroundErrorReason::kCompaction && !IsFull(*error) &&
      (error->IsCorruption() || error->IsIOError())) {
    CountDamage(fmt::format("compaction: {}", text));
    *error = Status::OK();
    return;
  }
  if (error->severity() < Status::kHardError) return;
  if (IsFull(*error) && error->severity() == Status::kHardError && !OfAnFsync(*error)) {
    StopCommits(fmt::format(
        "the disk is full; commits go on some seconds after space is freed ({})", text));
    return;
  }
  StopCommits(fmt::format("the disk failed; mend it, then restart the daemon ({})", text));
}

void DiskFaults::OnErrorRecoveryBegin(BackgroundErrorReason /*reason*/, Status error,
                                      bool* auto_recovery) {
  if (OfAnFsync(error)) *auto_recovery = false;
}

void DiskFaults::OnErrorRecoveryCompleted(Status /*old_error*/) {
  {
    absl::MutexLock lock(&mutex_);
    if (read_only_reason_.empty()) return;
    read_only_reason_.clear();
  }
  Tell("commits go on");
}

}  // namespace shouwang::rocks
