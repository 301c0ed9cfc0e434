#include "storage/rocks/restore.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "storage/rocks/backup_directory.h"
#include "storage/rocks/database.h"

namespace shouwang {
namespace {

using rocks::FromRocks;

// Empty but for what an earlier try left.
absl::Status MakeEmpty(const std::string& into) {
  std::error_code error;
  std::filesystem::create_directories(into, error);
  if (error) {
    return absl::UnavailableError(fmt::format("cannot make {}: {}", into, error.message()));
  }
  for (std::filesystem::directory_iterator it(into, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name == rocks::kRestoringFolder || name == "lost+found") continue;
    return absl::FailedPreconditionError(
        fmt::format("{} is not empty (it holds {}); restore into a folder that is missing or empty",
                    into, name));
  }
  if (!error) std::filesystem::remove_all(into + "/" + rocks::kRestoringFolder, error);
  if (error) {
    return absl::UnavailableError(fmt::format("cannot use {}: {}", into, error.message()));
  }
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
  const int fault = errno;
  if (descriptor >= 0) close(descriptor);
  if (synced) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("cannot sync {}: {}", folder, std::strerror(fault)));
}

// CURRENT comes last: without it a directory is no store.
absl::Status MoveInto(const std::string& from, const std::string& into) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator it(from, error), end; !error && it != end;
       it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::ranges::stable_sort(names, {}, [](const std::string& name) { return name == "CURRENT"; });
  for (size_t i = 0; i < names.size() && !error; ++i) {
    if (names[i] == "CURRENT") {
      if (absl::Status status = SyncFolder(into); !status.ok()) return status;
    }
    std::filesystem::rename(from + "/" + names[i], into + "/" + names[i], error);
  }
  if (!error) std::filesystem::remove(from, error);
  if (error) {
    return absl::UnavailableError(
        fmt::format("moving the restored files into {}: {}", into, error.message()));
  }
  return SyncFolder(into);
}

}  // namespace

absl::StatusOr<std::vector<Backup>> ListBackups(const std::string& directory) {
  const absl::StatusOr<rocks::BackupReader> reader =
      rocks::OpenForReading(directory, [](uint64_t) {});
  if (!reader.ok()) return reader.status();
  return rocks::ListOf(*reader->engine);
}

absl::StatusOr<Backup> RestoreBackup(const std::string& directory, uint32_t id,
                                     const std::string& into, Backups::Progress progress) {
  if (into.empty()) return absl::InvalidArgumentError("the folder to restore into has no name");
  BackupProgress done;
  absl::StatusOr<rocks::BackupReader> reader =
      rocks::OpenForReading(directory, [&](uint64_t bytes) {
        done.bytes = std::min(bytes, done.of_bytes);
        progress(done);
      });
  if (!reader.ok()) return reader.status();
  absl::StatusOr<Backup> backup = rocks::FindBackup(*reader->engine, id, directory);
  if (!backup.ok()) return backup.status();
  if (absl::Status status = MakeEmpty(into); !status.ok()) return status;
  done.of_bytes = backup->bytes;
  const std::string restoring = into + "/" + rocks::kRestoringFolder;
  const rocksdb::IOStatus restored = reader->engine->RestoreDBFromBackup(
      rocksdb::RestoreOptions(), backup->id, restoring, restoring);
  if (!restored.ok()) {
    return FromRocks(restored, fmt::format("restoring backup {} of {}", backup->id, directory));
  }
  if (absl::Status status = MoveInto(restoring, into); !status.ok()) return status;
  return backup;
}

}  // namespace shouwang
