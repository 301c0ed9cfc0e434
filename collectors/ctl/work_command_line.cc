#include <utility>

#include "collectors/ctl/command_line.h"

namespace shouwang::ctl {
namespace {

// What every change to a case says.
void DeclareChange(CLI::App* command, CaseArguments* change) {
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
  CasesArguments& c = line->cases;
  CLI::App* cases = Command(app, line, "cases", "Cases of a region: what people do about warnings",
                            [line](const auto& session) { Cases(session, line->cases); });
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
  CaseArguments& change = line->change;
  const auto declare = [&](const char* name, const char* words, Run run) {
    CLI::App* command = Command(one, line, name, words, std::move(run));
    command->add_option("SUBJECT", change.subject, "A household")->required();
    return command;
  };
  declare("show", "How it stands, what comes next, what was done",
          [line](const auto& session) { ShowCase(session, line->change.subject); });
  CLI::App* advance = declare("advance", "Take it one step on",
                              [line](const auto& session) { AdvanceCase(session, line->change); });
  advance->add_option("STATE", change.state, "Where to: verifying, reviewed, ...")->required();
  advance->add_option("--category", change.category,
                      "To registered: unstable, marginal or sudden_hardship");
  advance->add_option("--reason", change.reason, "To dismissed: why");
  advance->add_option("--cause", change.cause,
                      "To dismissed: data_error, coping or other; tells about the rules");
  DeclareChange(advance, &change);
  CLI::App* measure =
      declare("measure", "Note a measure that was taken",
              [line](const auto& session) { AddCaseMeasure(session, line->change); });
  measure->add_option("MEASURE", change.measure, "Its name in the policy")->required();
  measure->add_option("--on", change.on, "The day it was taken (default: today)");
  DeclareChange(measure, &change);
}

void DeclareFollowUp(CLI::App* app, CommandLine* line) {
  PrecisionArguments& p = line->precision;
  CLI::App* precision = Command(
      app, line, "precision", "What verification found of each rule, and what the rules miss",
      [line](const auto& session) { Precision(session, line->precision); });
  DeclareRegion(precision, &p.region);
  precision->add_option("--from", p.from, "Clues from this day on, 2026-01-01 (default: all)");
  precision->add_option("--to", p.to, "Clues up to this day");
  DrawArguments& d = line->draw;
  CLI::App* draw = app->add_subcommand(
      "draw", "The households without a clue that were drawn by lot to be visited");
  draw->fallthrough();
  // Called for `draw record` too, behind its own.
  draw->callback([line, draw] {
    if (!draw->get_subcommands().empty()) return;
    line->run = [line](const auto& session) { ListDraws(session, line->draw); };
  });
  DeclareRegion(draw, &d.region);
  draw->add_option("--month", d.month, "2026-11 (default: this month, drawn now if nobody has)");
  draw->require_subcommand(0, 1);
  CLI::App* record =
      Command(draw, line, "record", "Write down what a visit to a drawn household found",
              [line](const auto& session) { RecordVisit(session, line->draw); });
  record->add_option("SUBJECT", d.subject, "A drawn household")->required();
  record->add_option("--outcome", d.outcome, "fine, or at_risk, which opens a case")->required();
  record->add_option("--role", d.role, "Who visited: village, township, county or prefecture")
      ->required();
  record->add_option("--actor", d.actor, "Your account; never a name")->required();
  record->add_option("--note", d.note, "A remark; no names, no personal numbers");
}

void DeclareAlerts(CLI::App* app, CommandLine* line) {
  CLI::App* alerts = Command(app, line, "alerts", "What Alertmanagers were told of open warnings",
                             [line](const auto& session) { Alerts(session, line->alerts); });
  DeclareRegion(alerts, &line->alerts.region);
  alerts->add_option("--since", line->alerts.since,
                     "A day or an instant, 2026-03-01T08:30:00Z (default: seven days ago)");
  alerts->add_option("--limit", line->alerts.limit, "At most so many")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  alerts->add_flag("--all", line->alerts.all, "All of them, page by page");
}

void DeclareIncidents(CLI::App* app, CommandLine* line) {
  IncidentsArguments& i = line->incidents;
  CLI::App* incidents =
      Command(app, line, "incidents",
              "Many households newly warned at one place at once, against its past and neighbours",
              [line](const auto& session) { Incidents(session, line->incidents); });
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
  CLI::App* show = Command(one, line, "show", "Why it is one, its months, its members",
                           [line](const auto& session) { ShowIncident(session, line->incident); });
  show->add_option("INCIDENT", line->incident.id, "As `incidents` lists it")->required();
  show->add_option("--limit", line->incident.limit, "At most so many members")
      ->check(CLI::Range(1u, 1'000'000u))
      ->capture_default_str();
  show->add_flag("--all", line->incident.all, "All members, page by page");
}

void DeclareWorklist(CLI::App* app, CommandLine* line) {
  CLI::App* worklist =
      Command(app, line, "worklist", "The households to visit first, township by township",
              [line](const auto& session) { Worklist(session, line->worklist); });
  DeclareRegion(worklist, &line->worklist.region);
  worklist->add_option("--visits", line->worklist.visits, "So many a township")
      ->check(CLI::Range(1u, 1'000u))
      ->capture_default_str();
}

void DeclarePolicy(CLI::App* app, CommandLine* line) {
  CLI::App* policy = app->add_subcommand("policy", "For those who write policies");
  policy->require_subcommand(1);
  policy->fallthrough();
  PolicyTestArguments& t = line->policy_test;
  CLI::App* test = Command(policy, line, "test",
                           "Observations in, warnings out: run the tests of a policy, no daemon",
                           [line](const auto& session) { PolicyTest(session, line->policy_test); });
  test->add_option("FILE", t.files, "Files of tests; tests/rules/README.md shows how to write them")
      ->required();
  test->add_option("--catalogue", t.catalogue, "The catalogue of indicators")->required();
  test->add_option("--policies", t.policies,
                   "Folder of the policies that the files name (default: each file's own)");
}

void DeclareWhatIf(CLI::App* app, CommandLine* line) {
  WhatIfArguments& w = line->whatif;
  CLI::App* whatif =
      Command(app, line, "whatif", "Who would be warned about under another policy, who no longer",
              [line](const auto& session) { WhatIf(session, line->whatif); });
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

}  // namespace

void DeclareWork(CLI::App* app, CommandLine* line) {
  DeclareCases(app, line);
  DeclareFollowUp(app, line);
  DeclareAlerts(app, line);
  DeclareIncidents(app, line);
  DeclareWorklist(app, line);
  DeclarePolicy(app, line);
  DeclareWhatIf(app, line);
}

}  // namespace shouwang::ctl
