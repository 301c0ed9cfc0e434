// shouwangctl: asks the daemon, for operators and analysts.
#include <fmt/format.h>

#include <cstdio>
#include <functional>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

#include "collectors/ctl/commands.h"
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

using Run = std::function<void(const ctl::Session&)>;

// The options of all commands, and the command that was chosen.
struct CommandLine {
  std::string server = "127.0.0.1:7443";
  int64_t timeout_seconds = 30;
  bool json = false;
  bool json_lines = false;
  std::string lang;
  std::string region;
  uint32_t backup = 0;
  ctl::DivisionsArguments divisions;
  ctl::HistoryArguments history;
  ctl::RollupArguments rollup;
  ctl::WarningsArguments warnings;
  ctl::ExplainArguments explain;
  ctl::CasesArguments cases;
  ctl::CaseArguments change;
  ctl::PrecisionArguments precision;
  ctl::DrawArguments draw;
  ctl::AlertsArguments alerts;
  ctl::IncidentsArguments incidents;
  ctl::IncidentArguments incident;
  ctl::ReportingArguments reporting;
  ctl::SilentArguments silent;
  ctl::ReportersArguments reporters;
  ctl::WorklistArguments worklist;
  ctl::WhatIfArguments whatif;
  ctl::ScreeningArguments screening;
  ctl::PolicyTestArguments policy_test;
  ctl::AuditArguments audit;
  std::string audit_heads;
  std::string actor;
  Run run;
};

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

void DeclareCatalogue(CLI::App* app, CommandLine* line) {
  CLI::App* divisions =
      Command(app, line, "divisions", "Divisions below a region, with their households",
              [line](const auto& session) { ctl::Divisions(session, line->divisions); });
  DeclareRegion(divisions, &line->divisions.region);
  divisions->add_option("--level", line->divisions.level,
                        "province, prefecture, county, township or village (default: one below)");
  Command(app, line, "indicators", "What can be reported", ctl::Indicators);
  CLI::App* sites = Command(app, line, "sites", "Resettlement sites in a region",
                            [line](const auto& session) { ctl::Sites(session, line->region); });
  DeclareRegion(sites, &line->region);
  Command(app, line, "status", "What the daemon holds and how it is", ctl::Status);
  Command(app, line, "rules", "The rules of the policy in force", ctl::Rules);
}

void DeclareSeries(CLI::App* app, CommandLine* line) {
  CLI::App* history =
      Command(app, line, "history", "Everything observed of subjects",
              [line](const auto& session) { ctl::History(session, line->history); });
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
              [line](const auto& session) { ctl::Rollup(session, line->rollup); });
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
  ctl::WarningsArguments& w = line->warnings;
  CLI::App* warnings =
      Command(app, line, "warnings", "Open warnings of a region",
              [line](const auto& session) { ctl::Warnings(session, line->warnings); });
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
  CLI::App* explain =
      Command(app, line, "explain", "Why a subject is, or is not, warned about",
              [line](const auto& session) { ctl::Explain(session, line->explain); });
  explain->add_option("SUBJECT", line->explain.subject, "A household or site")->required();
  explain->add_option("--rule", line->explain.rule, "This rule (default: all open or unknown)");
  explain->add_option("--date", line->explain.date,
                      "Judged on this day of observation (default: the last report)");
  DeclareAsOf(explain, &line->explain.as_of);
}

// What every change to a case says.
void DeclareChange(CLI::App* command, ctl::CaseArguments* change) {
  command
      ->add_option("--etag", change->etag, "The version that was looked at, as `case show` tells")
      ->required();
  command
      ->add_option("--role", change->role,
                   "Whose step it is: village, township, county or prefecture")
      ->required();
  command->add_option("--actor", change->actor, "Your account; never a name")->required();
  command->add_option("--note", change->note, "A remark; no names, no personal numbers");
}

void DeclareCases(CLI::App* app, CommandLine* line) {
  ctl::CasesArguments& c = line->cases;
  CLI::App* cases = Command(app, line, "cases", "Cases of a region: what people do about warnings",
                            [line](const auto& session) { ctl::Cases(session, line->cases); });
  DeclareRegion(cases, &c.region);
  cases->add_option("--state", c.states, "clue, verifying, ... (default: all that are under way)")
      ->allow_extra_args(false)
      ->delimiter(',');
  cases->add_flag("--overdue", c.overdue, "Only those past a deadline");
  cases->add_option(
      "--level", c.level,
      "Only those that are the village's, township's, county's or prefecture's today");
  cases->add_flag("--escalated", c.escalated, "Only those that went up to a higher level");
  cases->add_flag("--without-measure", c.without_measure,
                  "Only those with a risk that no measure taken fits");
  cases->add_option("--limit", c.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  cases->add_flag("--all", c.all, "All of them, page by page");
  CLI::App* one = app->add_subcommand("case", "One household's case");
  one->require_subcommand(1);
  one->fallthrough();
  ctl::CaseArguments& change = line->change;
  const auto declare = [&](const char* name, const char* words, Run run) {
    CLI::App* command = Command(one, line, name, words, std::move(run));
    command->add_option("SUBJECT", change.subject, "A household")->required();
    return command;
  };
  declare("show", "How it stands, what comes next, what was done",
          [line](const auto& session) { ctl::ShowCase(session, line->change.subject); });
  CLI::App* advance = declare("advance", "Take it one step on", [line](const auto& session) {
    ctl::AdvanceCase(session, line->change);
  });
  advance->add_option("STATE", change.state, "Where to: verifying, reviewed, ...")->required();
  advance->add_option("--category", change.category,
                      "To registered: unstable, marginal or sudden_hardship");
  advance->add_option("--reason", change.reason, "To dismissed: why");
  advance->add_option("--cause", change.cause,
                      "To dismissed: data_error, coping or other; tells about the rules");
  DeclareChange(advance, &change);
  CLI::App* measure =
      declare("measure", "Note a measure that was taken",
              [line](const auto& session) { ctl::AddCaseMeasure(session, line->change); });
  measure->add_option("MEASURE", change.measure, "Its name in the policy")->required();
  measure->add_option("--on", change.on, "The day it was taken (default: today)");
  DeclareChange(measure, &change);
}

void DeclareReporting(CLI::App* app, CommandLine* line) {
  CLI::App* reporting =
      Command(app, line, "reporting", "Who reported, and in time, by division and month",
              [line](const auto& session) { ctl::Reporting(session, line->reporting); });
  DeclareRegion(reporting, &line->reporting.region);
  reporting->add_option("--by", line->reporting.by,
                        "province, prefecture, county or township (default: one level below)");
  reporting->add_option("--from", line->reporting.from,
                        "First month, 2026-01 (default: 12 in all)");
  reporting->add_option("--to", line->reporting.to, "Last month (default: this one)");
  ctl::SilentArguments& s = line->silent;
  CLI::App* silent = Command(app, line, "silent",
                             "Households past their cadence, with open warnings first, then the "
                             "longest silent",
                             [line](const auto& session) { ctl::Silent(session, line->silent); });
  silent->add_option("REGION,--region,--division", s.region, "A county or a township")->required();
  silent->add_option("--on", s.on, "Silent on that day; it may be to come (default: today)");
  silent->add_flag("--with-warning", s.with_warning, "Only those with an open warning");
  silent->add_option("--limit", s.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  silent->add_flag("--all", s.all, "All of them, page by page");
  ctl::ReportersArguments& r = line->reporters;
  CLI::App* reporters =
      Command(app, line, "reporters", "Who sends for each township, and who fell silent",
              [line](const auto& session) { ctl::Reporters(session, line->reporters); });
  DeclareRegion(reporters, &r.region);
  reporters->add_option("--on", r.on, "As it will stand on that day (default: today)");
  reporters->add_flag("--silent", r.silent, "Only those silent or never heard of");
  reporters->add_option("--limit", r.limit, "No more pages after so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  reporters->add_flag("--all", r.all, "All of them, page by page");
}

void DeclareFollowUp(CLI::App* app, CommandLine* line) {
  ctl::PrecisionArguments& p = line->precision;
  CLI::App* precision = Command(
      app, line, "precision", "What verification found of each rule, and what the rules miss",
      [line](const auto& session) { ctl::Precision(session, line->precision); });
  DeclareRegion(precision, &p.region);
  precision->add_option("--from", p.from, "Clues from this day on, 2026-01-01 (default: all)");
  precision->add_option("--to", p.to, "Clues up to this day");
  ctl::DrawArguments& d = line->draw;
  CLI::App* draw = app->add_subcommand(
      "draw", "The households without a warning that were drawn by lot to be visited");
  draw->fallthrough();
  // Called for `draw record` too, behind its own.
  draw->callback([line, draw] {
    if (!draw->get_subcommands().empty()) return;
    line->run = [line](const auto& session) { ctl::ListDraws(session, line->draw); };
  });
  DeclareRegion(draw, &d.region);
  draw->add_option("--month", d.month, "2026-11 (default: this month, drawn now if nobody has)");
  draw->require_subcommand(0, 1);
  CLI::App* record =
      Command(draw, line, "record", "Write down what a visit to a drawn household found",
              [line](const auto& session) { ctl::RecordVisit(session, line->draw); });
  record->add_option("SUBJECT", d.subject, "A drawn household")->required();
  record->add_option("--outcome", d.outcome, "fine, or at-risk, which opens a case")->required();
  record->add_option("--role", d.role, "Who visited: village, township, county or prefecture")
      ->required();
  record->add_option("--actor", d.actor, "Your account; never a name")->required();
  record->add_option("--note", d.note, "A remark; no names, no personal numbers");
}

void DeclareAlerts(CLI::App* app, CommandLine* line) {
  CLI::App* alerts = Command(app, line, "alerts", "What Alertmanagers were told of open warnings",
                             [line](const auto& session) { ctl::Alerts(session, line->alerts); });
  DeclareRegion(alerts, &line->alerts.region);
  alerts->add_option("--since", line->alerts.since,
                     "A day or an instant, 2026-03-01T08:30:00Z (default: seven days ago)");
  alerts->add_option("--limit", line->alerts.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  alerts->add_flag("--all", line->alerts.all, "All of them, page by page");
}

void DeclareIncidents(CLI::App* app, CommandLine* line) {
  ctl::IncidentsArguments& i = line->incidents;
  CLI::App* incidents =
      Command(app, line, "incidents",
              "Many households newly warned at one place at once, against its past and neighbours",
              [line](const auto& session) { ctl::Incidents(session, line->incidents); });
  DeclareRegion(incidents, &i.region);
  incidents->add_option("--from", i.from, "First month, 2026-01 (default: all that are kept)");
  incidents->add_option("--to", i.to, "Last month");
  incidents->add_option("--risk", i.risk, "disaster, employment, ... (default: all)");
  incidents->add_flag("--open", i.open, "Only those not yet over");
  incidents->add_option("--limit", i.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  incidents->add_flag("--all", i.all, "All of them, page by page");
  CLI::App* one = app->add_subcommand("incident", "One incident");
  one->require_subcommand(1);
  one->fallthrough();
  CLI::App* show =
      Command(one, line, "show", "Why it is one, its months, its members",
              [line](const auto& session) { ctl::ShowIncident(session, line->incident); });
  show->add_option("INCIDENT", line->incident.id, "As `incidents` lists it")->required();
  show->add_option("--limit", line->incident.limit, "At most so many members")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  show->add_flag("--all", line->incident.all, "All members, page by page");
}

void DeclareWorklist(CLI::App* app, CommandLine* line) {
  CLI::App* worklist =
      Command(app, line, "worklist", "The households to visit first, township by township",
              [line](const auto& session) { ctl::Worklist(session, line->worklist); });
  DeclareRegion(worklist, &line->worklist.region);
  worklist->add_option("--visits", line->worklist.visits, "So many a township")
      ->check(CLI::Range(1u, 1'000u))
      ->capture_default_str();
}

void DeclareBackup(CLI::App* app, CommandLine* line) {
  CLI::App* backup = app->add_subcommand("backup", "Backups of the store, taken while it runs");
  backup->require_subcommand(1);
  backup->fallthrough();
  backup->footer(
      "They lie in the folder that the daemon's configuration names (backup.dir) and share what\n"
      "they have in common. Restoring is done with the daemon stopped:\n"
      "  shouwangd --restore BACKUP_DIR [--backup-id N] --data-dir EMPTY_FOLDER\n");
  Command(backup, line, "create", "Take one now", ctl::CreateBackup);
  Command(backup, line, "list", "Those there are, the oldest first", ctl::ListBackups);
  CLI::App* verify =
      Command(backup, line, "verify", "Read one against its checksums",
              [line](const auto& session) { ctl::VerifyBackup(session, line->backup); });
  verify->add_option("ID", line->backup, "Which one (default: the latest)");
}

void DeclarePolicy(CLI::App* app, CommandLine* line) {
  CLI::App* policy = app->add_subcommand("policy", "For those who write policies");
  policy->require_subcommand(1);
  policy->fallthrough();
  ctl::PolicyTestArguments& t = line->policy_test;
  CLI::App* test = Command(
      policy, line, "test", "Observations in, warnings out: run the tests of a policy, no daemon",
      [line](const auto& session) { ctl::PolicyTest(session, line->policy_test); });
  test->add_option("FILE", t.files, "Files of tests; tests/rules/README.md shows how to write them")
      ->required();
  test->add_option("--catalogue", t.catalogue, "The catalogue of indicators")->required();
  test->add_option("--policies", t.policies,
                   "Folder of the policies that the files name (default: each file's own)");
}

void DeclareWhatIf(CLI::App* app, CommandLine* line) {
  ctl::WhatIfArguments& w = line->whatif;
  CLI::App* whatif =
      Command(app, line, "whatif", "Who would be warned about under another policy, who no longer",
              [line](const auto& session) { ctl::WhatIf(session, line->whatif); });
  whatif
      ->add_option("--policy", w.policy,
                   "The policy file; it takes the place of loaded ones of its version or "
                   "effective_from, the others stay")
      ->required();
  DeclareRegion(whatif, &w.region);
  whatif->add_option("--by", w.by,
                     "province, prefecture, county, township or site (default: one level below)");
  whatif->add_option("--through", w.through,
                     "Judged at the last report up to this day (default: the last report)");
  whatif->add_option("--list", w.list, "List so many subjects that change")
      ->check(CLI::Range(0u, 1'000u))
      ->capture_default_str();
  DeclareAsOf(whatif, &w.as_of);
}

// Which entries of the audit trail.
void DeclareAuditFilter(CLI::App* command, ctl::AuditArguments* audit) {
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
                           [line](const auto& session) { ctl::ListAudit(session, line->audit); });
  DeclareAuditFilter(list, &line->audit);
  list->add_option("--limit", line->audit.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000u))
      ->capture_default_str();
  CLI::App* entries =
      Command(audit, line, "export", "All entries, one JSON object a line, to be verified anywhere",
              [line](const auto& session) { ctl::ExportAudit(session, line->audit); });
  DeclareAuditFilter(entries, &line->audit);
  Command(audit, line, "heads", "The last entry of each chain, to be kept elsewhere",
          ctl::ShowAuditHeads);
  CLI::App* verify =
      Command(audit, line, "verify", "Hash every chain anew; finds any change to the past",
              [line](const auto& session) { ctl::VerifyAudit(session, line->audit_heads); });
  verify->add_option("--heads", line->audit_heads, "What `audit heads --json` printed earlier")
      ->check(CLI::ExistingFile);
}

void DeclareScreening(CLI::App* app, CommandLine* line) {
  ctl::ScreeningArguments& s = line->screening;
  CLI::App* screening =
      Command(app, line, "screening", "Whose reports look unlike those of their peers",
              [line](const auto& session) { ctl::Screening(session, line->screening); });
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

ctl::SessionOptions SessionOf(const CommandLine& line) {
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
  CommandLine line;
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
  DeclareCatalogue(&app, &line);
  DeclareSeries(&app, &line);
  DeclareRisk(&app, &line);
  DeclareCases(&app, &line);
  DeclareReporting(&app, &line);
  DeclareFollowUp(&app, &line);
  DeclareAlerts(&app, &line);
  DeclareIncidents(&app, &line);
  DeclareWorklist(&app, &line);
  DeclareBackup(&app, &line);
  DeclarePolicy(&app, &line);
  DeclareWhatIf(&app, &line);
  DeclareAudit(&app, &line);
  DeclareScreening(&app, &line);
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
