// Dropping what is older than the retention, subject by subject, together with what follows from it
// in one commit. Beside the Store contract, since only the pass that applies a retention needs it.
//
// Threads: as Store. Trim is a writer of its township, and takes turns with the others like any.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "storage/contract/store.h"
#include "storage/vocabulary/retention.h"

namespace shouwang {

struct KeptRetention {
  Retention retention;
  // Whether all that is older has been dropped.
  bool applied = true;
};

// A subject that loses something.
struct TrimmedSubject {
  Subject subject;
  SubjectState state;
  History kept;          // empty: the subject is forgotten but for its residence
  uint64_t dropped = 0;  // values
  Date first;            // the earliest date, before anything is dropped
};

struct TrimTotals {
  uint64_t observations = 0;
  uint64_t superseded = 0;
  uint64_t forgotten = 0;  // subjects of which nothing is kept
  uint64_t townships = 0;
};

class Trimming {
 public:
  virtual ~Trimming() = default;

  virtual absl::StatusOr<KeptRetention> LoadRetention() const = 0;
  // Durable when it returns OK. `retention` has advanced from what is kept.
  virtual absl::Status KeepRetention(const KeptRetention& retention) = 0;

  // Drops every value and superseded value of the township's subjects that is older than
  // `retention` keeps. `decide` gives what follows for some neighbours at a time (their new
  // judgements, warnings and counts; no observations); that and the drop are one atomic, durable
  // commit. The judgement of a subject of which nothing is kept goes too. Stops between two
  // commits. Groups that cannot be read are left as they are, and told of as DataLoss at the end.
  virtual absl::StatusOr<TrimTotals> Trim(
      const Division& township, const Retention& retention, const std::stop_token& stop,
      absl::FunctionRef<absl::StatusOr<Transaction>(std::span<const TrimmedSubject>)> decide) = 0;
};

}  // namespace shouwang
