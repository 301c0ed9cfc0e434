#include "storage/rocks/rocks_backups.h"

#include <fmt/format.h>
#include <rocksdb/utilities/backup_engine.h>

#include <atomic>
#include <filesystem>
#include <set>
#include <string_view>
#include <utility>

#include "storage/rocks/backup_directory.h"
#include "storage/rocks/database.h"

namespace shouwang {
namespace {

using rocks::FromRocks;
using rocks::kProgressBytes;

absl::Status Stopping() {
  return absl::UnavailableError("the backup was stopped: the daemon is stopping");
}

// Whether `inner` is `outer` or lies in it.
bool LiesIn(const std::string& inner, const std::string& outer) {
  const auto of = std::filesystem::weakly_canonical(outer);
  const auto path = std::filesystem::weakly_canonical(inner);
  return std::mismatch(of.begin(), of.end(), path.begin(), path.end()).first == of.end();
}

// What a new backup will copy, about: the store's data files that no backup has by number and size.
uint64_t BytesToCopy(rocksdb::DB& db, const std::string& directory) {
  std::set<std::pair<std::string, uint64_t>> kept;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory + "/shared_checksum", error), end;
       !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code gone;
    kept.emplace(name.substr(0, name.find('_')), it->file_size(gone));
  }
  std::vector<rocksdb::LiveFileMetaData> files;
  db.GetLiveFilesMetaData(&files);
  uint64_t bytes = 0;
  for (const rocksdb::LiveFileMetaData& file : files) {
    const std::string number = std::filesystem::path(file.name).stem().string();
    if (!kept.contains({number, file.size})) bytes += file.size;
  }
  return bytes;
}

}  // namespace

class RocksBackups::Turn {
 public:
  explicit Turn(RocksBackups* backups) : backups_(backups) {}
  ~Turn() {
    absl::MutexLock lock(&backups_->mutex_);
    backups_->running_ = false;
    backups_->creating_ = nullptr;
    backups_->reading_ = nullptr;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  RocksBackups* const backups_;
};

RocksBackups::RocksBackups(BackupOptions options, const RocksStore* store, rocksdb::FileLock* lock)
    : options_(std::move(options)), store_(store), lock_(lock) {}

RocksBackups::~RocksBackups() { rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError(); }

absl::StatusOr<std::unique_ptr<RocksBackups>> RocksBackups::Open(const BackupOptions& options,
                                                                 const RocksStore* store) {
  if (options.directory.empty()) return absl::InvalidArgumentError("the backups' path is empty");
  if (options.keep < 1) {
    return absl::InvalidArgumentError(
        fmt::format("{} backups to keep; at least 1 is", options.keep));
  }
  const std::string& data = store->database().options().path;
  if (LiesIn(options.directory, data) || LiesIn(data, options.directory)) {
    return absl::InvalidArgumentError(
        fmt::format("backups in {} and the store in {} must be two folders, neither in the other",
                    options.directory, data));
  }
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) {
    return absl::UnavailableError(fmt::format("cannot make the backups' directory {}: {}",
                                              options.directory, error.message()));
  }
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status locked =
      rocksdb::Env::Default()->LockFile(options.directory + "/LOCK", &lock);
  if (!locked.ok()) {
    return absl::UnavailableError(fmt::format("the backups {} cannot be taken for writing: {}",
                                              options.directory, locked.ToString()));
  }
  return std::unique_ptr<RocksBackups>(new RocksBackups(options, store, lock));
}

absl::Status RocksBackups::CanRun() const {
  if (stopped_) return Stopping();
  if (running_) {
    return absl::UnavailableError(
        "a backup is being taken or verified; one does at a time, try again when it is done");
  }
  return absl::OkStatus();
}

absl::StatusOr<Backup> RocksBackups::Create(Progress progress) {
  rocksdb::BackupEngineOptions engine_options(options_.directory);
  engine_options.backup_rate_limit = static_cast<uint64_t>(options_.max_bytes_per_second);
  engine_options.callback_trigger_interval_size = kProgressBytes;
  std::unique_ptr<rocksdb::BackupEngine> engine;  // outlives the turn, which tells Stop of it
  {
    absl::MutexLock lock(&mutex_);
    if (absl::Status status = CanRun(); !status.ok()) return status;
    running_ = true;
  }
  const Turn turn(this);
  rocksdb::BackupEngine* opened = nullptr;
  rocksdb::IOStatus status =
      rocksdb::BackupEngine::Open(engine_options, rocksdb::Env::Default(), &opened);
  engine.reset(opened);
  if (!status.ok()) return FromRocks(status, "opening the backups");
  {
    std::vector<Backup> before = rocks::ListOf(*engine);
    absl::MutexLock lock(&mutex_);
    if (stopped_) return Stopping();
    listed_ = std::move(before);
    creating_ = engine.get();
  }
  rocksdb::DB& db = store_->database().db();
  BackupProgress done{0, BytesToCopy(db, options_.directory)};
  rocksdb::CreateBackupOptions create;
  // What is in the log only would be copied anew each time; in data files it is shared.
  create.flush_before_backup = true;
  create.progress_callback = [&] {
    done.bytes += kProgressBytes;
    done.of_bytes = std::max(done.of_bytes, done.bytes);
    progress(done);
  };
  rocksdb::BackupID id = 0;
  status = engine->CreateNewBackupWithMetadata(
      create, &db, rocks::WriteBackupNote(store_->Statistics().batches), &id);
  if (status.IsIncomplete()) return Stopping();
  if (!status.ok()) return FromRocks(status, "taking a backup");
  // The new one stands; what is left of an older one goes with the next.
  const rocksdb::IOStatus purged = engine->PurgeOldBackups(static_cast<uint32_t>(options_.keep));
  if (!purged.ok()) return FromRocks(purged, fmt::format("letting go of backups before {}", id));
  return rocks::FindBackup(*engine, id, options_.directory);
}

std::vector<Backup> RocksBackups::List() const {
  {
    absl::MutexLock lock(&mutex_);
    if (creating_ != nullptr) return listed_;
  }
  const absl::StatusOr<rocks::BackupReader> reader =
      rocks::OpenForReading(options_.directory, [](uint64_t) {});
  return reader.ok() ? rocks::ListOf(*reader->engine) : std::vector<Backup>();
}

absl::StatusOr<Backup> RocksBackups::Verify(uint32_t id, Progress progress) {
  BackupProgress done;
  rocks::BackupReader reader;  // outlives the turn, which tells Stop of it
  {
    absl::MutexLock lock(&mutex_);
    if (absl::Status status = CanRun(); !status.ok()) return status;
    running_ = true;
  }
  const Turn turn(this);
  absl::StatusOr<rocks::BackupReader> opened =
      rocks::OpenForReading(options_.directory, [&](uint64_t bytes) {
        done.bytes = std::min(bytes, done.of_bytes);
        progress(done);
      });
  if (!opened.ok()) return opened.status();
  reader = *std::move(opened);
  absl::StatusOr<Backup> backup = rocks::FindBackup(*reader.engine, id, options_.directory);
  if (!backup.ok()) return backup.status();
  done.of_bytes = backup->bytes;
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return Stopping();
    reading_ = reader.meter.get();
  }
  const rocksdb::IOStatus status =
      reader.engine->VerifyBackup(backup->id, /*verify_with_checksum=*/true);
  if (reader.meter->stopped()) return Stopping();
  if (!status.ok()) return FromRocks(status, fmt::format("verifying backup {}", backup->id));
  return backup;
}

void RocksBackups::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  // Both only set a flag.
  if (creating_ != nullptr) creating_->StopBackup();
  if (reading_ != nullptr) reading_->Stop();
}

}  // namespace shouwang
