// shouwangctl: asks the daemon, for operators and analysts.
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "collectors/ctl/command_line.h"
#include "collectors/ctl/session.h"

namespace {

namespace ctl = shouwang::ctl;

constexpr char kFooter[] =
    "SUBJECT is 520502001001/17 (household 17 of a village) or 520502001/S3 (site 3).\n"
    "REGION is a division code of 2, 4, 6, 9 or 12 digits; nothing means everywhere.\n\n"
    "Examples:\n"
    "  shouwangctl status\n"
    "  shouwangctl warnings 5205 --severity red --limit 20\n"
    "  shouwangctl explain 520502001001/17 --lang zh\n"
    "  shouwangctl worklist --division 520502001 --visits 30\n"
    "  shouwangctl history 520502001001/17 --indicator wage_income --from 2026-01-01\n"
    "  shouwangctl rollup 52 wage_income --by county --from 2026-01 --to 2026-06\n"
    "  shouwangctl warnings --all --jsonl > warnings.jsonl\n"
    "  shouwangctl warnings 520502 --as-of 2026-03-01\n"
    "  shouwangctl cases 520502 --overdue\n"
    "  shouwangctl incidents 52 --open\n"
    "  shouwangctl incident show 520502001:disaster:2026-07\n"
    "  shouwangctl cases 520502 --level county --escalated\n"
    "  shouwangctl case advance 520502001001/17 verifying --etag 0 --role village --actor v17\n"
    "  shouwangctl reporting --division 5205 --from 2026-01 --to 2026-10\n"
    "  shouwangctl silent --division 520502 --with-warning\n"
    "  shouwangctl reporters --division 5205 --silent\n"
    "  shouwangctl precision --division 52 --from 2026-01-01\n"
    "  shouwangctl draw --division 520502001 --month 2026-11\n"
    "  shouwangctl draw record 520502001001/17 --outcome fine --role village --actor v17\n"
    "  shouwangctl alerts 5205 --since 2026-03-01\n"
    "  shouwangctl whatif --policy new.yaml --division 52 --by county\n"
    "  shouwangctl audit list 520502001 --kind case --since 2026-03-01\n"
    "  shouwangctl screening --division 520502 --from 2026-01 --to 2026-06\n"
    "  shouwangctl backup create\n"
    "  shouwangctl policy test mine.yaml --catalogue catalogue.yaml --policies policies\n\n"
    "--json prints one document; --jsonl one object a line, which suits --all and --watch.\n"
    "Exit codes: 0 answered, 1 not.\n";

ctl::SessionOptions SessionOf(const ctl::CommandLine& line) {
  ctl::SessionOptions options;
  options.server = line.server;
  options.timeout = std::chrono::seconds(line.timeout_seconds);
  if (line.json) options.output = ctl::Output::kJson;
  if (line.json_lines) options.output = ctl::Output::kJsonLines;
  options.language = line.lang.empty()   ? ctl::LanguageOfEnvironment()
                     : line.lang == "zh" ? ctl::Language::kChinese
                                         : ctl::Language::kEnglish;
  options.actor = line.actor.empty() ? ctl::AccountOfSystem() : line.actor;
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Asks shouwangd about divisions, histories, warnings and itself", "shouwangctl");
  app.require_subcommand(1);
  app.footer(kFooter);
  ctl::CommandLine line;
  app.add_option("--server", line.server, "The daemon's address")
      ->envname("SHOUWANG_SERVER")
      ->capture_default_str();
  app.add_option("--timeout", line.timeout_seconds, "Seconds that a call may take")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  CLI::Option* json = app.add_flag("--json", line.json, "Print JSON");
  app.add_flag("--jsonl", line.json_lines, "Print JSON, one object a line")->excludes(json);
  app.add_option("--lang", line.lang, "zh or en (default: as the environment's locale)")
      ->check(CLI::IsMember({"zh", "en"}));
  app.add_option("--actor", line.actor,
                 "Your account, for the audit trail; never a name (default: that of the system)")
      ->envname("SHOUWANG_ACTOR");
  ctl::DeclareHoldings(&app, &line);
  ctl::DeclareWork(&app, &line);
  try {
    app.parse(argc, argv);
    line.run(ctl::Session(SessionOf(line), std::cout));
    std::cout.flush();
    return std::cout.good() ? 0 : 1;
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 1;
  } catch (const ctl::Failure& failure) {
    std::cout.flush();
    fmt::print(stderr, "{}\n", failure.text);
    return 1;
  }
}
