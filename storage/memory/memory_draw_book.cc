#include "storage/memory/memory_draw_book.h"

#include <algorithm>
#include <vector>

#include "storage/audit/audit_of.h"

namespace shouwang {

absl::StatusOr<std::optional<Draw>> MemoryDrawBook::LoadDraw(const Division& township,
                                                             Month month) const {
  absl::MutexLock lock(&mutex_);
  const auto it = draws_.find({township.FirstVillageCode(), month});
  return it == draws_.end() ? std::nullopt : std::optional(it->second);
}

absl::Status MemoryDrawBook::ScanDraws(const Division& region, Month from, Month to,
                                       absl::FunctionRef<bool(const Draw&)> visit) const {
  std::vector<Draw> found;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, draw] : draws_) {
      if (region.Contains(draw.township) && from <= draw.month && draw.month <= to) {
        found.push_back(draw);
      }
    }
  }
  for (const Draw& draw : found) {
    if (!visit(draw)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryDrawBook::AddDraw(const Draw& draw, const AuditCaller& by) {
  if (absl::Status status = CheckDraw(draw); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const auto [it, added] = draws_.try_emplace({draw.township.FirstVillageCode(), draw.month}, draw);
  if (!added) return absl::AlreadyExistsError("there is a draw of that month");
  if (audit_ != nullptr) audit_->Add(AuditOf(draw, by));
  return absl::OkStatus();
}

absl::Status MemoryDrawBook::AddVisit(const Division& township, Month month, const DrawVisit& visit,
                                      std::string_view peer) {
  absl::MutexLock lock(&mutex_);
  const auto it = draws_.find({township.FirstVillageCode(), month});
  const std::optional<Draw> draw = it == draws_.end() ? std::nullopt : std::optional(it->second);
  if (absl::Status status = CheckAddition(draw, township, month, visit); !status.ok()) {
    return status;
  }
  std::vector<DrawVisit>& visits = it->second.visits;
  visits.insert(std::ranges::upper_bound(visits, visit.subject, {}, &DrawVisit::subject), visit);
  if (audit_ != nullptr) audit_->Add(AuditOf(township, month, visit, peer));
  return absl::OkStatus();
}

}  // namespace shouwang
