// The signals that the daemon acts on, taken one by one by main's thread, so that no code of ours
// ever runs inside a handler. Construct before any other thread is started.
#pragma once

#include <csignal>

namespace shouwang::app {

class Signals {
 public:
  // Blocks SIGHUP, SIGTERM and SIGINT in this thread and all that it starts; ignores SIGPIPE.
  Signals();
  // The next of them. Main's thread.
  int Wait();

 private:
  sigset_t set_{};
};

}  // namespace shouwang::app
