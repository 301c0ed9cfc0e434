#include "daemon/app/log.h"

#include <grpc/support/log.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

namespace shouwang::app {
namespace {

// gRPC reports in detail what its callers are told anyway; only its errors are worth a line.
void PassOn(gpr_log_func_args* line) {
  if (line->severity == GPR_LOG_SEVERITY_ERROR) {
    spdlog::debug("event=grpc message={}", Quoted(std::string_view(line->message)));
  }
}

}  // namespace

void StartLog(std::string_view level) {
  if (spdlog::get("shouwangd") == nullptr) {
    spdlog::set_default_logger(spdlog::stderr_logger_mt("shouwangd"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
    gpr_set_log_function(&PassOn);
  }
  spdlog::set_level(spdlog::level::from_str(std::string(level)));
  spdlog::flush_on(spdlog::level::trace);
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += ' ';
    } else {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string Quoted(const absl::Status& status) { return Quoted(std::string(status.message())); }

}  // namespace shouwang::app
