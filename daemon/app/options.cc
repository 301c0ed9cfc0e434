#include "daemon/app/options.h"

#include <CLI/CLI.hpp>

#include "daemon/app/version.h"

namespace shouwang::app {

Config Options::Over(Config config) const {
  if (!data_dir.empty()) config.data_dir = data_dir;
  if (!listen.empty()) config.listen = listen;
  if (!metrics_listen.empty()) config.metrics_listen = metrics_listen;
  return config;
}

bool ReadCommandLine(int argc, const char* const* argv, Options* options, int* exit_code) {
  CLI::App cli{"shouwangd: watches households for return to poverty", "shouwangd"};
  cli.set_version_flag("--version", std::string("shouwangd ") + kVersion);
  cli.add_option("--config", options->config_path, "Configuration file");
  cli.add_flag("--check-config", options->check_config,
               "Check the configuration, catalogue, divisions, sites and policies; then exit");
  cli.add_option("--data-dir", options->data_dir, "In the place of the configured data_dir");
  cli.add_option("--listen", options->listen, "In the place of the configured listen (gRPC)");
  cli.add_option("--metrics-listen", options->metrics_listen,
                 "In the place of the configured metrics_listen");
  cli.add_option("--ready-file", options->ready_file,
                 "Write addresses, ports and pid to this file when ready");
  CLI::Option* verify = cli.add_flag(
      "--verify", options->verify,
      "Check the store in data_dir, with no daemon on it: every byte, record and count; then exit");
  CLI::Option* restore =
      cli.add_option("--restore", options->restore,
                     "Make the store in data_dir, which must be empty, of a backup in this folder; "
                     "then exit")
          ->excludes(verify);
  cli.add_option("--backup-id", options->backup_id, "Which backup (default: the latest)")
      ->needs(restore);
  cli.add_flag("--json", options->json, "Print the result of --verify or --restore as JSON");
  try {
    cli.parse(argc, argv);
    if (options->config_path.empty() && !options->NeedsNoConfig()) {
      throw CLI::RequiredError("--config");
    }
  } catch (const CLI::ParseError& error) {
    *exit_code = cli.exit(error);
    return false;
  }
  return true;
}

}  // namespace shouwang::app
