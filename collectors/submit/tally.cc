#include "collectors/submit/tally.h"

#include <fmt/format.h>

#include <utility>

namespace shouwang {
namespace {

// A refused residence names no indicator, and its position counts residences.
bool IsOfResidence(const v1::Batch& batch, const v1::Rejection& rejection) {
  if (!rejection.indicator().empty() || rejection.section() != 0) return false;
  if (rejection.report() >= static_cast<uint32_t>(batch.residences_size())) return false;
  const v1::Residence& residence = batch.residences(static_cast<int>(rejection.report()));
  return residence.household() == rejection.subject() &&
         (rejection.value() == residence.household() || rejection.value() == residence.site() ||
          rejection.value() == residence.origin() ||
          rejection.value() == Date::OfDays(residence.since()).ToString());
}

// How many of Receipt.rejected a listed refusal accounts for: all values of a report that was
// refused as a whole (no indicator is named), else one.
uint64_t ValuesRefused(const v1::Batch& batch, const v1::Rejection& rejection) {
  if (!rejection.indicator().empty() || IsOfResidence(batch, rejection)) return 1;
  if (rejection.section() >= static_cast<uint32_t>(batch.sections_size())) return 1;
  uint64_t values = 0;
  for (const v1::Column& column : batch.sections(static_cast<int>(rejection.section())).columns()) {
    const std::string& present = column.present();
    const size_t byte = rejection.report() / 8;
    values += present.empty() ||
              (byte < present.size() && (present[byte] >> (rejection.report() % 8) & 1) != 0);
  }
  return values;
}

}  // namespace

Tally::Tally(const Mapping& mapping, std::vector<std::string> files,
             const std::vector<std::string>& rejected_paths)
    : files_(std::move(files)) {
  for (size_t i = 0; i < mapping.indicators().size(); ++i) {
    columns_.emplace(mapping.indicators()[i], mapping.ColumnOf(i));
  }
  absl::MutexLock lock(&mutex_);
  for (const std::string& path : rejected_paths) {
    rejected_of_file_.push_back(&rejected_.try_emplace(path, path).first->second);
  }
}

void Tally::OnRow() {
  absl::MutexLock lock(&mutex_);
  ++summary_.rows;
}

void Tally::OnFault(const RowRef& row, const RowFault& fault) {
  absl::MutexLock lock(&mutex_);
  ++summary_.rejected;
  Refuse(row, fault.column, fault.value, fault.reason);
}

void Tally::OnBatch(const OutgoingBatch& batch) {
  absl::MutexLock lock(&mutex_);
  ++summary_.batches;
  summary_.reports += batch.reports;
  summary_.values += batch.values;
}

void Tally::OnReceipt(const OutgoingBatch& batch, const v1::Receipt& receipt) {
  absl::MutexLock lock(&mutex_);
  summary_.accepted += receipt.accepted();
  summary_.corrected += receipt.corrected();
  summary_.unchanged += receipt.unchanged();
  summary_.superseded += receipt.superseded();
  summary_.rejected += receipt.rejected();
  summary_.batches_repeated += receipt.repeated() ? 1 : 0;
  summary_.warnings_opened += receipt.warnings_opened();
  summary_.warnings_cleared += receipt.warnings_cleared();
  if (receipt.has_error() && receipt.error().code() != 0) {
    RefuseBatch(batch, receipt);
    return;
  }
  uint64_t listed = 0;
  for (const v1::Rejection& rejection : receipt.rejections()) {
    RefusePart(batch, rejection);
    listed += ValuesRefused(batch.request.batch(), rejection);
  }
  if (receipt.rejected() > listed) {
    Refuse(
        batch.rows.empty() || batch.rows[0].empty() ? RowRef{} : batch.rows[0][0], "", "",
        fmt::format("township {}: {} more refused in the batch of this row than the daemon lists",
                    batch.request.batch().township(), receipt.rejected() - listed));
  }
}

void Tally::RefuseBatch(const OutgoingBatch& batch, const v1::Receipt& receipt) {
  // Its message names the fields already; a cell of the rejected file is one line.
  const std::string& reason = receipt.error().message();
  if (receipt.rejected() == 0) {
    summary_.rejected += batch.values + batch.residence_rows.size();
  }
  for (const std::vector<RowRef>& section : batch.rows) {
    for (const RowRef& row : section) Refuse(row, "", "", reason);
  }
  for (const RowRef& row : batch.residence_rows) Refuse(row, "residence", "", reason);
}

void Tally::RefusePart(const OutgoingBatch& batch, const v1::Rejection& rejection) {
  const size_t section = rejection.section();
  const size_t report = rejection.report();
  RowRef row;
  if (section < batch.rows.size() && report < batch.rows[section].size()) {
    row = batch.rows[section][report];
  }
  std::string column = rejection.indicator();
  if (const auto it = columns_.find(column); it != columns_.end()) column = it->second;
  if (report < batch.residence_rows.size() && IsOfResidence(batch.request.batch(), rejection)) {
    row = batch.residence_rows[report];
    column = "residence";
  }
  Refuse(row, column, rejection.value(), rejection.message());
}

void Tally::Refuse(const RowRef& row, std::string_view column, std::string_view value,
                   std::string_view reason) {
  if (row.file >= files_.size()) return;
  rejected_of_file_[row.file]->Add(files_[row.file], row.line, column, value, reason);
}

Summary Tally::summary() const {
  absl::MutexLock lock(&mutex_);
  return summary_;
}

absl::Status Tally::Close() {
  absl::MutexLock lock(&mutex_);
  absl::Status status;
  for (auto& [path, file] : rejected_) status.Update(file.Close());
  return status;
}

std::vector<std::string> Tally::RejectedPaths() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, file] : rejected_) {
    if (file.count() > 0) paths.push_back(path);
  }
  return paths;
}

}  // namespace shouwang
