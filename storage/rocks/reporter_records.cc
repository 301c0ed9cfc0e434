#include "storage/rocks/reporter_records.h"

#include "storage/blocks/block_key.h"
#include "storage/blocks/bytes.h"
#include "storage/rocks/records.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 1;
// Township's place and source.
constexpr size_t kPlaceBytes = 5;

}  // namespace

std::string ReporterKey(const Reporter& reporter) {
  std::string key = PlaceKey(reporter.township.FirstVillageCode());
  key.push_back(static_cast<char>(reporter.source));
  key.append(reporter.collector);
  return key;
}

std::string WriteLastHeard(const LastHeard& heard) {
  std::string value(1, static_cast<char>(kVersion));
  AppendZigZag(heard.known_at.time_since_epoch().count(), &value);
  AppendVarint(heard.batch, &value);
  return value;
}

std::optional<std::pair<Reporter, LastHeard>> ReadReporter(std::string_view key,
                                                           std::string_view value) {
  if (key.size() < kPlaceBytes + 1) return std::nullopt;
  const uint64_t place = ReadBigEndian(key.substr(0, kPlaceBytes));
  Reporter reporter;
  if (place >= 1'000'000'000'000) return std::nullopt;
  reporter.township = Division::OfVillageCode(place, DivisionLevel::kTownship);
  if (reporter.township.FirstVillageCode() != place) return std::nullopt;
  reporter.source = static_cast<Source>(key[kPlaceBytes]);
  if (SourceName(reporter.source) == "unknown") return std::nullopt;
  reporter.collector = key.substr(kPlaceBytes + 1);
  ByteReader in(value);
  if (in.Byte() != kVersion) return std::nullopt;
  LastHeard heard;
  heard.known_at = Instant(std::chrono::milliseconds(in.ZigZag()));
  heard.batch = in.Varint();
  if (!in.done() || heard.batch == 0) return std::nullopt;
  return std::pair(std::move(reporter), heard);
}

}  // namespace shouwang::rocks
