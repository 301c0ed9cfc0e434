#include "storage/memory/memory_case_book.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "storage/audit/audit_of.h"

namespace shouwang {

absl::StatusOr<Case> MemoryCaseBook::LoadCase(const Subject& subject) const {
  absl::MutexLock lock(&mutex_);
  const auto it = cases_.find(subject);
  return it == cases_.end() ? Case{subject, {}} : it->second;
}

absl::Status MemoryCaseBook::ScanCases(const Division& region, const Subject& from_subject,
                                       absl::FunctionRef<bool(const Case&)> visit) const {
  std::vector<Case> found;
  {
    absl::MutexLock lock(&mutex_);
    const Subject first{region.FirstVillageCode(), SubjectKind::kHousehold, 0};
    for (auto it = cases_.lower_bound(std::max(first, from_subject));
         it != cases_.end() && it->first.place < region.EndVillageCode(); ++it) {
      found.push_back(it->second);
    }
  }
  for (const Case& record : found) {
    if (!visit(record)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryCaseBook::AddToCase(const Subject& subject, uint32_t revision,
                                       std::span<const CaseEvent> events, std::string_view peer) {
  if (absl::Status status = CheckCaseEvents(subject, events); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const auto it = cases_.find(subject);
  Case record = it == cases_.end() ? Case{subject, {}} : it->second;
  if (absl::Status status = CheckAddition(record, revision, events); !status.ok()) return status;
  record.events.insert(record.events.end(), events.begin(), events.end());
  cases_[subject] = std::move(record);
  if (audit_ != nullptr) audit_->Add(AuditOf(subject, revision, events, peer));
  return absl::OkStatus();
}

}  // namespace shouwang
