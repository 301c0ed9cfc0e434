#include "storage/rocks/states.h"

#include <algorithm>

#include "storage/blocks/pile.h"

namespace shouwang::rocks {
namespace {

constexpr uint8_t kOldVersion = 1;
constexpr uint8_t kVersion = 2;
constexpr uint8_t kHasRisk = 1;
constexpr uint8_t kHasResidence = 2;
constexpr uint8_t kOpened = 1;
constexpr uint8_t kClearing = 2;
constexpr uint8_t kUnknown = 4;
constexpr uint8_t kEpisode = 8;

// Days may wrap around where bytes are damaged; that is found by nobody and hurts nobody.
int32_t DaysFrom(Date from, Date to) {
  return static_cast<int32_t>(static_cast<uint32_t>(to.days()) -
                              static_cast<uint32_t>(from.days()));
}
Date DateFrom(Date from, int32_t days) {
  return Date::OfDays(
      static_cast<int32_t>(static_cast<uint32_t>(from.days()) + static_cast<uint32_t>(days)));
}

void AppendState(const RelativeState& state, std::string* out) {
  AppendVarint(state.rule, out);
  if (state.flags != kEpisode) out->push_back(static_cast<char>(state.flags));
  out->push_back(static_cast<char>(state.severity));
  out->push_back(static_cast<char>(state.kind));
  AppendVarint(state.policy_version, out);
  if ((state.flags & (kOpened | kEpisode)) != 0) AppendZigZag(state.opened, out);
  if ((state.flags & (kClearing | kEpisode)) != 0) AppendZigZag(state.ended, out);
}

RelativeState ReadState(bool episode, ByteReader* in) {
  RelativeState state;
  state.rule = static_cast<RuleId>(in->Varint());
  state.flags = episode ? kEpisode : in->Byte() & (kOpened | kClearing | kUnknown);
  state.severity = static_cast<Severity>(in->Byte());
  state.kind = static_cast<RiskKind>(in->Byte());
  state.policy_version = static_cast<uint32_t>(in->Varint());
  if ((state.flags & (kOpened | kEpisode)) != 0) state.opened = static_cast<int32_t>(in->ZigZag());
  if ((state.flags & (kClearing | kEpisode)) != 0) state.ended = static_cast<int32_t>(in->ZigZag());
  return state;
}

RuleState StateOf(const RelativeState& relative, Date through) {
  RuleState state;
  state.rule = relative.rule;
  state.unknown = (relative.flags & kUnknown) != 0;
  state.severity = relative.severity;
  state.kind = relative.kind;
  state.policy_version = relative.policy_version;
  if ((relative.flags & kOpened) != 0) state.opened_on = DateFrom(through, relative.opened);
  if ((relative.flags & kClearing) != 0) state.clearing_since = DateFrom(through, relative.ended);
  return state;
}

Episode EpisodeOf(const RelativeState& relative, Date through) {
  return {relative.rule,
          DateFrom(through, relative.opened),
          DateFrom(through, relative.ended),
          relative.severity,
          relative.kind,
          relative.policy_version};
}

// A count of things of at least one byte each; 0 and failed where so many cannot follow.
size_t Count(ByteReader* in) {
  const uint64_t count = in->Varint();
  if (count <= in->remaining()) return count;
  in->Fail();
  return 0;
}

bool ReadOldRisk(std::string_view bytes, SubjectRisk* risk) {
  ByteReader in(bytes);
  risk->policy_fingerprint = ReadBigEndian(in.Bytes(8));
  risk->evaluated_through = Date::OfDays(static_cast<int32_t>(in.ZigZag()));
  for (size_t left = Count(&in); left > 0; --left) {
    risk->states.push_back(StateOf(ReadState(false, &in), risk->evaluated_through));
  }
  for (size_t left = Count(&in); left > 0; --left) {
    risk->episodes.push_back(EpisodeOf(ReadState(true, &in), risk->evaluated_through));
  }
  return in.done();
}

void AppendResidence(const Residence& residence, std::string* out) {
  AppendVarint(residence.site.place, out);
  out->push_back(static_cast<char>(residence.site.kind));
  AppendVarint(residence.site.number, out);
  out->push_back(static_cast<char>(residence.origin.level()));
  AppendVarint(residence.origin.FirstVillageCode(), out);
  AppendZigZag(residence.since.days(), out);
}

bool ReadResidence(ByteReader* in, Residence* residence) {
  residence->site.place = in->Varint();
  residence->site.kind = static_cast<SubjectKind>(in->Byte() & 1);
  residence->site.number = static_cast<uint32_t>(in->Varint());
  const uint8_t level = in->Byte();
  const uint64_t code = in->Varint();
  residence->since = Date::OfDays(static_cast<int32_t>(in->ZigZag()));
  constexpr uint32_t kLevels = 1 << 0 | 1 << 2 | 1 << 4 | 1 << 6 | 1 << 9 | 1 << 12;
  if (in->failed() || level > 12 || (kLevels >> level & 1) == 0 || code >= 1'000'000'000'000) {
    return false;
  }
  residence->origin = Division::OfVillageCode(code, static_cast<DivisionLevel>(level));
  return true;
}

}  // namespace

uint32_t StateWriter::Intern(const RelativeState& state, Table* table) {
  const auto [it, added] =
      table->index.try_emplace(state, static_cast<uint32_t>(table->items.size()));
  if (added) {
    table->items.push_back(state);
    AppendState(state, &table->bytes);
  }
  return it->second;
}

uint32_t StateWriter::InternGuessed(const RelativeState& state, Table* table, Guesses* guesses) {
  size_t place = 0;
  for (; place < guesses->size(); ++place) {
    const uint32_t guess = (*guesses)[place];
    if (guess < table->items.size() && table->items[guess] == state) break;
  }
  const bool guessed = place < guesses->size();
  const uint32_t index = guessed ? (*guesses)[place] : Intern(state, table);
  // To the front, and the others one back.
  const auto end = guesses->begin() + static_cast<ptrdiff_t>(std::min(place, guesses->size() - 1));
  std::copy_backward(guesses->begin(), end, end + 1);
  guesses->front() = index;
  return index;
}

uint32_t StateWriter::InternHead(uint64_t fingerprint, Date through) {
  const std::pair head(fingerprint, through);
  const auto it = std::find(heads_.rbegin(), heads_.rend(), head);
  if (it != heads_.rend()) return static_cast<uint32_t>(heads_.rend() - it) - 1;
  heads_.push_back(head);
  return static_cast<uint32_t>(heads_.size() - 1);
}

void StateWriter::AddRisk(uint8_t low, const SubjectRisk& risk) {
  const Date through = risk.evaluated_through;
  body_.clear();
  AppendVarint(InternHead(risk.policy_fingerprint, through), &body_);
  AppendVarint(risk.states.size(), &body_);
  for (const RuleState& state : risk.states) {
    RelativeState relative{state.rule, 0, state.severity, state.kind, state.policy_version};
    if (state.unknown) relative.flags |= kUnknown;
    if (state.opened_on) {
      relative.flags |= kOpened;
      relative.opened = DaysFrom(through, *state.opened_on);
    }
    if (state.clearing_since) {
      relative.flags |= kClearing;
      relative.ended = DaysFrom(through, *state.clearing_since);
    }
    AppendVarint(InternGuessed(relative, &states_, &guesses_[state.rule % kRulesApart]), &body_);
  }
  AppendVarint(risk.episodes.size(), &body_);
  for (const Episode& episode : risk.episodes) {
    AppendVarint(
        Intern({episode.rule, kEpisode, episode.severity, episode.kind, episode.policy_version,
                DaysFrom(through, episode.opened_on), DaysFrom(through, episode.cleared_on)},
               &episodes_),
        &body_);
  }
  const auto [it, added] =
      body_index_.try_emplace(body_, static_cast<uint32_t>(body_index_.size()));
  if (added) AppendBytes(body_, &bodies_);
  if (!risk_lows_.empty() && risk_lows_.back() == low) {
    body_of_risk_.back() = it->second;
    return;
  }
  risk_lows_.push_back(low);
  body_of_risk_.push_back(it->second);
}

void StateWriter::AddRisks(const ToldRisks& risks) {
  for (size_t i = 0; i < risks.subjects.size(); ++i) risk_lows_.push_back(risks.subjects.At(i));
  told_ = risks.bytes;
}

void StateWriter::AddResidence(uint8_t low, const Residence& residence) {
  if (residence_lows_.empty() || residence_lows_.back() != low) {
    residence_lows_.push_back(low);
    residences_.emplace_back();
  }
  residences_.back().clear();
  AppendResidence(residence, &residences_.back());
}

std::string_view StateWriter::Finish() {
  value_.assign(1, static_cast<char>(kVersion));
  AppendLowNumbers(risk_lows_, &value_);
  AppendLowNumbers(residence_lows_, &value_);
  if (told_) {
    value_ += *told_;
  } else {
    AppendRisks();
  }
  for (const std::string& residence : residences_) value_ += residence;
  told_.reset();
  risk_lows_.clear();
  residence_lows_.clear();
  residences_.clear();
  return value_;
}

void StateWriter::AppendRisks() {
  AppendVarint(heads_.size(), &value_);
  for (const auto& [fingerprint, through] : heads_) {
    AppendBigEndian(fingerprint, 8, &value_);
    AppendZigZag(through.days(), &value_);
  }
  for (Table* table : {&states_, &episodes_}) {
    AppendVarint(table->items.size(), &value_);
    value_ += table->bytes;
    table->index.clear();
    table->bytes.clear();
    table->items.clear();
  }
  AppendVarint(body_index_.size(), &value_);
  value_ += bodies_;
  for (const uint32_t body : body_of_risk_) AppendVarint(body, &value_);
  heads_.clear();
  body_index_.clear();
  bodies_.clear();
  body_of_risk_.clear();
}

bool StateReader::Open(const SubjectGroup& group, std::span<const std::string_view> piles) {
  group_ = group;
  pieces_.clear();
  for (const std::string_view pile : piles) SplitPile(pile, &pieces_);
  subjects_.reset();
  risks_.fill({});
  residences_.fill({});
  parts_.resize(pieces_.size());
  for (size_t i = 0; i < pieces_.size(); ++i) {
    if (!OpenPart(pieces_[i], static_cast<int32_t>(i))) return false;
  }
  return true;
}

bool StateReader::OpenPart(std::string_view bytes, int32_t index) {
  Part& part = parts_[static_cast<size_t>(index)];
  part.read = false;
  ByteReader in(bytes);
  const uint8_t version = in.Byte();
  part.old = version == kOldVersion;
  if (part.old) return OpenOldPart(&in, index);
  if (version != kVersion || !part.risks.Read(&in) || !part.residences.Read(&in)) return false;
  part.rest = in.Bytes(in.remaining());
  for (size_t i = 0; i < part.risks.size(); ++i) {
    risks_[part.risks.At(i)] = {index, static_cast<uint16_t>(i)};
    subjects_.set(part.risks.At(i));
  }
  for (size_t i = 0; i < part.residences.size(); ++i) {
    residences_[part.residences.At(i)] = {index, static_cast<uint16_t>(i)};
    subjects_.set(part.residences.At(i));
  }
  return true;
}

bool StateReader::OpenOldPart(ByteReader* in, int32_t index) {
  Part& part = parts_[static_cast<size_t>(index)];
  part.old_risks.clear();
  part.old_residences.clear();
  while (in->remaining() > 0) {
    const uint8_t low = in->Byte();
    const uint8_t has = in->Byte();
    subjects_.set(low);
    if ((has & kHasRisk) != 0) {
      risks_[low] = {index, static_cast<uint16_t>(part.old_risks.size())};
      part.old_risks.push_back(in->LengthAndBytes());
    }
    if ((has & kHasResidence) != 0) {
      residences_[low] = {index, static_cast<uint16_t>(part.old_residences.size())};
      part.old_residences.push_back(in->LengthAndBytes());
    }
    if (std::max(part.old_risks.size(), part.old_residences.size()) > kSubjectsPerGroup) {
      return false;
    }
  }
  return in->done();
}

bool StateReader::ReadRest(Part* part) {
  ByteReader in(part->rest);
  part->heads.clear();
  for (size_t left = Count(&in); left > 0; --left) {
    const uint64_t fingerprint = ReadBigEndian(in.Bytes(8));
    part->heads.push_back({fingerprint, Date::OfDays(static_cast<int32_t>(in.ZigZag()))});
  }
  part->states.clear();
  for (size_t left = Count(&in); left > 0; --left) part->states.push_back(ReadState(false, &in));
  part->of_first_head.clear();
  for (const RelativeState& state : part->states) {
    if (part->heads.empty()) break;
    part->of_first_head.push_back(StateOf(state, part->heads[0].through));
  }
  part->episodes.clear();
  for (size_t left = Count(&in); left > 0; --left) part->episodes.push_back(ReadState(true, &in));
  part->bodies.clear();
  for (size_t left = Count(&in); left > 0; --left) part->bodies.push_back(in.LengthAndBytes());
  part->body_of_risk.clear();
  for (size_t i = 0; i < part->risks.size(); ++i) {
    const uint64_t body = in.Varint();
    if (body >= part->bodies.size()) return false;
    part->body_of_risk.push_back(static_cast<uint32_t>(body));
  }
  part->told_risks = part->rest.substr(0, in.offset());
  part->stays.resize(part->residences.size());
  for (Residence& residence : part->stays) {
    if (!ReadResidence(&in, &residence)) return false;
  }
  return part->read = in.done();
}

bool StateReader::ReadBody(const Part& part, size_t index, SubjectRisk* risk) {
  ByteReader in(part.bodies[part.body_of_risk[index]]);
  const uint64_t head = in.Varint();
  if (head >= part.heads.size()) return false;
  const Date through = part.heads[head].through;
  risk->policy_fingerprint = part.heads[head].fingerprint;
  risk->evaluated_through = through;
  const size_t states = Count(&in);
  risk->states.reserve(states);
  for (size_t i = 0; i < states; ++i) {
    const uint64_t state = in.Varint();
    if (state >= part.states.size()) return false;
    // Not by a value that is one or the other: to copy what was just written by its fields makes
    // the processor wait for each of them.
    if (head == 0) {
      risk->states.push_back(part.of_first_head[state]);
    } else {
      risk->states.push_back(StateOf(part.states[state], through));
    }
  }
  const size_t episodes = Count(&in);
  risk->episodes.reserve(episodes);
  for (size_t i = 0; i < episodes; ++i) {
    const uint64_t episode = in.Varint();
    if (episode >= part.episodes.size()) return false;
    risk->episodes.push_back(EpisodeOf(part.episodes[episode], through));
  }
  return in.done();
}

bool StateReader::IsBody(const Part& part, std::string_view body) {
  ByteReader in(body);
  if (in.Varint() >= part.heads.size()) return false;
  for (const size_t most : {part.states.size(), part.episodes.size()}) {
    for (size_t left = Count(&in); left > 0; --left) {
      if (in.Varint() >= most) return false;
    }
  }
  return in.done();
}

bool StateReader::ReadRiskOf(uint8_t low, SubjectState* state) {
  const Place place = risks_[low];
  if (place.part < 0) {
    state->risk.reset();
    return true;
  }
  Part& part = parts_[static_cast<size_t>(place.part)];
  if (!HasRest(&part)) return false;
  if (!state->risk) state->risk.emplace();
  state->risk->subject = group_.At(low);
  state->risk->states.clear();
  state->risk->episodes.clear();
  return part.old ? ReadOldRisk(part.old_risks[place.index], &*state->risk)
                  : ReadBody(part, place.index, &*state->risk);
}

bool StateReader::ReadResidenceOf(uint8_t low, SubjectState* state) {
  const Place place = residences_[low];
  state->residence.reset();
  if (place.part < 0) return true;
  Part& part = parts_[static_cast<size_t>(place.part)];
  if (!HasRest(&part)) return false;
  state->residence.emplace();
  if (part.old) {
    ByteReader in(part.old_residences[place.index]);
    if (!ReadResidence(&in, &*state->residence) || !in.done()) return false;
  } else {
    state->residence = part.stays[place.index];
  }
  state->residence->household = group_.At(low);
  return true;
}

std::optional<ToldRisks> StateReader::RisksOfOnePart() {
  int32_t only = -1;
  size_t standing = 0;
  for (const Place& place : risks_) {
    if (place.part < 0) continue;
    if (only >= 0 && place.part != only) return std::nullopt;
    only = place.part;
    ++standing;
  }
  if (only < 0) return std::nullopt;
  Part& part = parts_[static_cast<size_t>(only)];
  if (part.old || standing != part.risks.size() || !HasRest(&part)) return std::nullopt;
  const auto is_body = [&](std::string_view body) { return IsBody(part, body); };
  if (!std::ranges::all_of(part.bodies, is_body)) return std::nullopt;
  return ToldRisks{part.risks, part.told_risks};
}

std::string FoldStates(std::string_view key, std::span<const std::string_view> parts) {
  const std::optional<SubjectGroup> group = ParseGroupKey(key);
  StateReader reader;
  if (!group || !reader.Open(*group, parts)) return KeepDamaged(parts);
  if (reader.parts().size() == 1 && parts[0][0] == static_cast<char>(kVersion)) {
    return std::string(parts[0]);
  }
  StateWriter writer;
  SubjectState state;
  // A village that reported its month was judged as a whole: the latest part tells all of it.
  const std::optional<ToldRisks> told = reader.RisksOfOnePart();
  if (told) writer.AddRisks(*told);
  for (uint32_t low = 0; low < kSubjectsPerGroup; ++low) {
    if (!reader.subjects().test(low)) continue;
    const auto number = static_cast<uint8_t>(low);
    if (!reader.ReadResidenceOf(number, &state)) return KeepDamaged(parts);
    if (state.residence) writer.AddResidence(number, *state.residence);
    if (told) continue;
    if (!reader.ReadRiskOf(number, &state)) return KeepDamaged(parts);
    if (state.risk) writer.AddRisk(number, *state.risk);
  }
  return std::string(writer.Finish());
}

}  // namespace shouwang::rocks
