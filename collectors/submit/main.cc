// shouwang-collector: what runs on a township's PC.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "collectors/submit/submission.h"
#include "daemon/wire/status.h"

namespace {

using shouwang::SubmitOptions;
using shouwang::SubmitOutcome;
using shouwang::Summary;

constexpr int kAllStored = 0;
constexpr int kFailed = 1;
constexpr int kSomeRejected = 2;

constexpr char kFooter[] =
    "Exit codes: 0 all stored, 2 some rejected (see the .rejected.csv file), 1 failed.\n\n"
    "Examples:\n"
    "  shouwang-collector submit --mapping visits.yaml sheet-2026-10.csv\n"
    "  shouwang-collector submit --mapping visits.yaml --dry-run sheet-2026-10.csv\n"
    "  shouwang-collector submit --mapping visits.yaml --reported-at 2026-10-05T18:00:00+08:00 "
    "*.csv.gz\n\n"
    "Sending a sheet again is safe: what was stored is counted as unchanged.\n";

// What the options are before they are checked.
struct Arguments {
  SubmitOptions submit;
  std::string reported_at;
  std::string order = "file";
  int64_t retry_seconds = 60;
  bool json = false;
};

void Declare(CLI::App* app, Arguments* arguments) {
  SubmitOptions& submit = arguments->submit;
  app->add_option("--mapping", submit.mapping_path, "Mapping file: how headings become indicators")
      ->required();
  app->add_option("--server", submit.server, "The daemon's address")->capture_default_str();
  app->add_option("--reported-at", arguments->reported_at,
                  "When the reports were made, e.g. 2026-10-05T18:00:00+08:00 (default: now). Of "
                  "two reports of one value the later made stands");
  app->add_option("--collector", submit.collector, "Name of this collector, not of a person")
      ->capture_default_str();
  app->add_option("--rejected", submit.rejected_path,
                  "Where refused rows are told (default: FILE.rejected.csv)");
  app->add_option("--batch-reports", submit.limits.reports, "Reports in a batch, at most")
      ->check(CLI::Range(1, 4096))
      ->capture_default_str();
  app->add_option("--streams", submit.streams, "Connections to the daemon")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  app->add_option("--window", submit.stream.window, "Batches without a receipt per stream, at most")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app->add_option("--retry-seconds", arguments->retry_seconds,
                  "How long to try again while the daemon can't be reached")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  app->add_option("--order", arguments->order, "Send rows in the file's order, or shuffled")
      ->check(CLI::IsMember({"file", "shuffled"}))
      ->capture_default_str();
  app->add_option("--seed", submit.seed, "Of the shuffled order")->capture_default_str();
  app->add_flag("--dry-run", submit.dry_run, "Check everything, send nothing");
  app->add_flag("--json", arguments->json,
                "Print the summary as one JSON object, on the last line");
  app->add_flag("--quiet", submit.quiet, "No progress");
  app->add_option("FILE", submit.files, "Sheets: CSV, plain or .gz")->required();
  app->footer(kFooter);
}

// False, with the fault told, where --reported-at is no instant.
bool TakeReportedAt(const std::string& text, shouwang::Instant* reported_at) {
  absl::Time time = absl::Now();
  std::string error;
  if (!text.empty() && !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    fmt::print(stderr, "--reported-at '{}': {}; write it as 2026-10-05T18:00:00+08:00\n", text,
               error);
    return false;
  }
  *reported_at = shouwang::Instant(std::chrono::milliseconds(absl::ToUnixMillis(time)));
  return true;
}

void PrintJson(const SubmitOutcome& outcome, bool dry_run) {
  const Summary& s = outcome.summary;
  const double seconds = static_cast<double>(outcome.elapsed.count()) / 1000.0;
  nlohmann::ordered_json json = {
      {"rows", s.rows},
      {"reports", s.reports},
      {"values", s.values},
      {"accepted", s.accepted},
      {"corrected", s.corrected},
      {"unchanged", s.unchanged},
      {"superseded", s.superseded},
      {"rejected", s.rejected},
      {"batches", s.batches},
      {"batches_repeated", s.batches_repeated},
      {"warnings_opened", s.warnings_opened},
      {"warnings_cleared", s.warnings_cleared},
      {"seconds", seconds},
      {"values_per_second",
       seconds > 0 ? static_cast<uint64_t>(static_cast<double>(s.values) / seconds) : s.values},
      {"dry_run", dry_run},
      {"rejected_files", outcome.rejected_paths}};
  std::cout << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

void PrintWords(const SubmitOutcome& outcome, bool dry_run) {
  const Summary& s = outcome.summary;
  const double seconds = std::max(0.001, static_cast<double>(outcome.elapsed.count()) / 1000.0);
  fmt::print("{} rows: {} reports with {} values in {} batches{}, {:.1f} s, {:.0f} values/s\n",
             s.rows, s.reports, s.values, s.batches, dry_run ? " (dry run, nothing sent)" : "",
             seconds, static_cast<double>(s.values) / seconds);
  if (!dry_run) {
    fmt::print("stored: {} new, {} corrected, {} unchanged, {} older than what stands\n",
               s.accepted, s.corrected, s.unchanged, s.superseded);
    fmt::print("warnings: {} opened, {} cleared\n", s.warnings_opened, s.warnings_cleared);
  }
  if (s.batches_repeated > 0) {
    fmt::print("{} batches had been receipted before; their counts are those of the first time\n",
               s.batches_repeated);
  }
  if (s.rejected > 0) fmt::print("rejected: {}\n", s.rejected);
  for (const std::string& path : outcome.rejected_paths) {
    fmt::print("  see {}; mend the rows and send the sheet again\n", path);
  }
}

int RunSubmit(Arguments* arguments) {
  SubmitOptions& options = arguments->submit;
  if (!TakeReportedAt(arguments->reported_at, &options.reported_at)) return kFailed;
  options.stream.retry_for = std::chrono::seconds(arguments->retry_seconds);
  options.order =
      arguments->order == "shuffled" ? shouwang::RowOrder::kShuffled : shouwang::RowOrder::kFile;
  options.terminal = isatty(STDERR_FILENO) == 1;
  const absl::StatusOr<SubmitOutcome> outcome = shouwang::Submit(options);
  if (!outcome.ok()) {
    fmt::print(stderr, "{}\n", shouwang::wire::Describe(shouwang::wire::ToProto(outcome.status())));
    if (outcome.status().code() == absl::StatusCode::kUnavailable ||
        outcome.status().code() == absl::StatusCode::kDeadlineExceeded) {
      fmt::print(stderr,
                 "Is shouwangd running and reachable at {}? Once it is, send the sheet again: what "
                 "was stored stays and is not doubled.\n",
                 options.server);
    }
    return kFailed;
  }
  if (arguments->json) {
    PrintJson(*outcome, options.dry_run);
  } else {
    PrintWords(*outcome, options.dry_run);
  }
  return outcome->summary.rejected > 0 ? kSomeRejected : kAllStored;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Shouwang collector: sends sheets to shouwangd", "shouwang-collector");
  app.require_subcommand(1);
  Arguments arguments;
  CLI::App* submit = app.add_subcommand("submit", "Send CSV sheets through a mapping file");
  Declare(submit, &arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kAllStored : kFailed;
  }
  return RunSubmit(&arguments);
}
