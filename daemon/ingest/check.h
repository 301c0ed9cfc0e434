// From what a collector sent to what can be stored: every value of a batch checked against the
// rulebook, the good ones flat and sorted, the others listed with their reasons.
//
// Pure; any thread. Linear in the batch: nothing is allocated per value, and only households that
// are reported for several dates are sorted.
#pragma once

#include <shouwang/v1/report.pb.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/ingest/ingest_bounds.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/vocabulary/observation_list.h"
#include "storage/vocabulary/site.h"

namespace shouwang::ingest {

struct CheckedBatch {
  Division township;
  std::string collector;
  // By (subject, date), each pair once; a report's cells by indicator, each once. The one arrival
  // has no known_at and no batch yet.
  ObservationList observations;
  std::vector<Residence> residences;  // by household, each once
  // As far as the check can tell: request_id, rejected, rejections, and as `unchanged` the values
  // that the batch itself repeats.
  v1::Receipt receipt;
};

// A refusal of the whole batch (see CheckShape) or what of it can be stored. A fault of a report
// (its subject, its date) is one rejection without an indicator and counts each of its values; any
// other fault is a rejection of one value. Where a batch gives a cell twice the first one stands.
// Dates are judged by the calendar day of `now` in China.
absl::StatusOr<CheckedBatch> CheckBatch(const v1::Batch& batch, const Rulebook& rulebook,
                                        Instant now, const IngestBounds& bounds);

// Which of two residences of a household stands: the later `since`, then the higher site, then the
// higher origin, so that any order of arrival gives the same.
bool Supersedes(const Residence& residence, const Residence& current);

}  // namespace shouwang::ingest
