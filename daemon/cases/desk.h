// Where cases are looked at and taken on: puts the case book, the open warnings and the policies
// together. Each call reads what it needs afresh, so an answer is what the store says, after a
// crash as before it.
//
// Owned by app; store and book outlive it. Threads: any.
#pragma once

#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/cases/deadlines.h"
#include "daemon/cases/standing.h"
#include "daemon/cases/transitions.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/case_book.h"
#include "storage/contract/store.h"

namespace shouwang::cases {

// A case as it is looked at. `exit` points into the rulebook that it was judged by.
struct CaseLook {
  Case record;
  CaseStanding standing;
  Deadlines deadlines;
  // Of a supported case: whether it may be cleared.
  std::vector<risk::ExitFinding> exit;
};

class CaseDesk {
 public:
  CaseDesk(const Store* store, CaseBook* book) : store_(store), book_(book) {}

  // NotFound for a household that never reported and has no case; InvalidArgument for a site.
  absl::StatusOr<CaseLook> Look(const Rulebook& rulebook, const Subject& subject,
                                Instant now) const;

  // Every case of `region` from `from` on, implied clues included, in subject order, until `visit`
  // gives false. Reads warnings and cases once, township by township, those that the register has.
  absl::Status Scan(const Rulebook& rulebook, const Division& region, const Subject& from,
                    Instant now,
                    absl::FunctionRef<bool(const CaseStanding&, const Deadlines&)> visit) const;

  // As Scan, with what is written of each: nothing of an implied clue.
  absl::Status ScanRecords(
      const Rulebook& rulebook, const Division& region, const Subject& from, Instant now,
      absl::FunctionRef<bool(const Case&, const CaseStanding&, const Deadlines&)> visit) const;

  // Takes the case one step on, if it still has this revision, and gives it as it is then.
  // Aborted, telling how the case stands, where somebody else was faster; FailedPrecondition for a
  // step out of order or too early, for conditions of the exit guard that do not hold (each is
  // named), and where the policy in force keeps no cases; PermissionDenied for the role. Durable
  // when it returns OK.
  absl::StatusOr<CaseLook> Advance(const Rulebook& rulebook, const Subject& subject,
                                   uint32_t revision, const Step& step, Instant now);
  absl::StatusOr<CaseLook> AddMeasure(const Rulebook& rulebook, const Subject& subject,
                                      uint32_t revision, const MeasureNote& note, Instant now);

 private:
  absl::StatusOr<std::vector<Warning>> OpenWarnings(const Subject& subject) const;
  // Where nothing else is known of it: whether it ever reported.
  absl::Status CheckKnown(const Subject& subject) const;
  absl::Status JudgeExit(const Rulebook& rulebook, Instant now, CaseLook* look) const;
  // As Look, but Aborted unless it has `revision`, FailedPrecondition unless cases are kept.
  absl::StatusOr<CaseLook> LookAt(const Rulebook& rulebook, const Subject& subject,
                                  uint32_t revision, Instant now) const;
  absl::StatusOr<CaseLook> Add(const Rulebook& rulebook, const CaseLook& look,
                               std::vector<CaseEvent> events, std::string_view peer, Instant now);

  const Store* const store_;
  CaseBook* const book_;
};

// FailedPrecondition that names each condition which does not hold; OK where all do, and there are
// any.
absl::Status ExitStatus(const CaseStanding& standing, std::span<const risk::ExitFinding> findings);

}  // namespace shouwang::cases
