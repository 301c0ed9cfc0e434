// A real shouwangd over a folder of its own, for tests: written configuration, ports from the
// kernel, readiness told by sd_notify, so that nothing here waits for the clock.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace shouwang::app {

struct Ended {
  int exit_code = -1;
  std::string out;
  std::string err;
};

// A folder with a configuration that loads: one county, two indicators, one policy.
class Home {
 public:
  Home();
  ~Home();
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const;
  std::string Read(const std::string& name) const;
  // The policy, with the wage below which rule 101 warns.
  static std::string PolicyText(int version, int line);
  static std::string ConfigText();

 private:
  std::string folder_;
};

class DaemonProcess {
 public:
  // Starts it on `home`, ports 0, with `more` arguments.
  explicit DaemonProcess(const Home& home, const std::vector<std::string>& more = {});
  // Kills it where it still runs.
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  // The next thing it told systemd: "READY=1", "RELOADING=1...", "STOPPING=1". Empty after a
  // minute of silence.
  std::string NextNotice() const;
  std::string ReadyName() const { return name_ + ".ready"; }
  // From the ready file.
  int GrpcPort() const;
  int MetricsPort() const;
  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  // Waits for its end.
  Ended Wait();

 private:
  const Home& home_;
  std::string name_;
  int notices_ = -1;
  pid_t pid_ = -1;
};

// Runs shouwangd with just these arguments, to its end.
Ended RunDaemon(const Home& home, const std::vector<std::string>& arguments);

}  // namespace shouwang::app
