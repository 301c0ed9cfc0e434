// Where households are drawn by lot and what their visitors found is written down: puts the states,
// the case book, the draws and the policies together.
//
// A township's draw of a month is made when somebody first asks for it within the month, from the
// households that have no open warning that is a clue and no case under way then, and stays as it
// was. README.md says why not by a pass of the daemon's own.
//
// Owned by app; all that it is given outlives it. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/cases/desk.h"
#include "storage/contract/draw_book.h"

namespace shouwang::cases {

// What somebody notes of a visit.
struct VisitNote {
  VisitOutcome outcome = VisitOutcome::kFine;
  Role role = Role::kVillage;
  std::string actor;
  std::string note;    // may be empty
  std::string peer{};  // the address of who asks, for the audit trail
};
// What is wrong with what was said, whatever the draw.
std::vector<FieldFault> FaultsOf(const VisitNote& note);

class DrawDesk {
 public:
  DrawDesk(const Store* store, const CaseBook* cases, CaseDesk* desk, DrawBook* book)
      : store_(store), cases_(cases), desk_(desk), book_(book) {}

  // The township's draw of the month, made now where this is the month and there is none. NotFound
  // where nobody drew in a month that is over, and where no household ever reported; OutOfRange for
  // a month to come; FailedPrecondition where the policy in force draws nobody. `by` is whom the
  // audit trail names where a draw is made.
  absl::StatusOr<Draw> Of(const Rulebook& rulebook, const Division& township, Month month,
                          Instant now, const AuditCaller& by = {});

  // Adds a visit; gives the draw as it is then. Of a household at risk a case is opened first, by
  // hand and in the visitor's role, unless one is under way: a visit that is written down has its
  // case, and whoever was cut off in between says it again. NotFound where the household was not
  // drawn in that month; else as CaseDesk::Advance and DrawBook::AddVisit say.
  absl::StatusOr<Draw> Record(const Rulebook& rulebook, const Subject& subject, Month month,
                              const VisitNote& note, Instant now);

  const DrawBook& book() const { return *book_; }

 private:
  absl::StatusOr<Draw> Make(const risk::Policy& policy, const Division& township, Month month,
                            Instant now) const;
  absl::Status OpenCase(const Rulebook& rulebook, const Subject& subject, const VisitNote& note,
                        Instant now);

  const Store* const store_;
  const CaseBook* const cases_;
  CaseDesk* const desk_;
  DrawBook* const book_;
};

}  // namespace shouwang::cases
