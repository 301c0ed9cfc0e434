// Which of two reports of one cell stands, and what becomes of the other. Decided by what the
// reports say (Supersedes in storage/vocabulary/history.h), never by the order in which they came.
// Pure; one thread per history.
#pragma once

#include <cstdint>

#include "storage/contract/transaction.h"
#include "storage/vocabulary/history.h"

namespace shouwang::ingest {

enum class Outcome : uint8_t {
  kAccepted,    // a new cell
  kCorrected,   // the cell has another value now; the old one is kept as superseded
  kUnchanged,   // the cell had this value; a later report moves its reported_at and source only
  kSuperseded,  // what stands was reported later; kept as superseded with until = its own known_at
};

struct Resolution {
  Outcome outcome = Outcome::kAccepted;
  // By how much the cell's value moved; the value itself for a new cell.
  int64_t change = 0;
};

// Puts `report` into `history` if it stands, and what the store must write into `transaction`.
Resolution Resolve(const Observation& report, History* history, Transaction* transaction);

}  // namespace shouwang::ingest
