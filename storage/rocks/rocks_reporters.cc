#include "storage/rocks/rocks_reporters.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "storage/rocks/database.h"
#include "storage/rocks/records.h"
#include "storage/rocks/reporter_records.h"

namespace shouwang {

absl::Status RocksReporters::ScanReporters(
    const Division& region, const Reporter& from,
    absl::FunctionRef<bool(const Reporter&, const LastHeard&)> visit) const {
  const std::string first =
      std::max(rocks::PlaceKey(region.FirstVillageCode()), rocks::ReporterKey(from));
  absl::Status damage;
  absl::Status status = store_->database().Scan(
      rocks::Family::kReporters, first, rocks::PlaceKey(region.EndVillageCode()),
      [&](std::string_view key, std::string_view value) {
        const auto reporter = rocks::ReadReporter(key, value);
        if (reporter) {
          return !region.Contains(reporter->first.township) ||
                 visit(reporter->first, reporter->second);
        }
        damage.Update(rocks::DamagedRecord("reporters", key));
        return true;
      });
  status.Update(damage);
  return store_->database().Noted(std::move(status));
}

}  // namespace shouwang
