// The daemon's log: one line per event on stderr, `time level=... event=... key=value ...`, for
// journald and for grep. Any thread, once StartLog has returned.
#pragma once

#include <spdlog/spdlog.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace shouwang::app {

// `level` as in Config::log_level. gRPC's own lines come through here from then on. May be called
// again to change the level.
void StartLog(std::string_view level);

// As a value in a line: quoted, with line ends and quotes escaped.
std::string Quoted(std::string_view text);
std::string Quoted(const absl::Status& status);

}  // namespace shouwang::app
