#include "daemon/app/ready_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include <nlohmann/json.hpp>

namespace shouwang::app {
namespace {

std::string WithPort(const std::string& address, int port) {
  return fmt::format("{}:{}", address.substr(0, address.rfind(':')), port);
}

}  // namespace

absl::Status WriteReadyFile(const std::string& path, const ReadyFacts& facts) {
  const nlohmann::json ready = {{"grpc", WithPort(facts.listen, facts.grpc_port)},
                                {"metrics", WithPort(facts.metrics_listen, facts.metrics_port)},
                                {"grpc_port", facts.grpc_port},
                                {"metrics_port", facts.metrics_port},
                                {"pid", getpid()}};
  const std::string partial = path + ".partial";
  {
    std::ofstream file(partial, std::ios::trunc);
    file << ready.dump() << "\n";
    if (!file.flush()) {
      return absl::UnavailableError(fmt::format("--ready-file: {} cannot be written", partial));
    }
  }
  if (std::rename(partial.c_str(), path.c_str()) != 0) {
    return absl::UnavailableError(fmt::format("--ready-file: {} cannot be written", path));
  }
  return absl::OkStatus();
}

}  // namespace shouwang::app
