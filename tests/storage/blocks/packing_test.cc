#include "storage/blocks/packing.h"

#include <gtest/gtest.h>

#include <random>

namespace shouwang {
namespace {

std::string Unpacked(std::string_view frame, size_t most) {
  std::vector<char> bytes = {'o', 'l', 'd'};
  return Unpack(frame, most, &bytes) ? std::string(bytes.begin(), bytes.end()) : "refused";
}

TEST(PackingTest, GivesBackWhatWasPacked) {
  std::mt19937_64 random(1);
  for (const size_t size : {0, 1, 1'000, 100'000}) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3);
    const std::string frame = Pack(bytes);
    EXPECT_EQ(Unpacked(frame, size), bytes);
    EXPECT_LT(frame.size(), size / 3 + 30);
  }
}

TEST(PackingTest, NothingLongerThanAllowedIsUnpacked) {
  const std::string frame = Pack(std::string(1000, 'a'));
  EXPECT_EQ(Unpacked(frame, 999), "refused");
  EXPECT_EQ(Unpacked(frame, 1000), std::string(1000, 'a'));
}

TEST(PackingTest, WhatIsNoWholeFrameIsRefused) {
  const std::string frame = Pack("some bytes, some bytes, some bytes");
  for (size_t size = 0; size < frame.size(); ++size) {
    EXPECT_EQ(Unpacked(frame.substr(0, size), 1000), "refused") << size;
  }
  EXPECT_EQ(Unpacked(frame + frame, 1000), "refused");
  EXPECT_EQ(Unpacked("no frame at all", 1000), "refused");
}

}  // namespace
}  // namespace shouwang
