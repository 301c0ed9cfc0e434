#include "storage/memory/memory_reporters.h"

#include <map>

namespace shouwang {

absl::Status MemoryReporters::ScanReporters(
    const Division& region, const Reporter& from,
    absl::FunctionRef<bool(const Reporter&, const LastHeard&)> visit) const {
  std::map<Reporter, LastHeard> heard;
  for (uint64_t number = 1; number <= store_->Statistics().batches; ++number) {
    const absl::StatusOr<std::optional<BatchRecord>> found = store_->FindBatch(number);
    if (!found.ok()) return found.status();
    if (!found->has_value()) continue;
    const BatchRecord& batch = **found;
    if (batch.township.level() != DivisionLevel::kTownship || !region.Contains(batch.township)) {
      continue;
    }
    heard[{batch.township, batch.source, batch.collector}] = {batch.known_at, number};
  }
  for (auto it = heard.lower_bound(from); it != heard.end(); ++it) {
    if (!visit(it->first, it->second)) break;
  }
  return absl::OkStatus();
}

}  // namespace shouwang
