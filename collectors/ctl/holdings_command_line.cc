#include <utility>

#include "collectors/ctl/command_line.h"

namespace shouwang::ctl {
namespace {

void DeclareCatalogue(CLI::App* app, CommandLine* line) {
  CLI::App* divisions =
      Command(app, line, "divisions", "Divisions below a region, with their households",
              [line](const auto& session) { Divisions(session, line->divisions); });
  DeclareRegion(divisions, &line->divisions.region);
  divisions->add_option("--level", line->divisions.level,
                        "province, prefecture, county, township or village (default: one below)");
  Command(app, line, "indicators", "What can be reported", Indicators);
  CLI::App* sites = Command(app, line, "sites", "Resettlement sites in a region",
                            [line](const auto& session) { Sites(session, line->region); });
  DeclareRegion(sites, &line->region);
  Command(app, line, "status", "What the daemon holds and how it is", Status);
  Command(app, line, "rules", "The rules of the policy in force", Rules);
}

void DeclareSeries(CLI::App* app, CommandLine* line) {
  CLI::App* history = Command(app, line, "history", "Everything observed of subjects",
                              [line](const auto& session) { History(session, line->history); });
  history->add_option("SUBJECT", line->history.subjects, "Households or sites");
  history->add_option("--subjects-file", line->history.subjects_file,
                      "A file with one subject a line; - is the standard input");
  history->add_option("--indicator", line->history.indicators, "Only these (default: all)")
      ->allow_extra_args(false)
      ->delimiter(',');
  history->add_option("--from", line->history.from, "First day, 2026-01-01");
  history->add_option("--to", line->history.to, "Last day");
  DeclareAsOf(history, &line->history.as_of);
  CLI::App* rollup =
      Command(app, line, "rollup", "Counts and sums of an indicator by division and month",
              [line](const auto& session) { Rollup(session, line->rollup); });
  DeclareRegion(rollup, &line->rollup.region);
  rollup->add_option("INDICATOR,--indicator", line->rollup.indicator,
                     "Its name (default: counts of subjects that reported anything)");
  rollup->add_option("--by", line->rollup.by,
                     "province, prefecture, county or township (default: the region itself)");
  rollup->add_option("--view", line->rollup.view, "Where subjects live, came from, or by site")
      ->check(CLI::IsMember({"settlement", "origin", "site"}))
      ->capture_default_str();
  rollup->add_option("--from", line->rollup.from, "First month, 2026-01 (default: 36 in all)");
  rollup->add_option("--to", line->rollup.to, "Last month (default: this one)");
  rollup->add_flag("--spread", line->rollup.spread, "Tell the 10th, 50th and 90th percentile");
  rollup->add_option("--below", line->rollup.below,
                     "Count the values under this one, in the indicator's unit; implies --spread");
}

void DeclareRisk(CLI::App* app, CommandLine* line) {
  WarningsArguments& w = line->warnings;
  CLI::App* warnings = Command(app, line, "warnings", "Open warnings of a region",
                               [line](const auto& session) { Warnings(session, line->warnings); });
  DeclareRegion(warnings, &w.region);
  warnings->add_option("--rule", w.rules, "Only these rules")
      ->allow_extra_args(false)
      ->delimiter(',');
  warnings->add_option("--severity", w.severities, "yellow, orange, red")
      ->allow_extra_args(false)
      ->delimiter(',');
  warnings->add_option("--risk", w.risk_kinds, "illness, employment, ...")
      ->allow_extra_args(false)
      ->delimiter(',');
  warnings->add_option("--kind", w.kind, "household or site");
  warnings->add_option("--opened-from", w.opened_from, "Opened on this day or later");
  warnings->add_option("--limit", w.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  warnings->add_flag("--all", w.all, "All of them, page by page");
  warnings->add_flag("--watch", w.watch, "Those that open and clear from now on");
  DeclareAsOf(warnings, &w.as_of);
  CLI::App* explain = Command(app, line, "explain", "Why a subject is, or is not, warned about",
                              [line](const auto& session) { Explain(session, line->explain); });
  explain->add_option("SUBJECT", line->explain.subject, "A household or site")->required();
  explain->add_option("--rule", line->explain.rule, "This rule (default: all open or unknown)");
  explain->add_option("--date", line->explain.date,
                      "Judged on this day of observation (default: the last report)");
  DeclareAsOf(explain, &line->explain.as_of);
}

void DeclareReporting(CLI::App* app, CommandLine* line) {
  CLI::App* reporting =
      Command(app, line, "reporting", "Who reported, and in time, by division and month",
              [line](const auto& session) { Reporting(session, line->reporting); });
  DeclareRegion(reporting, &line->reporting.region);
  reporting->add_option("--by", line->reporting.by,
                        "province, prefecture, county or township (default: one level below)");
  reporting->add_option("--from", line->reporting.from,
                        "First month, 2026-01 (default: 12 in all)");
  reporting->add_option("--to", line->reporting.to, "Last month (default: this one)");
  SilentArguments& s = line->silent;
  CLI::App* silent = Command(app, line, "silent",
                             "Households past their cadence, with open warnings first, then the "
                             "longest silent",
                             [line](const auto& session) { Silent(session, line->silent); });
  silent->add_option("REGION,--region,--division", s.region, "A county or a township")->required();
  silent->add_option("--on", s.on, "Silent on that day; it may be to come (default: today)");
  silent->add_flag("--with-warning", s.with_warning, "Only those with an open warning");
  silent->add_option("--limit", s.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  silent->add_flag("--all", s.all, "All of them, page by page");
  ReportersArguments& r = line->reporters;
  CLI::App* reporters =
      Command(app, line, "reporters", "Who sends for each township, and who fell silent",
              [line](const auto& session) { Reporters(session, line->reporters); });
  DeclareRegion(reporters, &r.region);
  reporters->add_option("--on", r.on, "As it will stand on that day (default: today)");
  reporters->add_flag("--silent", r.silent, "Only those silent or never heard of");
  reporters->add_option("--limit", r.limit, "No more pages after so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  reporters->add_flag("--all", r.all, "All of them, page by page");
}

void DeclareScreening(CLI::App* app, CommandLine* line) {
  ScreeningArguments& s = line->screening;
  CLI::App* screening =
      Command(app, line, "screening", "Whose reports look unlike those of their peers",
              [line](const auto& session) { Screening(session, line->screening); });
  screening->footer(
      "Each collector of a township is compared with the others of its county. A finding is a\n"
      "reason to look: it proves nothing and accuses nobody.\n");
  DeclareRegion(screening, &s.region);
  screening->add_option("--township", s.township, "One township, 9 digits; instead of a region");
  screening->add_option("--from", s.from, "First month, 2026-01 (default: six in all)");
  screening->add_option("--to", s.to, "Last month (default: the last full one)");
  screening->add_option("--reporter", s.reporter,
                        "A collector's name: all its results, and the evidence of its findings");
  screening->add_flag("--all", s.all, "All results, not findings only");
}

// Which entries of the audit trail.
void DeclareAuditFilter(CLI::App* command, AuditArguments* audit) {
  DeclareRegion(command, &audit->region);
  command->add_option("--subject", audit->subject, "Only those that name this household or site");
  command
      ->add_option("--kind", audit->kinds,
                   "commit, judgement, case, policy, read, ... (default: all)")
      ->allow_extra_args(false)
      ->delimiter(',');
  command
      ->add_option("--chain", audit->chains,
                   "warnings/TOWNSHIP, cases/TOWNSHIP, admin, reads (default: all)")
      ->allow_extra_args(false)
      ->delimiter(',');
  command->add_option("--since", audit->since,
                      "A day (its beginning in China) or an instant, 2026-03-01T08:30:00Z");
  command->add_option("--until", audit->until, "A day (its end in China) or an instant");
}

void DeclareAudit(CLI::App* app, CommandLine* line) {
  CLI::App* audit = app->add_subcommand("audit", "Who did what: the audit trail");
  audit->require_subcommand(1);
  audit->fallthrough();
  audit->footer(
      "An entry is hashed with the hash of the one before it. Keep the heads elsewhere, on paper "
      "or\n"
      "on another machine; `audit verify --heads FILE` then also finds an end that was cut off:\n"
      "  shouwangctl audit heads --json > heads-2026-10-05.json\n"
      "  shouwangctl audit verify --heads heads-2026-10-05.json\n");
  CLI::App* list = Command(audit, line, "list", "The latest entries",
                           [line](const auto& session) { ListAudit(session, line->audit); });
  DeclareAuditFilter(list, &line->audit);
  list->add_option("--limit", line->audit.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000u))
      ->capture_default_str();
  CLI::App* entries =
      Command(audit, line, "export", "All entries, one JSON object a line, to be verified anywhere",
              [line](const auto& session) { ExportAudit(session, line->audit); });
  DeclareAuditFilter(entries, &line->audit);
  Command(audit, line, "heads", "The last entry of each chain, to be kept elsewhere",
          ShowAuditHeads);
  CLI::App* verify =
      Command(audit, line, "verify", "Hash every chain anew; finds any change to the past",
              [line](const auto& session) { VerifyAudit(session, line->audit_heads); });
  verify->add_option("--heads", line->audit_heads, "What `audit heads --json` printed earlier")
      ->check(CLI::ExistingFile);
}

void DeclareBackup(CLI::App* app, CommandLine* line) {
  CLI::App* backup = app->add_subcommand("backup", "Backups of the store, taken while it runs");
  backup->require_subcommand(1);
  backup->fallthrough();
  backup->footer(
      "They lie in the folder that the daemon's configuration names (backup.dir) and share what\n"
      "they have in common. Restoring is done with the daemon stopped:\n"
      "  shouwangd --restore BACKUP_DIR [--backup-id N] --data-dir EMPTY_FOLDER\n");
  Command(backup, line, "create", "Take one now", CreateBackup);
  Command(backup, line, "list", "Those there are, the oldest first", ListBackups);
  CLI::App* verify = Command(backup, line, "verify", "Read one against its checksums",
                             [line](const auto& session) { VerifyBackup(session, line->backup); });
  verify->add_option("ID", line->backup, "Which one (default: the latest)");
}

}  // namespace

CLI::App* Command(CLI::App* app, CommandLine* line, const char* name, const char* words, Run run) {
  CLI::App* command = app->add_subcommand(name, words);
  command->fallthrough();
  command->callback([line, run = std::move(run)] { line->run = run; });
  return command;
}

void DeclareAsOf(CLI::App* command, std::string* as_of) {
  command->add_option("--as-of", *as_of,
                      "What was known then: a day (its end in China) or an instant, "
                      "2026-03-01T08:30:00Z (default: now)");
}

void DeclareRegion(CLI::App* command, std::string* region) {
  command->add_option("REGION,--region,--division", *region, "Division code; nothing: everywhere");
}

void DeclareHoldings(CLI::App* app, CommandLine* line) {
  DeclareCatalogue(app, line);
  DeclareSeries(app, line);
  DeclareRisk(app, line);
  DeclareReporting(app, line);
  DeclareScreening(app, line);
  DeclareAudit(app, line);
  DeclareBackup(app, line);
}

}  // namespace shouwang::ctl
