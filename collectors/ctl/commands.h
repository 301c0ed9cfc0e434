// The commands of shouwangctl: each asks the daemon (but PolicyTest) and prints. They throw
// Failure, nothing else; every call has the session's deadline. Single-threaded.
//
// JSON: dates "2026-10-05", months "2026-10", instants ISO 8601 in UTC, decimals as text with the
// indicator's decimals, counts and features as numbers; a key without a value is null. Where
// `as_of` was asked for, each object says so under that key.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collectors/ctl/session.h"

namespace shouwang::ctl {

struct DivisionsArguments {
  std::string region;
  std::string level;  // empty: the one below
};
void Divisions(const Session& session, const DivisionsArguments& arguments);
void Indicators(const Session& session);
void Sites(const Session& session, const std::string& region);

struct HistoryArguments {
  std::vector<std::string> subjects;
  std::string subjects_file;  // one a line; "-" is stdin
  std::vector<std::string> indicators;
  std::string from;  // dates; empty: everything
  std::string to;
  std::string as_of;  // a day or an instant; empty: now
};
// JSON: one subject's object where exactly one was named, else an array (or lines) of them.
void History(const Session& session, const HistoryArguments& arguments);

struct RollupArguments {
  std::string region;
  std::string indicator;  // empty: subjects with any observation
  std::string by;         // a level; empty: the region itself
  std::string view = "settlement";
  std::string from;  // months; empty: 36 months up to `to`
  std::string to;    // empty: this month
  bool spread = false;
  std::string below;  // a number in the indicator's unit; empty: none
};
// With `spread` or `below` the table has the quantiles in place of sum and mean.
void Rollup(const Session& session, const RollupArguments& arguments);

struct WarningsArguments {
  std::string region;
  std::vector<std::string> rules;
  std::vector<std::string> severities;
  std::vector<std::string> risk_kinds;
  std::string kind;  // household or site; empty: both
  std::string opened_from;
  uint32_t limit = 100;
  bool all = false;  // no limit; the pages follow each other
  bool watch = false;
  std::string as_of;  // as above; not with `watch`
};
void Warnings(const Session& session, const WarningsArguments& arguments);

struct ExplainArguments {
  std::string subject;
  std::string rule;
  std::string date;
  std::string as_of;  // as above
};
void Explain(const Session& session, const ExplainArguments& arguments);
struct WorklistArguments {
  std::string region;
  uint32_t visits = 30;  // of a township
};
// A table, or a JSON object, for each township.
void Worklist(const Session& session, const WorklistArguments& arguments);
void Rules(const Session& session);

struct CasesArguments {
  std::string region;
  std::vector<std::string> states;  // empty: those under way
  bool overdue = false;
  bool without_measure = false;
  bool escalated = false;
  std::string level;  // whose they are today; empty: anybody's
  uint32_t limit = 100;
  bool all = false;  // as above
};
void Cases(const Session& session, const CasesArguments& arguments);
void ShowCase(const Session& session, const std::string& subject);

// Of one change to a case; which of them each command takes is main.cc's.
struct CaseArguments {
  std::string subject;
  std::string etag;
  std::string state;
  std::string role;
  std::string actor;
  std::string note;
  std::string category;
  std::string reason;
  std::string cause;
  std::string measure;
  std::string on;  // a date; empty: today, by the daemon's clock
};
void AdvanceCase(const Session& session, const CaseArguments& arguments);
void AddCaseMeasure(const Session& session, const CaseArguments& arguments);

struct ReportingArguments {
  std::string region;
  std::string by;    // a level; empty: the one below the region, of a township itself
  std::string from;  // months; empty: 12 months up to `to`
  std::string to;    // empty: this month
};
// Completeness and timeliness.
void Reporting(const Session& session, const ReportingArguments& arguments);

struct SilentArguments {
  std::string region;
  std::string on;  // a date; empty: today, by the daemon's clock
  bool with_warning = false;
  uint32_t limit = 100;
  bool all = false;  // as above
};
void Silent(const Session& session, const SilentArguments& arguments);

struct ReportersArguments {
  std::string region;
  std::string on;  // as above, today or later
  bool silent = false;
  uint32_t limit = 1'000;
  bool all = false;  // as above
};
void Reporters(const Session& session, const ReportersArguments& arguments);

struct PrecisionArguments {
  std::string region;
  std::string from;  // dates; empty: without an end
  std::string to;
};
// One table, or one JSON object: a line for each rule, and what the rules miss.
void Precision(const Session& session, const PrecisionArguments& arguments);

struct DrawArguments {
  std::string region;
  std::string month;  // empty: this one, by the daemon's clock
  // Of `draw record`.
  std::string subject;
  std::string outcome;
  std::string role;
  std::string actor;
  std::string note;
};
// A table, or a JSON object, for each township.
void ListDraws(const Session& session, const DrawArguments& arguments);
void RecordVisit(const Session& session, const DrawArguments& arguments);

struct AlertsArguments {
  std::string region;
  std::string since;  // a day (its beginning in China) or an instant; empty: seven days ago
  uint32_t limit = 100;
  bool all = false;  // no limit; the pages follow each other
};
// What Alertmanagers were told, oldest first.
void Alerts(const Session& session, const AlertsArguments& arguments);

struct IncidentsArguments {
  std::string region;
  std::string from;  // months; empty: all that are kept
  std::string to;
  std::string risk;   // empty: all
  bool open = false;  // only those not yet over
  uint32_t limit = 100;
  bool all = false;  // as above
};
// Correlated shocks, the latest first.
void Incidents(const Session& session, const IncidentsArguments& arguments);

struct IncidentArguments {
  std::string id;
  uint32_t limit = 100;  // of members
  bool all = false;      // as above
};
// One of them: why it is one, its months, its members. JSON: one object.
void ShowIncident(const Session& session, const IncidentArguments& arguments);

void Status(const Session& session);

// Progress goes to the standard error, where that is a terminal. No deadline.
void CreateBackup(const Session& session);
void VerifyBackup(const Session& session, uint32_t id);  // 0: the latest
void ListBackups(const Session& session);

struct WhatIfArguments {
  std::string policy;  // path of the file
  std::string region;
  std::string by;       // a level down to township, or site; empty: the level below the region
  std::string through;  // a date; empty: up to the last report
  std::string as_of;    // as above
  uint32_t list = 0;    // subjects to list
};
// Progress goes to the standard error, where that is a terminal. No deadline; leaving ends it.
void WhatIf(const Session& session, const WhatIfArguments& arguments);

struct AuditArguments {
  std::string region;
  std::string subject;
  std::vector<std::string> kinds;
  std::vector<std::string> chains;
  std::string since;  // a day (its beginning in China) or an instant; empty: from the first entry
  std::string until;  // a day (its end in China) or an instant; empty: up to now
  uint32_t limit = 100;
};
// The latest `limit` entries, oldest first.
void ListAudit(const Session& session, const AuditArguments& arguments);
// Every entry, one JSON object a line, in bounded memory; `limit` is of no meaning.
void ExportAudit(const Session& session, const AuditArguments& arguments);
void ShowAuditHeads(const Session& session);
// `heads_file`: what ShowAuditHeads printed as JSON; empty: none. Progress goes to the standard
// error, where that is a terminal. No deadline; leaving ends it. Throws Failure where the past was
// changed, and where the file's heads have another root than it says.
void VerifyAudit(const Session& session, const std::string& heads_file);

struct ScreeningArguments {
  std::string region;
  std::string township;  // instead of a region
  std::string from;      // a month; empty: six in all
  std::string to;        // a month; empty: the last full one
  std::string reporter;  // a collector: its rows and their evidence
  bool all = false;      // whatever was compared, not findings only
};
// Progress as with WhatIf. No deadline; leaving ends it.
void Screening(const Session& session, const ScreeningArguments& arguments);

struct PolicyTestArguments {
  std::vector<std::string> files;
  std::string catalogue;
  std::string policies;  // folder; empty: that of each file
};
// Runs the tests of a policy (daemon/risk/rule_case.h) without a daemon. Throws Failure where one
// failed.
void PolicyTest(const Session& session, const PolicyTestArguments& arguments);

}  // namespace shouwang::ctl
