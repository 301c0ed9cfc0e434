#include "storage/rocks/draw_records.h"

#include "storage/blocks/bytes.h"
#include "storage/rocks/records.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint32_t kSignBit = uint32_t{1} << 31;
constexpr size_t kDrawKeyBytes = 9;
constexpr size_t kVisitKeyBytes = 21;
constexpr uint64_t kVillagesPerTownship = 1000;
constexpr uint64_t kEndOfPlaces = 1'000'000'000'000;

int64_t MsOf(Instant instant) { return instant.time_since_epoch().count(); }

std::string MonthKey(const Division& township, int64_t month_index) {
  std::string key = PlaceKey(township.FirstVillageCode());
  AppendBigEndian(static_cast<uint32_t>(month_index) ^ kSignBit, 4, &key);
  return key;
}

}  // namespace

std::string WriteDrawKey(const DrawKey& key) {
  std::string bytes = MonthKey(key.township, key.month.index());
  if (key.visit == 0) return bytes;
  bytes += SubjectKey(key.subject);
  AppendBigEndian(key.visit, 2, &bytes);
  return bytes;
}

std::optional<DrawKey> ReadDrawKey(std::string_view bytes) {
  if (bytes.size() != kDrawKeyBytes && bytes.size() != kVisitKeyBytes) return std::nullopt;
  const uint64_t place = ReadBigEndian(bytes.substr(0, 5));
  if (place >= kEndOfPlaces || place % kVillagesPerTownship != 0) return std::nullopt;
  DrawKey key;
  key.township = Division::OfVillageCode(place, DivisionLevel::kTownship);
  key.month = Month::OfIndex(
      static_cast<int32_t>(static_cast<uint32_t>(ReadBigEndian(bytes.substr(5, 4))) ^ kSignBit));
  if (bytes.size() == kDrawKeyBytes) return key;
  if (bytes[14] != 0) return std::nullopt;  // a household
  key.subject.place = ReadBigEndian(bytes.substr(9, 5));
  key.subject.number = static_cast<uint32_t>(ReadBigEndian(bytes.substr(15, 4)));
  key.visit = static_cast<uint32_t>(ReadBigEndian(bytes.substr(19, 2)));
  if (key.visit == 0 || key.visit > kMaxVisitsOfDrawn) return std::nullopt;
  return key;
}

std::string EndOfDraw(const Division& township, Month month) {
  return MonthKey(township, int64_t{month.index()} + 1);
}

std::string WriteDraw(const Draw& draw) {
  std::string value(1, static_cast<char>(kVersion));
  AppendZigZag(MsOf(draw.drawn_at), &value);
  AppendVarint(draw.policy_version, &value);
  AppendVarint(draw.households, &value);
  AppendVarint(draw.unflagged, &value);
  AppendVarint(draw.drawn.size(), &value);
  for (const Subject& subject : draw.drawn) {
    AppendVarint(subject.place - draw.township.FirstVillageCode(), &value);
    AppendVarint(subject.number, &value);
  }
  return value;
}

std::optional<Draw> ReadDraw(const DrawKey& key, std::string_view value) {
  ByteReader in(value);
  if (in.Byte() != kVersion) return std::nullopt;
  Draw draw;
  draw.township = key.township;
  draw.month = key.month;
  draw.drawn_at = Instant(std::chrono::milliseconds(in.ZigZag()));
  draw.policy_version = static_cast<uint32_t>(in.Varint());
  draw.households = static_cast<uint32_t>(in.Varint());
  draw.unflagged = static_cast<uint32_t>(in.Varint());
  const uint64_t drawn = in.Varint();
  if (drawn > kMaxDrawn) return std::nullopt;
  for (uint64_t i = 0; i < drawn; ++i) {
    Subject& subject = draw.drawn.emplace_back();
    subject.place = draw.township.FirstVillageCode() + in.Varint();
    subject.number = static_cast<uint32_t>(in.Varint());
  }
  if (!in.done() || !CheckDraw(draw).ok()) return std::nullopt;
  return draw;
}

std::string WriteDrawVisit(const DrawVisit& visit) {
  std::string value(1, static_cast<char>(kVersion));
  value.push_back(static_cast<char>(visit.outcome));
  value.push_back(static_cast<char>(visit.role));
  AppendZigZag(MsOf(visit.at), &value);
  AppendBytes(visit.actor, &value);
  AppendBytes(visit.note, &value);
  return value;
}

std::optional<DrawVisit> ReadDrawVisit(const DrawKey& key, std::string_view value) {
  ByteReader in(value);
  if (in.Byte() != kVersion) return std::nullopt;
  DrawVisit visit;
  visit.subject = key.subject;
  visit.outcome = static_cast<VisitOutcome>(in.Byte());
  visit.role = static_cast<Role>(in.Byte());
  visit.at = Instant(std::chrono::milliseconds(in.ZigZag()));
  visit.actor = in.LengthAndBytes();
  visit.note = in.LengthAndBytes();
  if (!in.done() || !CheckVisit(visit).ok()) return std::nullopt;
  return visit;
}

}  // namespace shouwang::rocks
