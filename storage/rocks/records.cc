#include "storage/rocks/records.h"

#include "storage/blocks/bytes.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint64_t kSignBit = uint64_t{1} << 63;

Instant InstantOf(int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }
int64_t MsOf(Instant instant) { return instant.time_since_epoch().count(); }

// Signed numbers in keys: the sign bit flipped, so that bytes order as numbers do.
void AppendSigned(int64_t value, std::string* out) {
  AppendBigEndian(static_cast<uint64_t>(value) ^ kSignBit, 8, out);
}
int64_t ReadSigned(std::string_view bytes) {
  return static_cast<int64_t>(ReadBigEndian(bytes) ^ kSignBit);
}
void AppendDay(Date date, std::string* out) {
  AppendBigEndian(static_cast<uint64_t>(int64_t{date.days()} + (int64_t{1} << 31)), 4, out);
}
Date ReadDay(std::string_view bytes) {
  const auto biased = static_cast<int64_t>(ReadBigEndian(bytes));
  return Date::OfDays(static_cast<int32_t>(biased - (int64_t{1} << 31)));
}

std::string Versioned() { return std::string(1, static_cast<char>(kVersion)); }

void AppendDivision(const Division& division, std::string* out) {
  out->push_back(static_cast<char>(division.level()));
  AppendVarint(division.FirstVillageCode(), out);
}

Division ReadDivision(ByteReader* in) {
  const uint8_t level = in->Byte();
  const uint64_t code = in->Varint();
  switch (static_cast<DivisionLevel>(level)) {
    case DivisionLevel::kNation:
    case DivisionLevel::kProvince:
    case DivisionLevel::kPrefecture:
    case DivisionLevel::kCounty:
    case DivisionLevel::kTownship:
    case DivisionLevel::kVillage:
      if (code < 1'000'000'000'000) {
        return Division::OfVillageCode(code, static_cast<DivisionLevel>(level));
      }
      break;
  }
  in->Fail();
  return Division();
}

std::optional<Subject> ReadSubjectKey(std::string_view bytes) {
  if (bytes.size() < 10 || static_cast<uint8_t>(bytes[5]) > 1) return std::nullopt;
  return Subject{ReadBigEndian(bytes.substr(0, 5)), static_cast<SubjectKind>(bytes[5]),
                 static_cast<uint32_t>(ReadBigEndian(bytes.substr(6, 4)))};
}

void AppendPlace(const RollupPlace& place, std::string* out) {
  AppendBigEndian(place.township.FirstVillageCode(), 5, out);
  if (place.view == RollupView::kSite) {
    AppendBigEndian(place.site.place, 5, out);
    AppendBigEndian(place.site.number, 4, out);
  }
}

size_t PlaceBytes(RollupView view) { return view == RollupView::kSite ? 14 : 5; }

RollupPlace ReadPlace(RollupView view, std::string_view bytes) {
  RollupPlace place{
      view,
      Division::OfVillageCode(ReadBigEndian(bytes.substr(0, 5)), DivisionLevel::kTownship),
      {}};
  if (view == RollupView::kSite) {
    place.site = {ReadBigEndian(bytes.substr(5, 5)), SubjectKind::kSite,
                  static_cast<uint32_t>(ReadBigEndian(bytes.substr(10, 4)))};
  }
  return place;
}

}  // namespace

std::string PlaceKey(uint64_t place) {
  std::string key;
  AppendBigEndian(place, 5, &key);
  return key;
}

std::string SubjectKey(const Subject& subject) {
  std::string key;
  AppendBigEndian(subject.place, 5, &key);
  AppendBigEndian(static_cast<uint8_t>(subject.kind), 1, &key);
  AppendBigEndian(subject.number, 4, &key);
  return key;
}

std::optional<Warning> ReadWarning(std::string_view key, std::string_view value) {
  const std::optional<Subject> subject = ReadSubjectKey(key);
  ByteReader in(value);
  if (!subject || key.size() != 12 || in.Byte() != kVersion) return std::nullopt;
  Warning warning;
  warning.subject = *subject;
  warning.rule = static_cast<RuleId>(ReadBigEndian(key.substr(10)));
  warning.severity = static_cast<Severity>(in.Byte());
  warning.kind = static_cast<RiskKind>(in.Byte());
  warning.opened_on = Date::OfDays(static_cast<int32_t>(in.ZigZag()));
  warning.policy_version = static_cast<uint32_t>(in.Varint());
  warning.known_at = InstantOf(in.ZigZag());
  if (in.remaining() > 0) warning.cleared_on = Date::OfDays(static_cast<int32_t>(in.ZigZag()));
  if (!in.done()) return std::nullopt;
  return warning;
}

std::string SupersededKey(const SupersededValue& superseded) {
  const Observation& observation = superseded.observation;
  std::string key = SubjectKey(observation.subject);
  AppendBigEndian(observation.indicator, 2, &key);
  AppendDay(observation.date, &key);
  AppendSigned(MsOf(superseded.until), &key);
  AppendSigned(observation.value, &key);
  AppendSigned(MsOf(observation.arrival.reported_at), &key);
  AppendSigned(MsOf(observation.arrival.known_at), &key);
  AppendBigEndian(observation.arrival.batch, 8, &key);
  key.push_back(static_cast<char>(observation.arrival.source));
  return key;
}

std::optional<SupersededValue> ReadSuperseded(std::string_view key) {
  const std::optional<Subject> subject = ReadSubjectKey(key);
  if (!subject || key.size() != 57) return std::nullopt;
  SupersededValue superseded;
  Observation& observation = superseded.observation;
  observation.subject = *subject;
  observation.indicator = static_cast<IndicatorId>(ReadBigEndian(key.substr(10, 2)));
  observation.date = ReadDay(key.substr(12, 4));
  superseded.until = InstantOf(ReadSigned(key.substr(16, 8)));
  observation.value = ReadSigned(key.substr(24, 8));
  observation.arrival.reported_at = InstantOf(ReadSigned(key.substr(32, 8)));
  observation.arrival.known_at = InstantOf(ReadSigned(key.substr(40, 8)));
  observation.arrival.batch = ReadBigEndian(key.substr(48, 8));
  observation.arrival.source = static_cast<Source>(key[56]);
  return superseded;
}

std::string RollupPrefix(RollupView view, IndicatorId indicator) {
  std::string prefix(1, static_cast<char>(view));
  AppendBigEndian(indicator, 2, &prefix);
  return prefix;
}

std::string WriteRollupKey(const RollupKey& key) {
  std::string bytes = RollupPrefix(key.place.view, key.indicator);
  AppendPlace(key.place, &bytes);
  AppendBigEndian(static_cast<uint64_t>(key.year), 2, &bytes);
  return bytes;
}

std::optional<RollupKey> ReadRollupKey(std::string_view bytes) {
  if (bytes.empty() || static_cast<uint8_t>(bytes[0]) > 2) return std::nullopt;
  const auto view = static_cast<RollupView>(bytes[0]);
  const size_t place = PlaceBytes(view);
  if (bytes.size() != 3 + place + 2) return std::nullopt;
  return RollupKey{ReadPlace(view, bytes.substr(3, place)),
                   static_cast<IndicatorId>(ReadBigEndian(bytes.substr(1, 2))),
                   static_cast<int32_t>(ReadBigEndian(bytes.substr(3 + place)))};
}

std::string TallyPrefix(RollupView view) { return std::string(1, static_cast<char>(view)); }

std::string TallyKey(const RollupPlace& place) {
  std::string key = TallyPrefix(place.view);
  AppendPlace(place, &key);
  return key;
}

std::string WriteTally(const Tally& tally) {
  std::string value = Versioned();
  AppendZigZag(tally.households, &value);
  AppendZigZag(tally.sites, &value);
  AppendZigZag(tally.observations, &value);
  AppendZigZag(tally.latest_observed_on.days(), &value);
  AppendZigZag(MsOf(tally.latest_known_at), &value);
  for (const Tally::OpenWarnings& open : tally.warnings) {
    AppendVarint(open.rule, &value);
    value.push_back(static_cast<char>(open.severity));
    AppendZigZag(open.count, &value);
  }
  return value;
}

std::optional<Tally> ReadTally(std::string_view key, std::string_view value) {
  if (key.empty() || static_cast<uint8_t>(key[0]) > 2) return std::nullopt;
  const auto view = static_cast<RollupView>(key[0]);
  ByteReader in(value);
  if (key.size() != 1 + PlaceBytes(view) || in.Byte() != kVersion) return std::nullopt;
  Tally tally;
  tally.place = ReadPlace(view, key.substr(1));
  tally.households = in.ZigZag();
  tally.sites = in.ZigZag();
  tally.observations = in.ZigZag();
  tally.latest_observed_on = Date::OfDays(static_cast<int32_t>(in.ZigZag()));
  tally.latest_known_at = InstantOf(in.ZigZag());
  while (in.remaining() > 0) {
    const auto rule = static_cast<RuleId>(in.Varint());
    const auto severity = static_cast<Severity>(in.Byte());
    tally.warnings.push_back({rule, severity, in.ZigZag()});
  }
  if (!in.done()) return std::nullopt;
  return tally;
}

std::string NumberKey(uint64_t number) {
  std::string key;
  AppendBigEndian(number, 8, &key);
  return key;
}

std::optional<uint64_t> ReadNumber(std::string_view bytes) {
  if (bytes.size() != 8) return std::nullopt;
  return ReadBigEndian(bytes);
}

std::string WriteBatch(const BatchRecord& batch) {
  std::string value = Versioned();
  AppendBytes(batch.request_id, &value);
  AppendDivision(batch.township, &value);
  AppendBytes(batch.collector, &value);
  value.push_back(static_cast<char>(batch.source));
  AppendZigZag(MsOf(batch.reported_at), &value);
  AppendZigZag(MsOf(batch.known_at), &value);
  AppendBytes(batch.receipt, &value);
  return value;
}

std::optional<BatchRecord> ReadBatch(uint64_t number, std::string_view value) {
  ByteReader in(value);
  if (in.Byte() != kVersion) return std::nullopt;
  BatchRecord batch;
  batch.number = number;
  batch.request_id = in.LengthAndBytes();
  batch.township = ReadDivision(&in);
  batch.collector = in.LengthAndBytes();
  batch.source = static_cast<Source>(in.Byte());
  batch.reported_at = InstantOf(in.ZigZag());
  batch.known_at = InstantOf(in.ZigZag());
  batch.receipt = in.LengthAndBytes();
  if (!in.done()) return std::nullopt;
  return batch;
}

std::string WriteBinding(const IndicatorBinding& binding) {
  std::string value = Versioned();
  for (const auto& [id, indicator] : binding) {
    AppendVarint(id, &value);
    AppendBytes(indicator.name, &value);
    AppendVarint(static_cast<uint64_t>(indicator.decimals), &value);
  }
  return value;
}

std::optional<IndicatorBinding> ReadBinding(std::string_view value) {
  ByteReader in(value);
  if (in.Byte() != kVersion) return std::nullopt;
  IndicatorBinding binding;
  while (in.remaining() > 0) {
    const auto id = static_cast<IndicatorId>(in.Varint());
    BoundIndicator& indicator = binding[id];
    indicator.name = in.LengthAndBytes();
    indicator.decimals = static_cast<int>(in.Varint());
  }
  if (!in.done()) return std::nullopt;
  return binding;
}

std::string WriteRetention(const KeptRetention& kept) {
  std::string value = Versioned();
  value.push_back(kept.applied ? 1 : 0);
  for (const auto& [indicator, year] : kept.retention.first_year) {
    AppendVarint(indicator, &value);
    AppendZigZag(year, &value);
  }
  return value;
}

std::optional<KeptRetention> ReadRetention(std::string_view value) {
  ByteReader in(value);
  if (in.Byte() != kVersion) return std::nullopt;
  KeptRetention kept;
  kept.applied = in.Byte() != 0;
  while (in.remaining() > 0) {
    const auto indicator = static_cast<IndicatorId>(in.Varint());
    kept.retention.first_year[indicator] = static_cast<int32_t>(in.ZigZag());
  }
  if (!in.done()) return std::nullopt;
  return kept;
}

}  // namespace shouwang::rocks
