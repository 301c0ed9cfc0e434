// Histograms: their keys, their values, and what RocksStore reads of them. README.md gives the
// bytes.
#include <array>
#include <map>
#include <utility>

#include "storage/blocks/bytes.h"
#include "storage/blocks/pile.h"
#include "storage/rocks/database.h"
#include "storage/rocks/records.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kMonths = 12;

using Year = std::array<Histogram, kMonths>;

// Divisions' places are 1 + 1 + 2 + 5 bytes before the year; a site's has 9 more.
constexpr size_t kHeadBytes = 9;
constexpr size_t kSiteBytes = 9;

std::optional<DivisionLevel> LevelOf(uint8_t byte) {
  const auto level = static_cast<DivisionLevel>(byte);
  if (level != DivisionLevel::kCounty && level != DivisionLevel::kTownship) return std::nullopt;
  return level;
}

void WriteMonth(const Histogram& histogram, std::string* out) {
  AppendVarint(histogram.entries().size(), out);
  int64_t before = 0;
  for (const Histogram::Entry& entry : histogram.entries()) {
    AppendZigZag(entry.bucket - before, out);
    AppendZigZag(entry.count, out);
    before = entry.bucket;
  }
}

bool ReadMonth(ByteReader* in, Histogram* histogram) {
  int64_t bucket = 0;
  Histogram read;
  for (uint64_t left = in->Varint(); left > 0; --left) {
    const int64_t step = in->ZigZag();
    const int64_t count = in->ZigZag();
    if (in->failed() || step > int64_t{2} * kLastBucket || step < -kLastBucket) return false;
    bucket += step;
    if (bucket > kLastBucket || bucket < -kLastBucket) return false;
    read.Add(static_cast<Bucket>(bucket), count);
  }
  if (histogram->empty()) {
    *histogram = std::move(read);
  } else {
    histogram->Add(read);
  }
  return !in->failed();
}

std::string WriteYear(const Year& year) {
  uint64_t mask = 0;
  for (size_t month = 0; month < kMonths; ++month) {
    if (!year[month].empty()) mask |= uint64_t{1} << month;
  }
  std::string value(1, static_cast<char>(kVersion));
  AppendVarint(mask, &value);
  for (const Histogram& histogram : year) {
    if (!histogram.empty()) WriteMonth(histogram, &value);
  }
  return value;
}

bool AddYear(std::string_view value, Year* year) {
  ByteReader in(value);
  if (in.Byte() != kVersion) return false;
  const uint64_t mask = in.Varint();
  if (mask >> kMonths != 0) return false;
  for (size_t month = 0; month < kMonths; ++month) {
    if ((mask >> month & 1) != 0 && !ReadMonth(&in, &(*year)[month])) return false;
  }
  return in.done();
}

}  // namespace

std::string HistogramPrefix(RollupView view, DivisionLevel level, IndicatorId indicator) {
  std::string prefix(1, static_cast<char>(view));
  prefix.push_back(static_cast<char>(view == RollupView::kSite ? DivisionLevel::kTownship : level));
  AppendBigEndian(indicator, 2, &prefix);
  return prefix;
}

std::string WriteHistogramKey(const HistogramKey& key) {
  const HistogramPlace& place = key.place;
  std::string bytes = HistogramPrefix(place.view, place.division.level(), key.indicator);
  bytes += PlaceKey(place.division.FirstVillageCode());
  if (place.view == RollupView::kSite) {
    bytes += PlaceKey(place.site.place);
    AppendBigEndian(place.site.number, 4, &bytes);
  }
  AppendBigEndian(static_cast<uint64_t>(key.year), 2, &bytes);
  return bytes;
}

std::optional<HistogramKey> ReadHistogramKey(std::string_view bytes) {
  if (bytes.size() < kHeadBytes || static_cast<uint8_t>(bytes[0]) > 2) return std::nullopt;
  const auto view = static_cast<RollupView>(bytes[0]);
  const std::optional<DivisionLevel> level = LevelOf(static_cast<uint8_t>(bytes[1]));
  const bool site = view == RollupView::kSite;
  if (!level || bytes.size() != kHeadBytes + (site ? kSiteBytes : 0) + 2) return std::nullopt;
  HistogramKey key;
  key.place.view = view;
  key.place.division = Division::OfVillageCode(ReadBigEndian(bytes.substr(4, 5)), *level);
  if (site) {
    key.place.site = {ReadBigEndian(bytes.substr(9, 5)), SubjectKind::kSite,
                      static_cast<uint32_t>(ReadBigEndian(bytes.substr(14, 4)))};
  }
  key.indicator = static_cast<IndicatorId>(ReadBigEndian(bytes.substr(2, 2)));
  key.year = static_cast<int32_t>(ReadBigEndian(bytes.substr(bytes.size() - 2)));
  return key;
}

std::string WriteHistograms(std::span<const PlaceHistogram* const> deltas) {
  Year year;
  for (const PlaceHistogram* delta : deltas) {
    year[static_cast<size_t>(delta->month.month_of_year() - 1)].Add(delta->histogram);
  }
  return WriteYear(year);
}

bool ReadHistograms(const HistogramKey& key, std::string_view value,
                    absl::FunctionRef<void(PlaceHistogram)> visit) {
  Year year;
  if (!AddYear(value, &year)) return false;
  const Month january = Month::OfIndex((key.year - 1970) * 12);
  for (size_t month = 0; month < kMonths; ++month) {
    visit(
        {key.place, key.indicator, january + static_cast<int32_t>(month), std::move(year[month])});
  }
  return true;
}

std::string FoldHistograms(std::string_view /*key*/, std::span<const std::string_view> parts) {
  Year year;
  for (const std::string_view part : parts) {
    if (!AddYear(part, &year)) return KeepDamaged(parts);
  }
  return WriteYear(year);
}

}  // namespace shouwang::rocks

namespace shouwang {

using rocks::Family;

absl::StatusOr<std::vector<PlaceHistogram>> RocksStore::ReadHistograms(
    const HistogramQuery& query) const {
  if (absl::Status status = CheckQuery(query); !status.ok()) return status;
  const bool one_site = query.view == RollupView::kSite && query.site.has_value();
  const Division region = one_site ? query.site->In(DivisionLevel::kTownship) : query.region;
  std::vector<PlaceHistogram> found;
  const std::string prefix = rocks::HistogramPrefix(query.view, query.level, query.indicator);
  absl::Status damage;
  const auto read = [&](std::string_view bytes, std::string_view value) {
    const std::optional<rocks::HistogramKey> key = rocks::ReadHistogramKey(bytes);
    if (key && (key->year < query.from.year() || key->year > query.to.year())) return true;
    if (key && one_site && key->place.site != *query.site) return true;
    if (key && !query.region.Contains(key->place.division)) return true;
    const auto collect = [&](PlaceHistogram cell) {
      if (query.from <= cell.month && cell.month <= query.to && !cell.histogram.empty()) {
        found.push_back(std::move(cell));
      }
    };
    if (!key || !rocks::ReadHistograms(*key, value, collect)) {
      damage.Update(rocks::DamagedRecord("histograms", bytes));
    }
    return true;
  };
  absl::Status status =
      database_->Scan(Family::kHistograms, prefix + rocks::PlaceKey(region.FirstVillageCode()),
                      prefix + rocks::PlaceKey(region.EndVillageCode()), read);
  status.Update(damage);
  if (!status.ok()) return database_->Noted(std::move(status));
  return found;
}

}  // namespace shouwang
