// Where cases are kept: events of each subject's case, which are added and never changed or taken
// away. Beside the Store contract, since only those who work on cases need it; a store's retention
// does not touch it. One suite (tests/storage/contract/case_book_test.cc) holds every store to it.
//
// Threads: any. Two who add to one case at the same time: one wins, the other gets Aborted.
//
// Failures: as Store's.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/vocabulary/case.h"

namespace shouwang {

// Of one case, for life.
inline constexpr uint32_t kMaxCaseEvents = 1'000;
// Of an event, in bytes, and warnings.
inline constexpr size_t kMaxActorBytes = 64;
inline constexpr size_t kMaxNoteBytes = 2'000;
inline constexpr size_t kMaxMeasureBytes = 64;
inline constexpr size_t kMaxCaseWarnings = 256;

class CaseBook {
 public:
  virtual ~CaseBook() = default;

  // No events where the subject never had a case.
  virtual absl::StatusOr<Case> LoadCase(const Subject& subject) const = 0;
  // Every case of `region` from `from_subject` on, in subject order, on one consistent snapshot.
  // Stops early when `visit` returns false. What is damaged is left out, and told as DataLoss at
  // the end.
  virtual absl::Status ScanCases(const Division& region, const Subject& from_subject,
                                 absl::FunctionRef<bool(const Case&)> visit) const = 0;
  // Adds all of `events` behind the first `revision` ones, or nothing; durable (fsynced) when it
  // returns OK. Aborted where the case has another revision by now; InvalidArgument for events that
  // CheckCaseEvents refuses or that may not stand there; ResourceExhausted past kMaxCaseEvents. The
  // audit trail records each event in the same write, with the address `peer` of who asked for it.
  virtual absl::Status AddToCase(const Subject& subject, uint32_t revision,
                                 std::span<const CaseEvent> events, std::string_view peer = {}) = 0;
};

// What every book refuses whatever stands before it: InvalidArgument for a subject that cannot be,
// for no events, values that no enum has, a cause of anything but a dismissal, instants and dates
// outside 1900 to 2199, texts and lists past the bounds above, a measure without a name or a name
// without a measure.
absl::Status CheckCaseEvents(const Subject& subject, std::span<const CaseEvent> events);
// Whether `events` may be added to `record`, as AddToCase says.
absl::Status CheckAddition(const Case& record, uint32_t revision,
                           std::span<const CaseEvent> events);

}  // namespace shouwang
