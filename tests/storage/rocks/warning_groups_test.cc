#include "storage/rocks/warning_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "storage/blocks/pile.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang::rocks {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const SubjectGroup kGroup{520'502'001'001, SubjectKind::kHousehold, 1};

Warning WarningAt(uint8_t low, RuleId rule) {
  Warning warning;
  warning.subject = kGroup.At(low);
  warning.rule = rule;
  warning.severity = Severity::kOrange;
  warning.kind = RiskKind::kIllness;
  warning.opened_on = On("2026-01-31");
  warning.policy_version = 202'601;
  warning.known_at = Instant(std::chrono::milliseconds(1'769'900'000'123));
  return warning;
}

std::vector<Warning> OpenOf(std::string_view value) {
  std::vector<Warning> open;
  EXPECT_TRUE(ReadWarnings(kGroup, value, [&](const Warning& warning) {
    open.push_back(warning);
    return true;
  }));
  return open;
}

bool CanBeRead(std::string_view value) {
  return ReadWarnings(kGroup, value, [](const Warning&) { return true; });
}

std::string Part(const std::vector<std::pair<Warning, bool>>& said) {
  std::vector<ChangedWarning> changes;
  for (const auto& [warning, is_open] : said) changes.push_back({&warning, is_open});
  return WriteWarnings(changes);
}

TEST(WarningGroupsTest, WhatIsOpenIsReadAsItWasWritten) {
  Warning other = WarningAt(17, 999);
  other.severity = Severity::kRed;
  other.kind = RiskKind::kLivelihood;
  other.opened_on = On("1969-12-30");
  other.policy_version = 7;
  other.known_at = Instant(std::chrono::milliseconds(-5));
  other.cleared_on = On("2026-03-31");
  EXPECT_THAT(OpenOf(Part({{WarningAt(0, 1), true},
                           {WarningAt(17, 3), false},
                           {other, true},
                           {WarningAt(255, 1), true}})),
              ElementsAre(WarningAt(0, 1), other, WarningAt(255, 1)));
}

TEST(WarningGroupsTest, NeighboursOfOneCommitTakeThreeBytesEach) {
  std::vector<std::pair<Warning, bool>> said;
  for (uint8_t low = 0; low < 100; ++low) said.emplace_back(WarningAt(low, 101), true);
  EXPECT_LT(Part(said).size(), 330U);
}

TEST(WarningGroupsTest, OfOneWarningWhatWasSaidLastStands) {
  Warning again = WarningAt(5, 2);
  again.opened_on = On("2026-02-28");
  EXPECT_THAT(OpenOf(Part({{WarningAt(5, 2), false}, {again, true}})), ElementsAre(again));
  EXPECT_THAT(OpenOf(Part({{again, true}, {again, false}})), IsEmpty());
}

TEST(WarningGroupsTest, AVisitorMayStop) {
  int seen = 0;
  EXPECT_TRUE(ReadWarnings(kGroup, Part({{WarningAt(1, 1), true}, {WarningAt(2, 1), true}}),
                           [&](const Warning&) {
                             ++seen;
                             return false;
                           }));
  EXPECT_EQ(seen, 1);
}

TEST(WarningGroupsTest, WhatSomePartsCloseIsNotForgottenUntilAllAreThere) {
  const std::string opening = Part({{WarningAt(1, 1), true}, {WarningAt(2, 1), true}});
  const std::string closing = Part({{WarningAt(1, 1), false}});
  const std::string later = Part({{WarningAt(3, 1), true}});
  const std::string joined = JoinWarnings("", std::vector<std::string_view>{closing, later});
  EXPECT_THAT(OpenOf(joined), ElementsAre(WarningAt(3, 1)));
  const std::string whole = FoldWarnings("", std::vector<std::string_view>{opening, joined});
  EXPECT_THAT(OpenOf(whole), ElementsAre(WarningAt(2, 1), WarningAt(3, 1)));
  EXPECT_EQ(whole, Part({{WarningAt(2, 1), true}, {WarningAt(3, 1), true}}))
      << "nothing is left of what is closed";
}

// However commits are put together on the way, what stands is what a map of them says.
TEST(WarningGroupsTest, PartsMayBePutTogetherInAnyWay) {
  std::mt19937 random(20'261'130);
  for (int round = 0; round < 200; ++round) {
    // Now and then many, each with an origin of its own.
    const uint32_t most = round % 10 == 0 ? 200 : 8;
    const uint32_t households = round % 10 == 0 ? 256 : 12;
    std::map<std::pair<uint8_t, RuleId>, Warning> standing;
    std::vector<std::string> parts;
    for (int commit = 0; commit < 12; ++commit) {
      std::map<std::pair<uint8_t, RuleId>, std::pair<Warning, bool>> said;
      for (uint32_t change = 0; change < 1 + random() % most; ++change) {
        Warning warning = WarningAt(static_cast<uint8_t>(random() % households),
                                    static_cast<RuleId>(1 + random() % 3));
        warning.opened_on = Date::OfDays(static_cast<int32_t>(random() % 40'000));
        warning.known_at = Instant(std::chrono::milliseconds(random()));
        const std::pair key(SubjectGroup::LowOf(warning.subject), warning.rule);
        const bool is_open = random() % 3 != 0;
        said[key] = {warning, is_open};
        standing.erase(key);
        if (is_open) standing.emplace(key, warning);
      }
      std::vector<std::pair<Warning, bool>> in_order;
      for (const auto& [key, one] : said) in_order.push_back(one);
      parts.push_back(Part(in_order));
    }
    while (parts.size() > 1) {
      const size_t count = 2 + random() % std::min<size_t>(parts.size() - 1, 3);
      const bool from_the_oldest = random() % 2 == 0;
      const size_t begin = from_the_oldest ? 0 : random() % (parts.size() - count + 1);
      const std::vector<std::string_view> some(
          parts.begin() + static_cast<ptrdiff_t>(begin),
          parts.begin() + static_cast<ptrdiff_t>(begin + count));
      std::string one = begin == 0 ? FoldWarnings("", some) : JoinWarnings("", some);
      parts.erase(parts.begin() + static_cast<ptrdiff_t>(begin + 1),
                  parts.begin() + static_cast<ptrdiff_t>(begin + count));
      parts[begin] = std::move(one);
    }
    std::vector<Warning> expected;
    std::vector<std::pair<Warning, bool>> said;
    for (const auto& [key, warning] : standing) {
      expected.push_back(warning);
      said.emplace_back(warning, true);
    }
    ASSERT_EQ(OpenOf(parts[0]), expected);
    ASSERT_EQ(parts[0], Part(said)) << "the same bytes, whatever was said on the way";
  }
}

TEST(WarningGroupsTest, DamagedBytesAreToldAndKept) {
  const std::string good = Part({{WarningAt(1, 1), true}, {WarningAt(2, 300), false}});
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_FALSE(CanBeRead(good.substr(0, length))) << length;
  }
  EXPECT_FALSE(CanBeRead(good + "x"));
  EXPECT_FALSE(CanBeRead("\1" + good.substr(1))) << "of another version";
  // No origin, one form, two warnings: in order, and not.
  const std::string two = std::string("\2\0\1\7\0\2", 6);
  EXPECT_TRUE(CanBeRead(two + std::string("\1\2\0\0", 4)));
  EXPECT_FALSE(CanBeRead(two + std::string("\2\1\0\0", 4)));
  EXPECT_FALSE(CanBeRead(two + std::string("\2\2\0\0", 4)));
  EXPECT_FALSE(CanBeRead(two + std::string("\1\2\0\1", 4))) << "of a form that is not there";
  std::string endless = good.substr(0, 1);
  endless += "\xff\xff\xff\xff\xff\xff\xff\x7f";
  EXPECT_FALSE(CanBeRead(endless));
  const std::vector<std::string_view> parts = {good, "rubbish"};
  EXPECT_EQ(FoldWarnings("", parts), KeepDamaged(parts));
  EXPECT_EQ(JoinWarnings("", parts), KeepDamaged(parts));
  EXPECT_FALSE(CanBeRead(FoldWarnings("", parts)));
}

TEST(WarningGroupsTest, NoBytesCrashIt) {
  std::mt19937 random(20'261'131);
  const std::string good =
      Part({{WarningAt(1, 1), true}, {WarningAt(2, 300), false}, {WarningAt(9, 4), true}});
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (uint32_t change = 0; change < 1 + random() % 3; ++change) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    CanBeRead(bytes);
    FoldWarnings("", std::vector<std::string_view>{bytes, good});
  }
}

}  // namespace
}  // namespace shouwang::rocks
