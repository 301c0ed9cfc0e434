#include "storage/rocks/states.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "storage/blocks/pile.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang::rocks {
namespace {

const SubjectGroup kGroup = SubjectGroup::Of(Named("520502001001/1"));

std::string KeyBytes() {
  std::string bytes;
  AppendGroupKey(kGroup, &bytes);
  return bytes;
}

struct Told {
  std::optional<SubjectRisk> risk;
  std::optional<Residence> residence;
  friend bool operator==(const Told&, const Told&) = default;
};
using AllTold = std::map<uint8_t, Told>;

std::string Write(const AllTold& told) {
  StateWriter writer;
  for (const auto& [low, state] : told) {
    if (state.risk) writer.AddRisk(low, *state.risk);
    if (state.residence) writer.AddResidence(low, *state.residence);
  }
  return std::string(writer.Finish());
}

// nullopt where something is damaged.
std::optional<AllTold> Read(const std::vector<std::string>& piles) {
  StateReader reader;
  const std::vector<std::string_view> views(piles.begin(), piles.end());
  if (!reader.Open(kGroup, views)) return std::nullopt;
  AllTold told;
  SubjectState state;
  for (uint32_t low = 0; low < kSubjectsPerGroup; ++low) {
    if (!reader.Read(static_cast<uint8_t>(low), &state)) return std::nullopt;
    EXPECT_EQ(reader.subjects().test(low), state.risk || state.residence) << low;
    if (state.risk || state.residence) {
      told[static_cast<uint8_t>(low)] = {state.risk, state.residence};
    }
  }
  return told;
}

SubjectRisk RiskOf(uint32_t number, std::string_view through) {
  SubjectRisk risk;
  risk.subject = kGroup.At(static_cast<uint8_t>(number));
  risk.policy_fingerprint = 0x0102030405060708;
  risk.evaluated_through = On(through);
  return risk;
}

SubjectRisk RandomRisk(std::mt19937_64* random, uint8_t low) {
  const auto upto = [&](uint64_t n) { return (*random)() % n; };
  const auto day = [&] { return Date::OfDays(20'000 + static_cast<int32_t>(upto(400))); };
  SubjectRisk risk = RiskOf(low, "2026-06-30");
  if (upto(3) == 0) risk.evaluated_through = day();
  if (upto(5) == 0) risk.policy_fingerprint = (*random)();
  for (RuleId rule = 1; rule < 12; ++rule) {
    if (upto(3) == 0) continue;
    RuleState state{rule, {}, {}, upto(2) == 0, Severity::kOrange, RiskKind::kIncome, 202601};
    if (upto(4) == 0) state.opened_on = day();
    if (upto(8) == 0) state.clearing_since = day();
    if (upto(9) == 0) state.kind = RiskKind::kWater;
    risk.states.push_back(state);
  }
  for (uint64_t n = upto(4); n > 1; --n) {
    risk.episodes.push_back({static_cast<RuleId>(upto(60'000)), day(), day(), Severity::kRed,
                             RiskKind::kHousing, static_cast<uint32_t>((*random)())});
  }
  return risk;
}

AllTold RandomStates(std::mt19937_64* random) {
  AllTold told;
  for (uint64_t n = (*random)() % 40; n > 0; --n) {
    const auto low = static_cast<uint8_t>((*random)());
    Told& state = told[low];
    if ((*random)() % 4 > 0) state.risk = RandomRisk(random, low);
    if ((*random)() % 4 == 0) {
      state.residence = Residence{kGroup.At(low), Named("520502001001/S3"), Div("520502"),
                                  Date::OfDays(19'000 + low)};
    }
    if (!state.risk && !state.residence) told.erase(low);
  }
  return told;
}

void Put(const AllTold& more, AllTold* told) {
  for (const auto& [low, state] : more) {
    if (state.risk) (*told)[low].risk = state.risk;
    if (state.residence) (*told)[low].residence = state.residence;
  }
}

TEST(StatesTest, AreWrittenAsDocumented) {
  SubjectRisk risk = RiskOf(17, "1970-01-11");
  risk.states = {{3, On("1970-01-09"), {}, true, Severity::kRed, RiskKind::kWater, 5}};
  risk.episodes = {
      {4, On("1970-01-01"), On("1970-01-10"), Severity::kYellow, RiskKind::kIncome, 1}};
  AllTold told;
  told[17].risk = risk;
  told[18].risk = risk;
  const std::string expected(
      "\x02\x02\x11\x00\x00"                      // version, risks of 17 and 18, no residence
      "\x01\x01\x02\x03\x04\x05\x06\x07\x08\x14"  // one head: the fingerprint, day 10
      "\x01\x03\x05\x03\x0B\x05\x03"              // one state: rule 3, opened and unknown
      "\x01\x04\x01\x01\x01\x13\x01"              // one episode of rule 4, 10 days and 1 before
      "\x01\x05\x00\x01\x00\x01\x00"              // one body of 5 bytes
      "\x00\x00",                                 // which is that of both
      38);
  EXPECT_EQ(Write(told), expected);
}

TEST(StatesTest, TheLaterPartStandsInAnyGrouping) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    AllTold expected;
    std::vector<std::string> parts;
    for (uint64_t n = 1 + random() % 5; n > 0; --n) {
      const AllTold more = RandomStates(&random);
      Put(more, &expected);
      parts.push_back(Write(more));
    }
    for (;;) {
      ASSERT_EQ(Read(parts), expected) << "round " << round << ", " << parts.size() << " parts";
      if (parts.size() == 1) break;
      const size_t at = random() % (parts.size() - 1);
      const std::vector<std::string_view> two = {parts[at], parts[at + 1]};
      parts[at] = random() % 2 == 0 ? FoldStates(KeyBytes(), two) : JoinPiles(two);
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
    }
    const std::vector<std::string_view> views(parts.begin(), parts.end());
    ASSERT_EQ(Read({FoldStates(KeyBytes(), views)}), expected) << "round " << round;
  }
}

TEST(StatesTest, OfAVillageThatWasJudgedAsAWholeTheLatestRisksAreTakenAsTheyStand) {
  std::mt19937_64 random(7);
  AllTold before;
  AllTold after;
  for (const uint8_t low : std::initializer_list<uint8_t>{1, 2, 9, 40}) {
    before[low].risk = RandomRisk(&random, low);
    before[low].residence = Residence{kGroup.At(low), Named("520502001001/S3"), Div("520502"),
                                      Date::OfDays(19'000 + low)};
    after[low].risk = RandomRisk(&random, low);
  }
  after[41] = {RandomRisk(&random, 41), before[40].residence};
  after[41].residence->household = kGroup.At(41);
  // With a body that nobody has any more, which writing each risk anew would leave out.
  StateWriter writer;
  writer.AddRisk(1, RandomRisk(&random, 1));
  for (const auto& [low, state] : after) writer.AddRisk(low, *state.risk);
  writer.AddResidence(41, *after[41].residence);
  const std::vector<std::string> parts = {Write(before), std::string(writer.Finish())};
  AllTold expected = before;
  Put(after, &expected);
  const std::string folded =
      FoldStates(KeyBytes(), std::vector<std::string_view>{parts[0], parts[1]});
  EXPECT_EQ(Read({folded}), expected);
  EXPECT_GT(folded.size(), Write(expected).size());

  // One whose risk only the earlier part tells: both are read.
  after.erase(9);
  const std::string some = Write(after);
  EXPECT_EQ(Read({FoldStates(KeyBytes(), std::vector<std::string_view>{parts[0], some})}),
            Read({parts[0], some}));
}

TEST(StatesTest, AFoldKeepsDamagedPartsAndWhatCameBefore) {
  AllTold told;
  told[17].risk = RiskOf(17, "1970-01-11");
  told[17].risk->states = {{3, On("1970-01-09"), {}, true, Severity::kRed, RiskKind::kWater, 5}};
  const std::string sound = Write(told);
  const std::string body("\x04\x00\x01\x00\x00", 5);  // of head 0, state 0, no episode
  std::string damaged = sound;
  const size_t at = damaged.find(body);
  ASSERT_NE(at, std::string::npos);
  damaged[at + 3] = '\x09';  // the tenth state, of one
  EXPECT_EQ(Read({damaged}), std::nullopt);
  const std::string folded = FoldStates(KeyBytes(), std::vector<std::string_view>{sound, damaged});
  EXPECT_EQ(static_cast<uint8_t>(folded[0]), kDamagedVersion);
  EXPECT_NE(folded.find(sound), std::string::npos);
  EXPECT_EQ(Read({folded}), std::nullopt);
}

TEST(StatesTest, WhatNeighboursShareIsWrittenOnce) {
  SubjectRisk risk = RiskOf(1, "2026-06-30");
  for (RuleId rule = 1; rule <= 20; ++rule) {
    risk.states.push_back({rule, {}, {}, true, Severity::kRed, RiskKind::kIncome, 0});
  }
  AllTold told;
  for (uint32_t low = 1; low <= 250; ++low) told[static_cast<uint8_t>(low)].risk = risk;
  EXPECT_LT(Write(told).size(), 450u);  // one byte for each, and what they share
}

TEST(StatesTest, GroupsOfTheFormatBeforeAreReadAndFolded) {
  // 17: a risk of fingerprint 1, day 10, rule 2 unknown. 18: a residence.
  const std::string old(
      "\x01\x11\x01\x10\x00\x00\x00\x00\x00\x00\x00\x01\x14\x01\x02\x04\x01\x02\x00\x00"
      "\x12\x02\x0B\xE9\xFA\xD8\x82\x93\x0F\x01\x03\x00\x00\x00",
      34);
  SubjectRisk risk = RiskOf(17, "1970-01-11");
  risk.policy_fingerprint = 1;
  risk.states = {{2, {}, {}, true, Severity::kYellow, RiskKind::kIllness, 0}};
  AllTold expected;
  expected[17].risk = risk;
  const std::optional<AllTold> read = Read({old});
  ASSERT_TRUE(read);
  EXPECT_EQ(read->at(17), expected.at(17));
  EXPECT_EQ(read->at(18).residence->site.ToString(), "520502001001/S3");
  const std::string folded = FoldStates(KeyBytes(), std::vector<std::string_view>{old});
  EXPECT_EQ(folded[0], '\x02');
  EXPECT_EQ(Read({folded}), read);
}

TEST(StatesTest, NoDamageCrashes) {
  std::mt19937_64 random(9);
  AllTold told = RandomStates(&random);
  Put(RandomStates(&random), &told);
  const std::string whole = Write(told);
  int found = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x02, 0x10, 0x80, 0xff}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      found += Read({damaged}) ? 0 : 1;
    }
    EXPECT_FALSE(Read({whole.substr(0, at)})) << at << " bytes";
  }
  EXPECT_GT(found, 100);
}

}  // namespace
}  // namespace shouwang::rocks
