// The daemon under test, as a process: started on a folder (world.h), killed, started again.
// One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

namespace shouwang::crash {

class Daemon {
 public:
  // `program` is shouwangd. Its output is appended to `folder`/shouwangd.log.
  Daemon(std::string program, std::string folder);
  // Kills it where it still runs.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  void Start();
  enum class State { kReady, kEnded, kNeither };
  // Which of them comes to pass within `limit`.
  State AwaitReady(std::chrono::milliseconds limit);
  // kEnded or kNeither, as above.
  State AwaitEnd(std::chrono::microseconds limit);
  // SIGKILL. False where it had ended by itself.
  bool Kill();
  // SIGTERM; whether it ended with exit code 0.
  bool Stop();

  int grpc_port() const { return grpc_port_; }
  int metrics_port() const { return metrics_port_; }
  std::string data() const { return folder_ + "/data"; }
  std::string log() const { return folder_ + "/shouwangd.log"; }

 private:
  int Reap();

  const std::string program_;
  const std::string folder_;
  int notices_ = -1;  // a socket that sd_notify speaks to
  pid_t pid_ = -1;
  int process_ = -1;  // a pidfd
  int grpc_port_ = 0;
  int metrics_port_ = 0;
};

}  // namespace shouwang::crash
