// What changed between two judgements of a subject. Pure; any thread.
#pragma once

#include <vector>

#include "storage/vocabulary/warning.h"

namespace shouwang::ingest {

struct Transitions {
  std::vector<Warning> opened;   // not open before, or an episode after that which was
  std::vector<Warning> changed;  // the same as before, with another date, severity or policy
  std::vector<Warning> cleared;  // `cleared_on` set; that of a warning which, as later reports
                                 // show, never was due is the date it had opened on
};

// `before` is empty for a subject that had never been judged. All warnings carry `known_at`; a
// changed one was known earlier, which only the store can tell. A rule that cleared and opened
// again in between is in `cleared` and in `opened`, as it would be had each been judged by itself.
Transitions CompareRisks(const SubjectRisk& before, const SubjectRisk& after, Instant known_at);

}  // namespace shouwang::ingest
