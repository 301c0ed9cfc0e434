// The command line of shouwangctl: the options of all commands, and the functions that declare
// them. What a command does is in commands.h. Used by main once; nothing here outlives it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

#include "collectors/ctl/commands.h"
#include "collectors/ctl/session.h"

namespace shouwang::ctl {

using Run = std::function<void(const Session&)>;

// The options of all commands, and the command that was chosen.
struct CommandLine {
  std::string server = "127.0.0.1:7443";
  int64_t timeout_seconds = 30;
  bool json = false;
  bool json_lines = false;
  std::string lang;
  std::string region;
  uint32_t backup = 0;
  DivisionsArguments divisions;
  HistoryArguments history;
  RollupArguments rollup;
  WarningsArguments warnings;
  ExplainArguments explain;
  CasesArguments cases;
  CaseArguments change;
  PrecisionArguments precision;
  DrawArguments draw;
  AlertsArguments alerts;
  IncidentsArguments incidents;
  IncidentArguments incident;
  ReportingArguments reporting;
  SilentArguments silent;
  ReportersArguments reporters;
  WorklistArguments worklist;
  WhatIfArguments whatif;
  ScreeningArguments screening;
  PolicyTestArguments policy_test;
  AuditArguments audit;
  std::string audit_heads;
  std::string actor;
  Run run;
};

// A command of `app` that is run if it is chosen.
CLI::App* Command(CLI::App* app, CommandLine* line, const char* name, const char* words, Run run);
void DeclareRegion(CLI::App* command, std::string* region);
void DeclareAsOf(CLI::App* command, std::string* as_of);

// What the daemon holds: divisions, indicators, histories, rollups, warnings, who reported, the
// audit trail, backups.
void DeclareHoldings(CLI::App* app, CommandLine* line);
// What people do with it: cases, visits, alerts, incidents, policies and their what-ifs.
void DeclareWork(CLI::App* app, CommandLine* line);

}  // namespace shouwang::ctl
