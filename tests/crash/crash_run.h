// The run: rounds of start, check, load and kill over stores that are thrown away and begun anew
// every hundred kills.
#pragma once

#include <cstdint>
#include <string>

#include "tests/crash/model.h"

namespace shouwang::crash {

struct CrashOptions {
  int kills = 30;
  uint64_t seed = 1;
  std::string program;  // shouwangd
  std::string folder;   // each store in a folder of its own below it
  // Throws away the later half of the log after each kill, as a disk would that lied about fsync.
  bool cut_log = false;
};

struct CrashResult {
  int kills = 0;
  int kills_at_start = 0;  // of them, before the daemon was ready
  int stores = 0;
  int64_t batches = 0;
  int64_t receipts = 0;
  int64_t receipts_repeated = 0;
  int64_t values_checked = 0;
  double seconds = 0;
  Verdict verdict;
  std::string fault;   // why the run could not go on
  std::string folder;  // what is left of a failure

  bool ok() const { return verdict.ok() && fault.empty(); }
};

// Ends at the first failure. Prints a line for each kill (each tenth in a long run).
CrashResult RunCrashes(const CrashOptions& options);

}  // namespace shouwang::crash
