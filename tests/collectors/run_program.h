// Runs one of the built programs and waits for its end.
#pragma once

#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <string_view>

namespace shouwang {

struct Ended {
  int code = -1;
  std::string out;  // and stderr
};

// `arguments` as a shell reads them.
inline Ended RunProgram(std::string_view program, std::string_view arguments) {
  const std::string command =
      fmt::format("{}/bin/{} {} 2>&1", SHOUWANG_BINARY_DIR, program, arguments);
  Ended ended;
  FILE* pipe = popen(command.c_str(), "r");
  char buffer[4096];
  while (fgets(buffer, sizeof buffer, pipe) != nullptr) ended.out += buffer;
  const int status = pclose(pipe);
  ended.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

}  // namespace shouwang
