// Values that several commits add to, rollups and tallies, and how their parts become one.
#include <array>

#include "storage/blocks/bytes.h"
#include "storage/blocks/pile.h"
#include "storage/rocks/records.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 1;

struct Sum {
  int64_t count = 0;
  int64_t sum = 0;
};
using YearSums = std::array<Sum, 12>;

void Add(int64_t count, int64_t sum, Sum* to) {
  to->count = static_cast<int64_t>(static_cast<uint64_t>(to->count) + static_cast<uint64_t>(count));
  to->sum = static_cast<int64_t>(static_cast<uint64_t>(to->sum) + static_cast<uint64_t>(sum));
}

bool AddSums(std::string_view value, YearSums* sums) {
  ByteReader in(value);
  if (in.Byte() != kVersion) return false;
  const uint64_t months = in.Varint();
  if (months >= 1 << 12) return false;
  for (size_t month = 0; month < 12; ++month) {
    if ((months >> month & 1) == 0) continue;
    const int64_t count = in.ZigZag();
    Add(count, in.ZigZag(), &(*sums)[month]);
  }
  return in.done();
}

std::string WriteSums(const YearSums& sums) {
  uint64_t months = 0;
  for (size_t month = 0; month < 12; ++month) {
    if (sums[month].count != 0 || sums[month].sum != 0) months |= uint64_t{1} << month;
  }
  std::string value(1, static_cast<char>(kVersion));
  AppendVarint(months, &value);
  for (const Sum& sum : sums) {
    if (sum.count == 0 && sum.sum == 0) continue;
    AppendZigZag(sum.count, &value);
    AppendZigZag(sum.sum, &value);
  }
  return value;
}

}  // namespace

std::string WriteRollup(std::span<const RollupDelta* const> deltas) {
  YearSums sums{};
  for (const RollupDelta* delta : deltas) {
    Add(delta->count, delta->sum, &sums[static_cast<size_t>(delta->month.month_of_year() - 1)]);
  }
  return WriteSums(sums);
}

bool ReadRollup(const RollupKey& key, std::string_view value,
                absl::FunctionRef<void(const RollupCell&)> visit) {
  YearSums sums{};
  if (!AddSums(value, &sums)) return false;
  const Month january = Month::OfIndex((key.year - 1970) * 12);
  for (int32_t month = 0; month < 12; ++month) {
    const Sum& sum = sums[static_cast<size_t>(month)];
    if (sum.count == 0) continue;
    visit(RollupCell{key.place, key.indicator, january + month, sum.count, sum.sum});
  }
  return true;
}

std::string FoldRollups(std::string_view /*key*/, std::span<const std::string_view> parts) {
  YearSums sums{};
  for (const std::string_view part : parts) {
    if (!AddSums(part, &sums)) return KeepDamaged(parts);
  }
  return WriteSums(sums);
}

std::string FoldTallies(std::string_view key, std::span<const std::string_view> parts) {
  Tally total;
  for (const std::string_view part : parts) {
    const std::optional<Tally> delta = ReadTally(key, part);
    if (!delta) return KeepDamaged(parts);
    AddTally(*delta, &total);
  }
  return WriteTally(total);
}

}  // namespace shouwang::rocks
