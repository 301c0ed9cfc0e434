#include "tests/crash/daemon.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace shouwang::crash {

Daemon::Daemon(std::string program, std::string folder)
    : program_(std::move(program)), folder_(std::move(folder)) {}

Daemon::~Daemon() { Kill(); }

void Daemon::Start() {
  const std::string notices = folder_ + "/notices";
  unlink(notices.c_str());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, notices.c_str(), sizeof(address.sun_path) - 1);
  notices_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (bind(notices_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) std::abort();
  const std::string config = folder_ + "/shouwangd.yaml";
  const std::string ready = folder_ + "/ready";
  const std::string output = log();
  unlink(ready.c_str());
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    // Nothing of it outlives the test.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    setenv("NOTIFY_SOCKET", notices.c_str(), 1);
    const int to = open(output.c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
    dup2(to, STDOUT_FILENO);
    dup2(to, STDERR_FILENO);
    execl(program_.c_str(), program_.c_str(), "--config", config.c_str(), "--ready-file",
          ready.c_str(), nullptr);
    _exit(127);
  }
  process_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (process_ < 0) std::abort();
}

Daemon::State Daemon::AwaitReady(std::chrono::milliseconds limit) {
  pollfd ends[] = {{notices_, POLLIN, 0}, {process_, POLLIN, 0}};
  if (poll(ends, 2, static_cast<int>(limit.count())) <= 0) return State::kNeither;
  if ((ends[1].revents & POLLIN) != 0) return State::kEnded;
  char notice[256];
  const ssize_t size = recv(notices_, notice, sizeof(notice), 0);
  if (size < 0 || std::string_view(notice, static_cast<size_t>(size)) != "READY=1") {
    return State::kNeither;
  }
  std::ifstream file(folder_ + "/ready");
  const nlohmann::json facts = nlohmann::json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!facts.is_object()) return State::kNeither;
  grpc_port_ = facts.value("grpc_port", 0);
  metrics_port_ = facts.value("metrics_port", 0);
  return State::kReady;
}

Daemon::State Daemon::AwaitEnd(std::chrono::microseconds limit) {
  pollfd end{process_, POLLIN, 0};
  const timespec time{limit.count() / 1'000'000, limit.count() % 1'000'000 * 1'000};
  return ppoll(&end, 1, &time, nullptr) > 0 ? State::kEnded : State::kNeither;
}

int Daemon::Reap() {
  int status = 0;
  waitpid(pid_, &status, 0);
  close(process_);
  close(notices_);
  pid_ = -1;
  return status;
}

bool Daemon::Kill() {
  if (pid_ < 0) return false;
  kill(pid_, SIGKILL);
  const int status = Reap();
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

bool Daemon::Stop() {
  if (pid_ < 0) return false;
  kill(pid_, SIGTERM);
  const int status = Reap();
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace shouwang::crash
