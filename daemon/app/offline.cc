#include "daemon/app/offline.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include <nlohmann/json.hpp>

#include "daemon/journal/acts.h"
#include "storage/rocks/restore.h"
#include "storage/rocks/rocks_audit_log.h"

namespace shouwang::app {
namespace {

// Lines of progress: one a second to a terminal, one in ten seconds to a log.
class ProgressLines {
 public:
  template <typename... Arguments>
  void Tell(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + (isatty(STDERR_FILENO) != 0 ? std::chrono::seconds(1) : std::chrono::seconds(10));
    fmt::print(stderr, format, std::forward<Arguments>(arguments)...);
  }

 private:
  std::chrono::steady_clock::time_point next_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

int Failed(const absl::Status& status) {
  fmt::print(stderr, "{}\n", std::string(status.message()));
  return 1;
}

}  // namespace

std::string DescribeVerified(const std::string& path, const Verified& verified) {
  std::string text =
      fmt::format("{:<24} {:>14} {:>8}  {}\n", "part", "checked", "damaged", "left out");
  uint64_t faults = 0;
  for (const VerifiedPart& part : verified.parts) {
    const std::string line =
        fmt::format("{:<24} {:>14} {:>8}  {}", part.name, part.checked, part.faults, part.left_out);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    faults += part.faults;
  }
  for (const std::string& fault : verified.faults) text += fault + "\n";
  if (faults > verified.faults.size()) {
    text += fmt::format("and {} more\n", faults - verified.faults.size());
  }
  return text + fmt::format("{} (format {}) {}\n", path, verified.format,
                            verified.sound() ? "is sound"
                            : faults == 0    ? "could not be looked at in full"
                                             : "is damaged");
}

std::string VerifiedJson(const std::string& path, const Verified& verified) {
  nlohmann::ordered_json json = {
      {"store", path}, {"format", verified.format}, {"sound", verified.sound()}};
  json["parts"] = nlohmann::ordered_json::array();
  for (const VerifiedPart& part : verified.parts) {
    json["parts"].push_back({{"part", part.name},
                             {"checked", part.checked},
                             {"damaged", part.faults},
                             {"left_out", part.left_out}});
  }
  json["faults"] = verified.faults;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

int RunVerify(const Options& options, const Config& config) {
  RocksOptions rocks;
  rocks.path = config.data_dir;
  rocks.cache_bytes = static_cast<size_t>(config.cache_bytes);
  rocks.write_buffer_bytes = static_cast<size_t>(config.write_buffer_bytes);
  ProgressLines lines;
  const absl::StatusOr<Verified> verified = VerifyStore(
      rocks,
      [&](const std::string& part, uint64_t checked) { lines.Tell("{}: {}\n", part, checked); });
  if (!verified.ok()) return Failed(verified.status());
  fmt::print("{}", options.json ? VerifiedJson(config.data_dir, *verified)
                                : DescribeVerified(config.data_dir, *verified));
  return verified->sound() ? 0 : 1;
}

namespace {

// The account of the system that runs this, of which there is no caller to say one.
std::string AccountOfSystem() {
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return fmt::format("uid-{}", getuid());
}

// So that whoever compares heads that were kept elsewhere finds why a chain ends earlier.
absl::Status RecordRestore(const Options& options, const Config& config, const Backup& backup) {
  RocksOptions rocks;
  rocks.path = config.data_dir;
  const absl::StatusOr<std::unique_ptr<RocksStore>> store = RocksStore::Open(rocks);
  if (!store.ok()) return store.status();
  RocksAuditLog log(store->get());
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  AuditRecord act = RestoreAct(options.restore, backup, now);
  act.actor = AccountOfSystem().substr(0, kMaxAuditActorBytes);
  return AppendAct(&log, act);
}

}  // namespace

int RunRestore(const Options& options, const Config& config) {
  ProgressLines lines;
  const absl::StatusOr<Backup> backup = RestoreBackup(
      options.restore, options.backup_id, config.data_dir, [&](const BackupProgress& progress) {
        lines.Tell("{} of {} MiB\n", progress.bytes >> 20, progress.of_bytes >> 20);
      });
  if (!backup.ok()) return Failed(backup.status());
  if (absl::Status status = RecordRestore(options, config, *backup); !status.ok()) {
    fmt::print(stderr, "{} is restored, but that could not be recorded in it\n", config.data_dir);
    return Failed(status);
  }
  if (options.json) {
    const nlohmann::ordered_json json = {{"store", config.data_dir},
                                         {"backup", backup->id},
                                         {"taken_at", ToString(backup->taken_at)},
                                         {"bytes", backup->bytes},
                                         {"batches", backup->batches}};
    fmt::print("{}\n", json.dump());
  } else {
    fmt::print("{} is backup {} of {}, taken {}, up to batch {}\n", config.data_dir, backup->id,
               options.restore, ToString(backup->taken_at), backup->batches);
  }
  return 0;
}

}  // namespace shouwang::app
