// shouwangd: reads its configuration, runs the rooms until it is told to stop.
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "daemon/app/app.h"
#include "daemon/app/check_config.h"
#include "daemon/app/log.h"
#include "daemon/app/offline.h"
#include "daemon/app/options.h"
#include "daemon/app/ready_file.h"
#include "daemon/app/service_notice.h"
#include "daemon/app/signals.h"
#include "daemon/config/config.h"

namespace shouwang::app {
namespace {

struct Loaded {
  Config config;
  std::shared_ptr<const Rulebook> rulebook;
};

// Whatever can be read is read, so that all problems are reported together.
Loaded Load(const Options& options, Problems* problems) {
  Loaded loaded;
  loaded.config = options.Over(LoadConfig(options.config_path, problems));
  const RulebookPaths& paths = loaded.config.rulebook;
  if (!paths.catalogue.empty() && !paths.divisions.empty()) {
    loaded.rulebook = LoadRulebook(paths, problems);
  }
  return loaded;
}

// Until SIGTERM or SIGINT.
void Run(const Options& options, Signals* signals, App* app) {
  while (signals->Wait() == SIGHUP) {
    NoticeReloading();
    spdlog::info("event=reload.started config={}", Quoted(options.config_path));
    Problems problems;
    Loaded loaded = Load(options, &problems);
    if (problems.empty()) StartLog(loaded.config.log_level);
    app->Reload(std::move(loaded.rulebook), problems);
    NoticeReady();
  }
}

int RunOffline(const Options& options) {
  Problems problems;
  Config config;
  if (!options.config_path.empty()) config = LoadConfig(options.config_path, &problems);
  config = options.Over(std::move(config));
  if (!problems.empty()) {
    fmt::print(stderr, "{}", DescribeProblems(problems));
    return 1;
  }
  return options.verify ? RunVerify(options, config) : RunRestore(options, config);
}

int Main(int argc, const char* const* argv) {
  Options options;
  int exit_code = 0;
  if (!ReadCommandLine(argc, argv, &options, &exit_code)) return exit_code;

  if (options.verify || !options.restore.empty()) return RunOffline(options);
  Problems problems;
  Loaded loaded = Load(options, &problems);
  if (!problems.empty()) {
    fmt::print(stderr, "{}", DescribeProblems(problems));
    return 1;
  }
  if (options.check_config) {
    fmt::print("{}", DescribeLoaded(loaded.config, *loaded.rulebook));
    return 0;
  }
  StartLog(loaded.config.log_level);
#ifdef NDEBUG
  // Debian builds abseil with its assertions, so that every lock, gRPC's too, looks for circles.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
#endif
  Signals signals;
  const auto started = App::Start(loaded.config, std::move(loaded.rulebook), [] {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  });
  if (!started.ok()) {
    spdlog::error("event=start.failed message={}", Quoted(started.status()));
    return 1;
  }
  App& app = **started;
  if (!options.ready_file.empty()) {
    const absl::Status written =
        WriteReadyFile(options.ready_file, {.listen = loaded.config.listen,
                                            .metrics_listen = loaded.config.metrics_listen,
                                            .grpc_port = app.grpc_port(),
                                            .metrics_port = app.metrics_port()});
    if (!written.ok()) {
      spdlog::error("event=start.failed message={}", Quoted(written));
      return 1;
    }
  }
  NoticeReady();
  Run(options, &signals, &app);
  NoticeStopping();
  if (!options.ready_file.empty()) unlink(options.ready_file.c_str());
  app.Stop();
  return 0;
}

}  // namespace
}  // namespace shouwang::app

int main(int argc, char** argv) { return shouwang::app::Main(argc, argv); }
