// Values that several commits write to: states, rollups and tallies, and how their parts become
// one.
#include <array>
#include <map>

#include "storage/blocks/bytes.h"
#include "storage/blocks/fold.h"
#include "storage/rocks/records.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasRisk = 1;
constexpr uint8_t kHasResidence = 2;
constexpr uint8_t kOpened = 1;
constexpr uint8_t kClearing = 2;
constexpr uint8_t kUnknown = 4;

int64_t DaysFrom(Date from, Date to) { return int64_t{to.days()} - from.days(); }
Date DateFrom(Date from, int64_t days) {
  return Date::OfDays(static_cast<int32_t>(static_cast<uint64_t>(int64_t{from.days()}) +
                                           static_cast<uint64_t>(days)));
}

std::string WriteRisk(const SubjectRisk& risk) {
  std::string value;
  const Date through = risk.evaluated_through;
  AppendBigEndian(risk.policy_fingerprint, 8, &value);
  AppendZigZag(through.days(), &value);
  AppendVarint(risk.states.size(), &value);
  for (const RuleState& state : risk.states) {
    AppendVarint(state.rule, &value);
    value.push_back(static_cast<char>((state.opened_on ? kOpened : 0) |
                                      (state.clearing_since ? kClearing : 0) |
                                      (state.unknown ? kUnknown : 0)));
    value.push_back(static_cast<char>(state.severity));
    value.push_back(static_cast<char>(state.kind));
    AppendVarint(state.policy_version, &value);
    if (state.opened_on) AppendZigZag(DaysFrom(through, *state.opened_on), &value);
    if (state.clearing_since) AppendZigZag(DaysFrom(through, *state.clearing_since), &value);
  }
  AppendVarint(risk.episodes.size(), &value);
  for (const Episode& episode : risk.episodes) {
    AppendVarint(episode.rule, &value);
    value.push_back(static_cast<char>(episode.severity));
    value.push_back(static_cast<char>(episode.kind));
    AppendVarint(episode.policy_version, &value);
    AppendZigZag(DaysFrom(through, episode.opened_on), &value);
    AppendZigZag(DaysFrom(through, episode.cleared_on), &value);
  }
  return value;
}

std::optional<SubjectRisk> ReadRisk(const Subject& subject, std::string_view value) {
  ByteReader in(value);
  SubjectRisk risk;
  risk.subject = subject;
  risk.policy_fingerprint = ReadBigEndian(in.Bytes(8));
  risk.evaluated_through = Date::OfDays(static_cast<int32_t>(in.ZigZag()));
  const Date through = risk.evaluated_through;
  for (uint64_t left = in.Varint(); left > 0 && !in.failed(); --left) {
    RuleState& state = risk.states.emplace_back();
    state.rule = static_cast<RuleId>(in.Varint());
    const uint8_t flags = in.Byte();
    state.unknown = (flags & kUnknown) != 0;
    state.severity = static_cast<Severity>(in.Byte());
    state.kind = static_cast<RiskKind>(in.Byte());
    state.policy_version = static_cast<uint32_t>(in.Varint());
    if ((flags & kOpened) != 0) state.opened_on = DateFrom(through, in.ZigZag());
    if ((flags & kClearing) != 0) state.clearing_since = DateFrom(through, in.ZigZag());
  }
  for (uint64_t left = in.Varint(); left > 0 && !in.failed(); --left) {
    Episode& episode = risk.episodes.emplace_back();
    episode.rule = static_cast<RuleId>(in.Varint());
    episode.severity = static_cast<Severity>(in.Byte());
    episode.kind = static_cast<RiskKind>(in.Byte());
    episode.policy_version = static_cast<uint32_t>(in.Varint());
    episode.opened_on = DateFrom(through, in.ZigZag());
    episode.cleared_on = DateFrom(through, in.ZigZag());
  }
  if (!in.done()) return std::nullopt;
  return risk;
}

std::string WriteResidence(const Residence& residence) {
  std::string value;
  AppendVarint(residence.site.place, &value);
  value.push_back(static_cast<char>(residence.site.kind));
  AppendVarint(residence.site.number, &value);
  value.push_back(static_cast<char>(residence.origin.level()));
  AppendVarint(residence.origin.FirstVillageCode(), &value);
  AppendZigZag(residence.since.days(), &value);
  return value;
}

std::optional<Residence> ReadResidence(const Subject& household, std::string_view value) {
  ByteReader in(value);
  Residence residence;
  residence.household = household;
  residence.site.place = in.Varint();
  residence.site.kind = static_cast<SubjectKind>(in.Byte() & 1);
  residence.site.number = static_cast<uint32_t>(in.Varint());
  const uint8_t level = in.Byte();
  const uint64_t code = in.Varint();
  residence.since = Date::OfDays(static_cast<int32_t>(in.ZigZag()));
  constexpr uint32_t kLevels = 1 << 0 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 9 | 1 << 12;
  if (!in.done() || level > 12 || (kLevels >> level & 1) == 0 || code >= 1'000'000'000'000) {
    return std::nullopt;
  }
  residence.origin = Division::OfVillageCode(code, static_cast<DivisionLevel>(level));
  return residence;
}

// The parts of a state as bytes, absent where they were never written.
struct StateBytes {
  std::optional<std::string_view> risk;
  std::optional<std::string_view> residence;
};
using GroupStates = std::map<uint8_t, StateBytes>;

bool ReadGroup(std::string_view value, GroupStates* states) {
  ByteReader in(value);
  if (in.Byte() != kVersion) return false;
  while (in.remaining() > 0) {
    StateBytes& state = (*states)[in.Byte()];
    const uint8_t has = in.Byte();
    if ((has & kHasRisk) != 0) state.risk = in.LengthAndBytes();
    if ((has & kHasResidence) != 0) state.residence = in.LengthAndBytes();
  }
  return in.done();
}

std::string WriteGroup(const GroupStates& states) {
  std::string value(1, static_cast<char>(kVersion));
  for (const auto& [low, state] : states) {
    value.push_back(static_cast<char>(low));
    value.push_back(
        static_cast<char>((state.risk ? kHasRisk : 0) | (state.residence ? kHasResidence : 0)));
    if (state.risk) AppendBytes(*state.risk, &value);
    if (state.residence) AppendBytes(*state.residence, &value);
  }
  return value;
}

uint8_t LowOf(const Subject& subject) {
  return static_cast<uint8_t>(subject.number % kSubjectsPerGroup);
}

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

std::string WriteStates(std::span<const SubjectRisk* const> risks,
                        std::span<const Residence* const> residences) {
  std::map<uint8_t, std::pair<std::string, std::string>> bytes;
  GroupStates states;
  for (const SubjectRisk* risk : risks) {
    std::string& written = bytes[LowOf(risk->subject)].first;
    written = WriteRisk(*risk);
    states[LowOf(risk->subject)].risk = written;
  }
  for (const Residence* residence : residences) {
    std::string& written = bytes[LowOf(residence->household)].second;
    written = WriteResidence(*residence);
    states[LowOf(residence->household)].residence = written;
  }
  return WriteGroup(states);
}

bool ReadStates(const SubjectGroup& group, std::string_view value,
                absl::FunctionRef<bool(const Subject&, const SubjectState&)> visit) {
  GroupStates states;
  if (!ReadGroup(value, &states)) return false;
  for (const auto& [low, bytes] : states) {
    const Subject subject = group.At(low);
    SubjectState state;
    if (bytes.risk) {
      state.risk = ReadRisk(subject, *bytes.risk);
      if (!state.risk) return false;
    }
    if (bytes.residence) {
      state.residence = ReadResidence(subject, *bytes.residence);
      if (!state.residence) return false;
    }
    if (!visit(subject, state)) break;
  }
  return true;
}

std::string FoldStates(std::string_view /*key*/, std::span<const std::string_view> parts) {
  GroupStates states;
  for (const std::string_view part : parts) {
    if (!ReadGroup(part, &states)) return KeepDamaged(parts);
  }
  return WriteGroup(states);
}

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
