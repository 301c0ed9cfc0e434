// Counts what became of rows and values, and tells every refusal by file, row and column.
//
// Thread-safe: receipts come from the streams' threads, local faults from the reading one.
#pragma once

#include <shouwang/v1/report.pb.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "collectors/mapping/mapping.h"
#include "collectors/submit/outgoing_batch.h"
#include "collectors/submit/rejected_file.h"

namespace shouwang {

// Counts of values unless said otherwise.
struct Summary {
  uint64_t rows = 0;     // rows read
  uint64_t reports = 0;  // rows that went out as a report
  uint64_t values = 0;   // values in them
  uint64_t accepted = 0;
  uint64_t corrected = 0;
  uint64_t unchanged = 0;
  uint64_t superseded = 0;
  // Refused by the daemon or here; a row that is no report counts once.
  uint64_t rejected = 0;
  uint64_t batches = 0;
  // Batches that the daemon had receipted before: their counts are those of the first time.
  uint64_t batches_repeated = 0;
  uint64_t warnings_opened = 0;
  uint64_t warnings_cleared = 0;
};

class Tally {
 public:
  // `mapping` must outlive it. Refusals of files[i] go to rejected_paths[i]; equal paths are one
  // file.
  Tally(const Mapping& mapping, std::vector<std::string> files,
        const std::vector<std::string>& rejected_paths);

  void OnRow();
  void OnFault(const RowRef& row, const RowFault& fault);
  void OnBatch(const OutgoingBatch& batch);
  void OnReceipt(const OutgoingBatch& batch, const v1::Receipt& receipt);

  Summary summary() const;
  // Closes the files of refusals. Unavailable if one could not be written.
  absl::Status Close();
  // Those that hold anything.
  std::vector<std::string> RejectedPaths() const;

 private:
  void Refuse(const RowRef& row, std::string_view column, std::string_view value,
              std::string_view reason) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RefuseBatch(const OutgoingBatch& batch, const v1::Receipt& receipt)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RefusePart(const OutgoingBatch& batch, const v1::Rejection& rejection)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::vector<std::string> files_;
  std::map<std::string, std::string, std::less<>> columns_;  // by indicator

  mutable absl::Mutex mutex_;
  Summary summary_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, RejectedFile> rejected_ ABSL_GUARDED_BY(mutex_);  // by path
  std::vector<RejectedFile*> rejected_of_file_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang
