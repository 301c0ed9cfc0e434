// Gathers rows by township into batches, column by column.
//
// A batch is due when its township has gathered `reports` or `values`, or would need one section
// more than `sections`. Over all townships at most `buffered_rows` rows wait: at that bound the
// largest townships become batches until half of it is free. So memory is bounded whatever the
// order of the rows, and rows sorted by township make the largest batches.
//
// The same rows in the same order with the same header make the same batches with the same
// request_id, which is a hash of the batch's bytes: sending a sheet again after a crash is safe.
// Reports of a section stand by number, then date, then row.
//
// Single-threaded.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "collectors/mapping/row_mapper.h"
#include "collectors/submit/outgoing_batch.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang {

// What all batches of a run have in common.
struct BatchHeader {
  std::string collector;
  Source source = Source::kCadreVisit;
  Instant reported_at;
  // MappedValue::indicator counts in it.
  std::vector<std::string> indicators;
};

// At most what the daemon takes: 4,096 reports, 262,144 values, 64 sections.
struct BatchLimits {
  size_t reports = 2048;
  size_t values = 200'000;
  size_t sections = 64;
  size_t buffered_rows = 50'000;
};

class BatchBuilder {
 public:
  BatchBuilder(BatchHeader header, BatchLimits limits);

  // `row` must be usable. Appends the batches that are due to `due`. A residence is left out where
  // the same one went into an earlier batch.
  void Add(const MappedRow& row, const RowRef& origin, std::vector<OutgoingBatch>* due);
  // All that still waits, by township.
  void Flush(std::vector<OutgoingBatch>* due);

  size_t buffered_rows() const { return buffered_rows_; }

 private:
  struct Waiting {
    Subject subject;
    Date date;
    RowRef origin;
    // In Township::values.
    size_t first_value = 0;
    size_t value_count = 0;
  };
  struct Township {
    std::vector<Waiting> rows;
    std::vector<MappedValue> values;
    std::vector<std::pair<Residence, RowRef>> residences;
    // Reports by (place, kind).
    std::map<std::pair<uint64_t, SubjectKind>, size_t> sections;
    size_t size() const { return rows.size() + residences.size(); }
  };

  bool IsNewResidence(const Residence& residence);
  OutgoingBatch Close(uint64_t township);
  void MakeRoom(std::vector<OutgoingBatch>* due);
  void AddSection(const Township& from, std::vector<const Waiting*>* reports,
                  OutgoingBatch* batch) const;

  const BatchHeader header_;
  const BatchLimits limits_;
  std::map<uint64_t, Township> townships_;  // by 9-digit code
  size_t buffered_rows_ = 0;
  // What was sent of whom; forgotten, and so sent again, beyond a bound.
  absl::flat_hash_map<Subject, Residence> sent_residences_;
};

}  // namespace shouwang
