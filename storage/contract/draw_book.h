// Where draws (随机抽查) are kept: which households without a clue a township drew by lot in a
// month, and what those who visited them found. A draw never changes, though warnings move later;
// visits are added to it and never changed or taken away. Beside the Store contract, since only
// those who follow up need it; a store's retention does not touch it. One suite
// (tests/storage/contract/draw_book_test.cc) holds every store to it.
//
// Threads: any. Of two who draw for one township and month at the same time one wins, the other
// gets AlreadyExists.
//
// Failures: as Store's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/vocabulary/audit.h"
#include "storage/vocabulary/case.h"

namespace shouwang {

// Households of one draw, and visits of one of them.
inline constexpr size_t kMaxDrawn = 1'000;
inline constexpr uint32_t kMaxVisitsOfDrawn = 16;
// Of a visit, in bytes.
inline constexpr size_t kMaxVisitActorBytes = 64;
inline constexpr size_t kMaxVisitNoteBytes = 2'000;

enum class VisitOutcome : uint8_t {
  kFine = 1,    // 无风险
  kAtRisk = 2,  // 有风险: the rules missed it
};
std::string_view OutcomeName(VisitOutcome outcome);  // "fine", "at_risk"
std::string_view OutcomeTitleZh(VisitOutcome outcome);
absl::StatusOr<VisitOutcome> ParseOutcome(std::string_view name);

struct DrawVisit {
  Subject subject;
  VisitOutcome outcome = VisitOutcome::kFine;
  Instant at;  // when it was recorded
  Role role = Role::kVillage;
  std::string actor;  // an account, never a name
  std::string note;
  friend bool operator==(const DrawVisit&, const DrawVisit&) = default;
};

struct Draw {
  Division township;
  Month month;
  Instant drawn_at;
  uint32_t policy_version = 0;  // a part of the seed
  uint32_t households = 0;      // known in the township then
  uint32_t unflagged = 0;       // of them, those that the lot could fall on
  std::vector<Subject> drawn;   // in the order of the lot, each once
  // By subject; of one household as they were recorded, the last stands.
  std::vector<DrawVisit> visits;

  bool Has(const Subject& subject) const;
  // What stands of the household; nullptr where nobody has visited it.
  const DrawVisit* VisitOf(const Subject& subject) const;
  friend bool operator==(const Draw&, const Draw&) = default;
};

class DrawBook {
 public:
  virtual ~DrawBook() = default;

  // nullopt where nobody has drawn.
  virtual absl::StatusOr<std::optional<Draw>> LoadDraw(const Division& township,
                                                       Month month) const = 0;
  // Draws of `region` from `from` to `to`, both included, by township and month, on one consistent
  // snapshot. Stops early when `visit` returns false. What is damaged is left out, and told as
  // DataLoss at the end.
  virtual absl::Status ScanDraws(const Division& region, Month from, Month to,
                                 absl::FunctionRef<bool(const Draw&)> visit) const = 0;
  // AlreadyExists where there is one; InvalidArgument for what CheckDraw refuses. Durable (fsynced)
  // when it returns OK. `by` is for the audit trail, which the draw is recorded in by the same
  // write.
  virtual absl::Status AddDraw(const Draw& draw, const AuditCaller& by = {}) = 0;
  // NotFound where nobody drew, or not this household; InvalidArgument for what CheckVisit refuses;
  // ResourceExhausted past kMaxVisitsOfDrawn. Durable when it returns OK, and recorded in the audit
  // trail, with the address `peer` of who wrote it down.
  virtual absl::Status AddVisit(const Division& township, Month month, const DrawVisit& visit,
                                std::string_view peer = {}) = 0;
};

// What every book refuses: a township of another level, months and instants outside 1900 to 2199,
// a household twice, of another township or none at all, more than kMaxDrawn or than were
// unflagged, visits (they are added later).
absl::Status CheckDraw(const Draw& draw);
// Values that no enum has, an instant outside 1900 to 2199, texts past the bounds above.
absl::Status CheckVisit(const DrawVisit& visit);
// Whether `visit` may be added to `draw`, as AddVisit says; `draw` may be absent.
absl::Status CheckAddition(const std::optional<Draw>& draw, const Division& township, Month month,
                           const DrawVisit& visit);

}  // namespace shouwang
