#include "daemon/screening/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace shouwang::screening {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(MedianTest, IsTheMiddleOneOrTheMeanOfTheTwo) {
  EXPECT_EQ(Median({}), 0);
  EXPECT_EQ(Median({3}), 3);
  EXPECT_EQ(Median({9, 1, 4}), 4);
  EXPECT_EQ(Median({9, 1, 4, 6}), 5);
}

TEST(QnTest, IsTheScaleOfASmallSampleByItsPairwiseDifferences) {
  EXPECT_EQ(Qn(std::vector<double>{}), 0);
  EXPECT_EQ(Qn(std::vector<double>{7}), 0);
  // Differences 1, 1, 2, 2, 3, 4, 4, 6, 7, 8; h = 3, so the third smallest: 2.2219 x 0.844 x 2.
  EXPECT_NEAR(Qn(std::vector<double>{0, 1, 2, 4, 8}), 3.7506, 0.0001);
}

TEST(QnTest, IsNotMovedByOnesThatAreFarOff) {
  EXPECT_LT(Qn(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 1000, 2000, 3000}), 10);
}

// Tables of Student's t.
TEST(StudentTailTest, IsThatOfTheTables) {
  EXPECT_NEAR(StudentTail(0, 5), 0.5, 1e-12);
  EXPECT_NEAR(StudentTail(1, 1), 0.25, 1e-12);
  EXPECT_NEAR(StudentTail(12.706, 1), 0.025, 1e-5);
  EXPECT_NEAR(StudentTail(2.920, 2), 0.05, 1e-5);
  EXPECT_NEAR(StudentTail(5.841, 3), 0.005, 1e-5);
  EXPECT_NEAR(StudentTail(2.015, 5), 0.05, 1e-4);
  EXPECT_NEAR(StudentTail(2.764, 10), 0.01, 1e-5);
  EXPECT_NEAR(StudentTail(3.646, 30), 0.0005, 1e-6);
  EXPECT_NEAR(StudentTail(-2.015, 5), 0.95, 1e-4);
}

TEST(ChiSquareTail8Test, IsThatOfTheTables) {
  EXPECT_EQ(ChiSquareTail8(0), 1);
  EXPECT_NEAR(ChiSquareTail8(7.344), 0.5, 1e-4);
  EXPECT_NEAR(ChiSquareTail8(15.507), 0.05, 1e-5);
  EXPECT_NEAR(ChiSquareTail8(26.124), 0.001, 1e-6);
}

const std::vector<Share> kPeers = {{10, 1000}, {12, 1000}, {8, 1000},  {11, 1000},
                                   {9, 1000},  {10, 1000}, {13, 1000}, {7, 1000}};

TEST(TailAmongPeersTest, IsSmallForAShareFarAboveThePeers) {
  EXPECT_GT(TailAmongPeers({10, 1000}, kPeers), 0.4);
  EXPECT_GT(TailAmongPeers({14, 1000}, kPeers), 0.05);
  EXPECT_LT(TailAmongPeers({100, 1000}, kPeers), 0.0001);
  EXPECT_GT(TailAmongPeers({0, 1000}, kPeers), 0.9);
}

TEST(TailAmongPeersTest, FewValuesProveLess) {
  EXPECT_GT(TailAmongPeers({1, 20}, kPeers), 5 * TailAmongPeers({50, 1000}, kPeers));
}

TEST(TailAmongPeersTest, PeersThatDifferHonestlyMakeADifferenceProveLess) {
  const std::vector<Share> apart = {{10, 1000}, {60, 1000}, {30, 1000}, {90, 1000},
                                    {20, 1000}, {75, 1000}, {45, 1000}, {100, 1000}};
  EXPECT_GT(TailAmongPeers({140, 1000}, apart), 0.02);
  EXPECT_LT(TailAmongPeers({140, 1000}, kPeers), 0.0001);
}

TEST(TailAmongPeersTest, PeersThatAreNoBetterDoNotHideIt) {
  std::vector<Share> peers = kPeers;
  for (int i = 0; i < 4; ++i) peers.push_back({400, 1000});
  EXPECT_LT(TailAmongPeers({400, 1000}, peers), 0.01);
}

TEST(TailAmongPeersTest, PeersWithoutAnyHitAreNoFault) {
  const std::vector<Share> none(10, Share{0, 500});
  EXPECT_GT(TailAmongPeers({0, 500}, none), 0.4);
  EXPECT_LT(TailAmongPeers({80, 500}, none), 0.0001);
}

TEST(CompareDigitsTest, FindsDigitsThatPeersDoNotHave) {
  const std::vector<Digits> peers(8, Digits{50, 50, 50, 50, 50, 50, 50, 50, 50});
  const DigitsAmongPeers same = CompareDigits({10, 10, 10, 10, 10, 10, 10, 10, 10}, peers);
  EXPECT_NEAR(same.dissimilarity, 0, 1e-12);
  EXPECT_NEAR(same.p, 1, 1e-12);
  const DigitsAmongPeers sevens = CompareDigits({10, 10, 10, 10, 10, 10, 100, 10, 10}, peers);
  // 100/180 - 1/9 = 0.444 on one digit.
  EXPECT_NEAR(sevens.dissimilarity, 0.4444, 0.0001);
  EXPECT_LT(sevens.p, 1e-6);
  EXPECT_NEAR(sevens.expected[0], 20, 1e-9);
  EXPECT_NEAR(sevens.peers_median, 0, 1e-12);
}

TEST(CompareDigitsTest, WhatThePeersDoTooIsNoFinding) {
  // An allowance that ends in 5, everywhere.
  const std::vector<Digits> peers(8, Digits{50, 50, 50, 50, 400, 50, 50, 50, 50});
  EXPECT_GT(CompareDigits({10, 9, 11, 10, 82, 10, 10, 9, 10}, peers).p, 0.5);
}

TEST(CompareDigitsTest, PeersWhoseDigitsClumpMakeADifferenceProveLess) {
  std::vector<Digits> peers;
  for (size_t i = 0; i < 9; ++i) {
    Digits digits{50, 50, 50, 50, 50, 50, 50, 50, 50};
    digits[i] = 90;  // each a household of its own that says the same again and again
    peers.push_back(digits);
  }
  EXPECT_GT(CompareDigits({50, 50, 50, 95, 50, 50, 50, 50, 50}, peers).p, 0.1);
}

// Each office has a digit of its own that it writes more often, the large one too.
TEST(CompareDigitsTest, AnOfficeOfTenTimesTheAmountsMayDifferAsItsPeersDo) {
  std::vector<Digits> peers;
  for (size_t i = 0; i < 9; ++i) {
    Digits digits{50, 50, 50, 50, 50, 50, 50, 50, 50};
    digits[i] = 90;
    peers.push_back(digits);
  }
  EXPECT_GT(CompareDigits({500, 500, 500, 900, 500, 500, 500, 500, 500}, peers).p, 0.1);
  EXPECT_LT(CompareDigits({500, 500, 500, 4000, 500, 500, 500, 500, 500}, peers).p, 1e-6);
}

TEST(BenjaminiHochbergTest, BoundsTheShareOfWrongFindings) {
  EXPECT_THAT(BenjaminiHochberg(std::vector<double>{}), IsEmpty());
  EXPECT_THAT(BenjaminiHochberg(std::vector<double>{0.04, 0.01, 0.5, 0.02}),
              ElementsAre(DoubleNear(0.16 / 3, 1e-12), DoubleNear(0.04, 1e-12),
                          DoubleNear(0.5, 1e-12), DoubleNear(0.04, 1e-12)));
  EXPECT_THAT(BenjaminiHochberg(std::vector<double>{1, 1}), ElementsAre(1, 1));
}

}  // namespace
}  // namespace shouwang::screening
