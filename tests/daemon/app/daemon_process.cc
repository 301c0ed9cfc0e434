#include "tests/daemon/app/daemon_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

namespace shouwang::app {
namespace {

constexpr const char* kProgram = SHOUWANG_BINARY_DIR "/bin/shouwangd";

constexpr const char* kCatalogue = R"(
indicators:
  - {id: 1, name: wage_income, title_zh: 工资, title_en: Wage, unit: yuan, decimals: 2, min: 0,
     max: 1000000, cadence: monthly, applies_to: household, supplied_by: cadre_visit}
  - {id: 50, name: school_seats, title_zh: 学位, title_en: Seats, unit: seats, decimals: 0, min: 0,
     max: 100000, cadence: yearly, applies_to: site, supplied_by: department_screening}
)";

constexpr const char* kDivisions =
    "code,name\n52,贵州省\n5205,毕节市\n520502,七星关区\n520502001,市西街道\n"
    "520502001001,一村\n";

constexpr const char* kSites = R"(
sites:
  - {settlement: "520502001", number: 3, name_zh: 柏杨林, name_en: Baiyanglin,
     origins: ["520502001001"]}
)";

std::string NextName() {
  static std::atomic<int> next = 0;
  return fmt::format("daemon{}", next++);
}

// Forks and executes; stdout and stderr go to files beside `home`.
pid_t Spawn(const Home& home, const std::string& name, const std::vector<std::string>& arguments,
            const std::string& notify_socket) {
  std::vector<std::string> words = {kProgram};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = home.Path(name + ".out");
  const std::string err = home.Path(name + ".err");
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (!notify_socket.empty()) setenv("NOTIFY_SOCKET", notify_socket.c_str(), 1);
  const int to_out = open(out.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  const int to_err = open(err.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  dup2(to_out, STDOUT_FILENO);
  dup2(to_err, STDERR_FILENO);
  execv(kProgram, argv.data());
  _exit(127);
}

Ended WaitFor(const Home& home, const std::string& name, pid_t pid) {
  Ended ended;
  int status = 0;
  if (waitpid(pid, &status, 0) == pid) {
    ended.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  ended.out = home.Read(name + ".out");
  ended.err = home.Read(name + ".err");
  return ended;
}

}  // namespace

Home::Home() {
  // Not under TempDir, whose path may be too long for a socket's name.
  std::string folder = "/tmp/shouwang_app_XXXXXX";
  folder_ = mkdtemp(folder.data());
  Write("catalogue.yaml", kCatalogue);
  Write("divisions.csv", kDivisions);
  Write("sites.yaml", kSites);
  Write("policy.yaml", PolicyText(202001, 600));
  Write("shouwangd.yaml", ConfigText());
}

Home::~Home() { std::filesystem::remove_all(folder_); }

void Home::Write(const std::string& name, const std::string& text) const {
  std::ofstream(Path(name)) << text;
}

std::string Home::Read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(Path(name)).rdbuf();
  return text.str();
}

std::string Home::PolicyText(int version, int line) {
  return fmt::format(R"(
version: {}
effective_from: 2020-01-01
title_zh: 测试政策
title_en: Test policy
constants:
  - {{name: line, value: {}, unit: yuan, title_zh: 线, title_en: Line, citation: placeholder}}
features:
  - {{name: wage, kind: last, of: [wage_income], window_months: 12, unit: yuan, title_zh: 工资,
     title_en: Wage}}
rules:
  - {{id: 101, name: wage_low, kind: income, severity: red, applies_to: household,
     when: wage < line, hold_months: 0, title_zh: 工资低, title_en: Low wage,
     measure_zh: 就业, measure_en: Work, citation: placeholder}}
)",
                     version, line);
}

std::string Home::ConfigText() {
  return R"(
listen: 127.0.0.1:0
metrics_listen: 127.0.0.1:0
data_dir: data
catalogue: catalogue.yaml
divisions: divisions.csv
sites: sites.yaml
policies: [policy.yaml]
store:
  cache_bytes: 16777216
  write_buffer_bytes: 4194304
)";
}

DaemonProcess::DaemonProcess(const Home& home, const std::vector<std::string>& more)
    : home_(home), name_(NextName()) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = home.Path(name_ + ".socket");
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  notices_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(bind(notices_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  const timeval minute{.tv_sec = 60, .tv_usec = 0};
  setsockopt(notices_, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof(minute));
  std::vector<std::string> arguments = {"--config", home.Path("shouwangd.yaml"), "--ready-file",
                                        home.Path(name_ + ".ready")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  pid_ = Spawn(home, name_, arguments, path);
}

DaemonProcess::~DaemonProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    const Ended ended = Wait();
    if (testing::Test::HasFailure()) fmt::print(stderr, "{}", ended.err);
  }
  close(notices_);
}

std::string DaemonProcess::NextNotice() const {
  char buffer[4096];
  const ssize_t size = recv(notices_, buffer, sizeof(buffer), 0);
  return size < 0 ? "" : std::string(buffer, static_cast<size_t>(size));
}

int DaemonProcess::GrpcPort() const {
  return nlohmann::json::parse(home_.Read(ReadyName())).at("grpc_port").get<int>();
}

int DaemonProcess::MetricsPort() const {
  return nlohmann::json::parse(home_.Read(ReadyName())).at("metrics_port").get<int>();
}

void DaemonProcess::Signal(int signal) const { kill(pid_, signal); }

Ended DaemonProcess::Wait() {
  Ended ended = WaitFor(home_, name_, pid_);
  pid_ = -1;
  return ended;
}

Ended RunDaemon(const Home& home, const std::vector<std::string>& arguments) {
  const std::string name = NextName();
  return WaitFor(home, name, Spawn(home, name, arguments, ""));
}

}  // namespace shouwang::app
