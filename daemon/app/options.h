// What shouwangd is started with. A value.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/config/config.h"

namespace shouwang::app {

struct Options {
  std::string config_path;
  bool check_config = false;
  // Checks the store in data_dir instead of serving it.
  bool verify = false;
  // Makes the store in data_dir of a backup in this folder instead of serving it; empty: serves.
  std::string restore;
  uint32_t backup_id = 0;  // 0: the latest
  bool json = false;       // for the results of these two
  // Written when the daemon is ready: JSON with grpc, metrics (addresses), grpc_port, metrics_port
  // and pid. Removed when it stops.
  std::string ready_file;
  // In the place of the configuration's; empty: as configured.
  std::string data_dir;
  std::string listen;
  std::string metrics_listen;

  // Whether the configuration is needed for no more than data_dir, which is given.
  bool NeedsNoConfig() const { return (verify || !restore.empty()) && !data_dir.empty(); }
  // `config` with these in their places.
  Config Over(Config config) const;
};

// Prints help, the version, or what is wrong with the command line; then `exit_code` says how to
// leave and the result is false.
bool ReadCommandLine(int argc, const char* const* argv, Options* options, int* exit_code);

}  // namespace shouwang::app
