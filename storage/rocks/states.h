// Private to storage/rocks: what is kept of up to 256 neighbouring subjects beside their
// observations, as one value of the `states` family. Commits write what they judged as a part of a
// pile (storage/blocks/pile.h); of two parts that tell of one subject the later stands. Format 2:
//
//   byte        version, 2
//   risks       numbers of the subjects whose risk this tells (storage/blocks/low_numbers.h)
//   residences  likewise
//   heads       varint how many, then each: fingerprint 8, zigzag day evaluated through (E)
//   states      varint how many, then each: varint rule, byte 1 opened + 2 clearing + 4 unknown,
//               byte severity, byte kind, varint policy version, zigzag days from E to opened, to
//               clearing
//   episodes    varint how many, then each: varint rule, byte severity, byte kind, varint policy
//               version, zigzag days from E to opened, to cleared
//   bodies      varint how many, then each: varint length, then varint head, varint count and
//               varint index of each state, varint count and varint index of each episode
//   then the risks, each as varint index of its body, and the residences, each as site (varint
//   place, byte kind, varint number), origin (byte level, varint first village), zigzag day since
//
// Neighbours are judged on the same day by the same rules, and most of what is known of them is the
// same, so nearly all of it is told once. Format 1, which older stores have, told each by itself:
//
//   byte version, 1; then of each subject, ascending: byte number, byte 1 risk + 2 residence, then
//   those, each as varint length and bytes. A risk: fingerprint 8, zigzag E, varint count of
//   states, each as above, varint count of episodes, each as above
//
// Both classes are owned by one thread at a time and keep their memory from group to group.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/blocks/block_key.h"
#include "storage/blocks/bytes.h"
#include "storage/blocks/low_numbers.h"
#include "storage/contract/store.h"

namespace shouwang::rocks {

// What a rule state or an episode is, told from the day its subject was evaluated through.
struct RelativeState {
  RuleId rule = 0;
  uint8_t flags = 0;  // 1 opened, 2 clearing, 4 unknown; of an episode 8
  Severity severity = Severity::kYellow;
  RiskKind kind = RiskKind::kIncome;
  uint32_t policy_version = 0;
  int32_t opened = 0;  // days
  int32_t ended = 0;   // days to clearing, of an episode to cleared
  friend bool operator==(const RelativeState&, const RelativeState&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const RelativeState& s) {
    return H::combine(std::move(h), s.rule, s.flags, s.policy_version, s.opened, s.ended);
  }
};

// Risks as a value tells them: of which subjects, and the bytes from its heads to the indices of
// their bodies.
struct ToldRisks {
  LowNumbers subjects;
  std::string_view bytes;
};

class StateWriter {
 public:
  // By ascending number within the group; of one number twice the later stands.
  void AddRisk(uint8_t low, const SubjectRisk& risk);
  // In the place of every AddRisk since the last Finish; the bytes must outlive the next.
  void AddRisks(const ToldRisks& risks);
  void AddResidence(uint8_t low, const Residence& residence);
  // The value of what was added since the last call; good until the next.
  std::string_view Finish();

 private:
  struct Table {
    absl::flat_hash_map<RelativeState, uint32_t> index;
    std::string bytes;
    std::vector<RelativeState> items;
  };
  // Where states of a rule stood that neighbours have, the likeliest first.
  using Guesses = std::array<uint32_t, 4>;
  // Rules whose ids are so far apart share their guesses.
  static constexpr size_t kRulesApart = 256;
  static uint32_t InternGuessed(const RelativeState& state, Table* table, Guesses* guesses);
  static uint32_t Intern(const RelativeState& state, Table* table);
  uint32_t InternHead(uint64_t fingerprint, Date through);
  void AppendRisks();

  std::vector<uint8_t> risk_lows_;
  std::vector<uint8_t> residence_lows_;
  std::vector<std::pair<uint64_t, Date>> heads_;
  Table states_;
  Table episodes_;
  std::array<Guesses, kRulesApart> guesses_{};
  std::optional<std::string_view> told_;
  absl::flat_hash_map<std::string, uint32_t> body_index_;
  std::string bodies_;
  std::string body_;
  std::vector<uint32_t> body_of_risk_;
  std::vector<std::string> residences_;
  std::string value_;
};

class StateReader {
 public:
  // Opens the parts of `piles`, the oldest first, of one group; they must outlive the reading.
  // False for bytes that no StateWriter wrote.
  bool Open(const SubjectGroup& group, std::span<const std::string_view> piles);

  std::span<const std::string_view> parts() const { return pieces_; }
  // What stands of risks where one part tells all of it and nothing else; nullopt: several do, one
  // of format 1 does, or one that is damaged.
  std::optional<ToldRisks> RisksOfOnePart();
  // The numbers of the subjects that something is told of.
  const std::bitset<kSubjectsPerGroup>& subjects() const { return subjects_; }
  // Makes `state` what is kept of the subject, using its memory again. False as above.
  bool Read(uint8_t low, SubjectState* state) {
    return ReadRiskOf(low, state) && ReadResidenceOf(low, state);
  }
  // The same of its residence alone, or of its risk.
  bool ReadResidenceOf(uint8_t low, SubjectState* state);
  bool ReadRiskOf(uint8_t low, SubjectState* state);

 private:
  struct Head {
    uint64_t fingerprint = 0;
    Date through;
  };
  struct Part {
    LowNumbers risks;
    LowNumbers residences;
    std::string_view rest;
    std::string_view told_risks;  // of rest, once it is read, all before the residences
    // Of format 1: the risks and residences of all subjects, in the order of the numbers.
    std::vector<std::string_view> old_risks;
    std::vector<std::string_view> old_residences;
    bool old = false;
    // What follows is read when it is asked for first; later parts often tell all.
    bool read = false;
    std::vector<Head> heads;
    std::vector<RelativeState> states;
    std::vector<RuleState> of_first_head;  // the same, of the first head, which most risks have
    std::vector<RelativeState> episodes;
    std::vector<std::string_view> bodies;
    std::vector<uint32_t> body_of_risk;
    std::vector<Residence> stays;
  };

  bool OpenPart(std::string_view bytes, int32_t index);
  bool OpenOldPart(ByteReader* in, int32_t index);
  static bool ReadRest(Part* part);
  // Also of parts that were read already.
  static bool HasRest(Part* part) { return part->old || part->read || ReadRest(part); }
  static bool ReadBody(const Part& part, size_t index, SubjectRisk* risk);
  // Whether ReadBody would read it.
  static bool IsBody(const Part& part, std::string_view body);

  SubjectGroup group_;
  std::vector<std::string_view> pieces_;
  std::vector<Part> parts_;
  std::bitset<kSubjectsPerGroup> subjects_;
  // By number: the latest part that tells the risk, the residence, and where in it; -1: none.
  struct Place {
    int32_t part = -1;
    uint16_t index = 0;
  };
  std::array<Place, kSubjectsPerGroup> risks_;
  std::array<Place, kSubjectsPerGroup> residences_;
};

std::string FoldStates(std::string_view key, std::span<const std::string_view> parts);

}  // namespace shouwang::rocks
