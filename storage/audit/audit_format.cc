#include "storage/audit/audit_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "storage/blocks/block_key.h"
#include "storage/blocks/bytes.h"

namespace shouwang {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint64_t kEndOfPlaces = 1'000'000'000'000;
constexpr std::array<DivisionLevel, 6> kLevels = {
    DivisionLevel::kNation, DivisionLevel::kProvince, DivisionLevel::kPrefecture,
    DivisionLevel::kCounty, DivisionLevel::kTownship, DivisionLevel::kVillage};
constexpr uint8_t kStood = 1;
constexpr uint8_t kStands = 2;

bool IsOfTownship(AuditChainKind kind) {
  return kind == AuditChainKind::kWarnings || kind == AuditChainKind::kCases;
}

// Subjects and days, each as what differs from the one before.
struct Before {
  Subject subject;
  Date day;
};

void AppendSubject(const Subject& subject, Before* before, std::string* out) {
  const bool moves = subject.place != before->subject.place || subject.kind != before->subject.kind;
  const int64_t step = static_cast<int64_t>(subject.number) - before->subject.number;
  AppendVarint(ZigZag(step) << 1 | (moves ? 1 : 0), out);
  if (moves) {
    AppendZigZag(static_cast<int64_t>(subject.place - before->subject.place), out);
    out->push_back(static_cast<char>(subject.kind));
  }
  before->subject = subject;
}

Subject ReadSubject(Before* before, ByteReader* in) {
  const uint64_t code = in->Varint();
  Subject subject = before->subject;
  subject.number = static_cast<uint32_t>(before->subject.number + UnZigZag(code >> 1));
  if ((code & 1) != 0) {
    subject.place += static_cast<uint64_t>(in->ZigZag());
    subject.kind = static_cast<SubjectKind>(in->Byte());
  }
  if (subject.place >= kEndOfPlaces || subject.kind > SubjectKind::kSite || subject.number == 0) {
    in->Fail();
  }
  before->subject = subject;
  return subject;
}

void AppendDay(Date day, Before* before, std::string* out) {
  AppendZigZag(int64_t{day.days()} - before->day.days(), out);
  before->day = day;
}

// Days stay within what a Date can be, whatever the bytes.
Date DayAt(int64_t days, ByteReader* in) {
  if (days < Date::Min().days() || days > Date::Max().days()) {
    in->Fail();
    return Date::Min();
  }
  return Date::OfDays(static_cast<int32_t>(days));
}

Date ReadDay(Before* before, ByteReader* in) {
  const int64_t step = in->ZigZag();
  constexpr int64_t kMostDays = 1'000'000;
  before->day = DayAt(before->day.days() + std::clamp(step, -kMostDays, kMostDays), in);
  return before->day;
}

struct Variant {
  AuditTransition::Kind kind;
  RuleId rule;
  Severity severity;
  uint32_t policy_version;
  friend auto operator<=>(const Variant&, const Variant&) = default;
};

Variant VariantOf(const AuditTransition& transition) {
  return {transition.kind, transition.rule, transition.severity, transition.policy_version};
}

bool IsCleared(const AuditTransition& transition) {
  return transition.kind == AuditTransition::Kind::kCleared;
}

void AppendTransitions(const AuditRecord& record, std::string* out) {
  std::vector<Variant> variants;
  variants.reserve(record.transitions.size());
  for (const AuditTransition& transition : record.transitions) {
    variants.push_back(VariantOf(transition));
  }
  std::ranges::sort(variants);
  variants.erase(std::unique(variants.begin(), variants.end()), variants.end());
  AppendVarint(variants.size(), out);
  for (const Variant& variant : variants) {
    out->push_back(static_cast<char>(variant.kind));
    AppendVarint(variant.rule, out);
    out->push_back(static_cast<char>(variant.severity));
    AppendVarint(variant.policy_version, out);
  }
  AppendVarint(record.transitions.size(), out);
  Before before{{}, DateOf(record.at)};
  for (const AuditTransition& transition : record.transitions) {
    AppendSubject(transition.subject, &before, out);
  }
  for (const AuditTransition& transition : record.transitions) {
    const auto it = std::ranges::lower_bound(variants, VariantOf(transition));
    AppendVarint(static_cast<uint64_t>(it - variants.begin()), out);
  }
  for (const AuditTransition& transition : record.transitions) {
    AppendDay(transition.cleared_on.value_or(transition.opened_on), &before, out);
  }
  for (const AuditTransition& transition : record.transitions) {
    if (!IsCleared(transition)) continue;
    AppendZigZag(int64_t{transition.cleared_on.value_or(transition.opened_on).days()} -
                     transition.opened_on.days(),
                 out);
  }
}

bool ReadTransitions(AuditRecord* record, ByteReader* in) {
  std::vector<Variant> variants(std::min<uint64_t>(in->Varint(), kMaxAuditChanges));
  for (Variant& variant : variants) {
    variant.kind = static_cast<AuditTransition::Kind>(in->Byte());
    variant.rule = static_cast<RuleId>(in->Varint());
    variant.severity = static_cast<Severity>(in->Byte());
    variant.policy_version = static_cast<uint32_t>(in->Varint());
    if (variant.kind < AuditTransition::Kind::kOpened ||
        variant.kind > AuditTransition::Kind::kChanged || variant.severity < Severity::kYellow ||
        variant.severity > Severity::kRed || in->failed()) {
      return false;
    }
  }
  const uint64_t count = in->Varint();
  if (in->failed() || count > kMaxAuditChanges) return false;
  record->transitions.resize(count);
  Before before{{}, DateOf(record->at)};
  for (AuditTransition& transition : record->transitions) {
    transition.subject = ReadSubject(&before, in);
  }
  for (AuditTransition& transition : record->transitions) {
    const uint64_t at = in->Varint();
    if (in->failed() || at >= variants.size()) return false;
    const Variant& variant = variants[at];
    transition.kind = variant.kind;
    transition.rule = variant.rule;
    transition.severity = variant.severity;
    transition.policy_version = variant.policy_version;
  }
  for (AuditTransition& transition : record->transitions) {
    transition.opened_on = ReadDay(&before, in);
    if (IsCleared(transition)) transition.cleared_on = transition.opened_on;
  }
  for (AuditTransition& transition : record->transitions) {
    if (!IsCleared(transition)) continue;
    const int64_t length = std::clamp<int64_t>(in->ZigZag(), -1'000'000, 1'000'000);
    transition.opened_on = DayAt(transition.cleared_on->days() - length, in);
  }
  return !in->failed();
}

void AppendCorrections(const AuditRecord& record, std::string* out) {
  AppendVarint(record.corrections.size(), out);
  Before before{{}, DateOf(record.at)};
  const uint64_t first_batch = record.batches.empty() ? 0 : record.batches.front();
  for (const AuditCorrection& correction : record.corrections) {
    AppendSubject(correction.subject, &before, out);
    AppendVarint(correction.indicator, out);
    AppendDay(correction.date, &before, out);
    out->push_back(
        static_cast<char>((correction.stood ? kStood : 0) | (correction.standing ? kStands : 0)));
    AppendZigZag(correction.value, out);
    if (correction.standing) {
      AppendZigZag(static_cast<int64_t>(static_cast<uint64_t>(*correction.standing) -
                                        static_cast<uint64_t>(correction.value)),
                   out);
    }
    AppendZigZag(static_cast<int64_t>(correction.batch - first_batch), out);
  }
}

bool ReadCorrections(AuditRecord* record, ByteReader* in) {
  const uint64_t count = in->Varint();
  if (in->failed() || count > kMaxAuditChanges) return false;
  Before before{{}, DateOf(record->at)};
  const uint64_t first_batch = record->batches.empty() ? 0 : record->batches.front();
  for (uint64_t i = 0; i < count; ++i) {
    AuditCorrection& correction = record->corrections.emplace_back();
    correction.subject = ReadSubject(&before, in);
    correction.indicator = static_cast<IndicatorId>(in->Varint());
    correction.date = ReadDay(&before, in);
    const uint8_t bits = in->Byte();
    correction.stood = (bits & kStood) != 0;
    correction.value = in->ZigZag();
    if ((bits & kStands) != 0) {
      // Unsigned, where any bytes add up to something.
      correction.standing = static_cast<int64_t>(static_cast<uint64_t>(correction.value) +
                                                 static_cast<uint64_t>(in->ZigZag()));
    }
    correction.batch = first_batch + static_cast<uint64_t>(in->ZigZag());
    if (in->failed() || (bits & ~(kStood | kStands)) != 0) return false;
  }
  return true;
}

bool ReadRegion(AuditRecord* record, ByteReader* in) {
  const auto level = static_cast<DivisionLevel>(in->Byte());
  const uint64_t code = in->Varint();
  if (std::ranges::find(kLevels, level) == kLevels.end() || in->failed()) return false;
  uint64_t village = code;
  for (int digits = static_cast<int>(level); digits < 12; ++digits) {
    if (village >= kEndOfPlaces) return false;
    village *= 10;
  }
  if (village >= kEndOfPlaces) return false;
  record->region = Division::OfVillageCode(village, level);
  return record->region.level() == level && record->region.code() == code;
}

bool ReadWhom(AuditRecord* record, ByteReader* in) {
  const uint8_t has_subject = in->Byte();
  if (has_subject > 1) return false;
  if (has_subject == 0) return !in->failed();
  Subject& subject = record->subject.emplace();
  subject.place = in->Varint();
  subject.kind = static_cast<SubjectKind>(in->Byte());
  const uint64_t number = in->Varint();
  subject.number = static_cast<uint32_t>(number);
  return !in->failed() && subject.place < kEndOfPlaces && subject.kind <= SubjectKind::kSite &&
         number != 0 && number == subject.number;
}

}  // namespace

std::string AuditKey(const AuditChain& chain, uint64_t sequence) {
  std::string key(1, static_cast<char>(chain.kind));
  AppendBigEndian(chain.township.FirstVillageCode(), 5, &key);
  AppendBigEndian(sequence, 8, &key);
  return key;
}

std::string AuditKeyPast(const AuditChain& chain) {
  return AuditKey(chain, UINT64_MAX) + std::string(1, '\0');
}

std::optional<AuditPosition> ReadAuditKey(std::string_view key) {
  if (key.size() != kAuditKeyBytes) return std::nullopt;
  AuditPosition position;
  position.chain.kind = static_cast<AuditChainKind>(key[0]);
  if (position.chain.kind < AuditChainKind::kWarnings ||
      position.chain.kind > AuditChainKind::kReads) {
    return std::nullopt;
  }
  const uint64_t place = ReadBigEndian(key.substr(1, 5));
  if (IsOfTownship(position.chain.kind)) {
    if (place >= kEndOfPlaces || place % 1000 != 0) return std::nullopt;
    position.chain.township = Division::OfVillageCode(place, DivisionLevel::kTownship);
  } else if (place != 0) {
    return std::nullopt;
  }
  position.sequence = ReadBigEndian(key.substr(6));
  if (position.sequence == 0) return std::nullopt;
  return position;
}

std::string WriteAuditRecord(const AuditRecord& record) {
  std::string out;
  out.reserve(64 + 4 * record.transitions.size() + 12 * record.corrections.size());
  out.push_back(static_cast<char>(kVersion));
  out.push_back(static_cast<char>(record.kind));
  AppendZigZag(record.at.time_since_epoch().count(), &out);
  AppendBytes(record.actor, &out);
  out.push_back(static_cast<char>(record.region.level()));
  AppendVarint(record.region.code(), &out);
  out.push_back(record.subject ? 1 : 0);
  if (record.subject) {
    AppendVarint(record.subject->place, &out);
    out.push_back(static_cast<char>(record.subject->kind));
    AppendVarint(record.subject->number, &out);
  }
  AppendVarint(record.facts.size(), &out);
  for (const AuditFact& fact : record.facts) {
    AppendBytes(fact.name, &out);
    AppendBytes(fact.value, &out);
  }
  AppendVarint(record.batches.size(), &out);
  uint64_t before = 0;
  for (const uint64_t batch : record.batches)
    AppendVarint(batch - std::exchange(before, batch), &out);
  AppendCorrections(record, &out);
  AppendTransitions(record, &out);
  return out;
}

std::optional<AuditRecord> ReadAuditRecord(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Byte() != kVersion) return std::nullopt;
  AuditRecord record;
  record.kind = static_cast<AuditKind>(in.Byte());
  if (AuditKindName(record.kind) == "unknown") return std::nullopt;
  // Within a thousand years of the epoch, so that it has a day.
  constexpr int64_t kMostMs = 31'556'952'000'000;
  const int64_t ms = in.ZigZag();
  if (ms < -kMostMs || ms > kMostMs) return std::nullopt;
  record.at = Instant(std::chrono::milliseconds(ms));
  record.actor = in.LengthAndBytes();
  if (!ReadRegion(&record, &in) || !ReadWhom(&record, &in)) return std::nullopt;
  const uint64_t facts = in.Varint();
  if (facts > kMaxAuditFacts) return std::nullopt;
  for (uint64_t i = 0; i < facts; ++i) {
    AuditFact& fact = record.facts.emplace_back();
    fact.name = in.LengthAndBytes();
    fact.value = in.LengthAndBytes();
  }
  const uint64_t batches = in.Varint();
  if (in.failed() || batches > kMaxAuditBatches) return std::nullopt;
  uint64_t before = 0;
  for (uint64_t i = 0; i < batches; ++i) record.batches.push_back(before += in.Varint());
  if (!ReadCorrections(&record, &in) || !ReadTransitions(&record, &in) || !in.done()) {
    return std::nullopt;
  }
  return record;
}

}  // namespace shouwang
