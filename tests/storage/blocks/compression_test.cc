#include "storage/blocks/compression.h"

#include <gtest/gtest.h>

#include <random>

namespace shouwang {
namespace {

std::string Decompressed(std::string_view frame, size_t most) {
  std::vector<char> bytes = {'o', 'l', 'd'};
  return Decompress(frame, most, &bytes) ? std::string(bytes.begin(), bytes.end()) : "refused";
}

TEST(CompressionTest, GivesBackWhatWasCompressed) {
  std::mt19937_64 random(1);
  for (const size_t size : {0, 1, 1'000, 100'000}) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % 3);
    const std::string frame = Compress(bytes);
    EXPECT_EQ(Decompressed(frame, size), bytes);
    EXPECT_LT(frame.size(), size / 3 + 30);
  }
}

TEST(CompressionTest, KindsTakeFewerBytesWhereTheyAreToldApart) {
  std::mt19937_64 random(2);
  std::string letters(5'000, '\0');
  for (char& byte : letters) byte = static_cast<char>('a' + random() % 4);
  std::string numbers(5'000, '\0');
  for (char& byte : numbers) byte = static_cast<char>(random() % 100);
  const std::string all = letters + numbers + "few" + numbers;
  const std::vector<std::string_view> kinds = {letters, numbers, "few", "", numbers};
  const std::string apart = Compress(kinds);
  EXPECT_EQ(Decompressed(apart, all.size()), all);
  EXPECT_LT(apart.size(), Compress(all).size() * 97 / 100);
  EXPECT_EQ(Decompressed(Compress(std::vector<std::string_view>{"", ""}), 0), "");
}

TEST(CompressionTest, NothingLongerThanAllowedIsDecompressed) {
  const std::string frame = Compress(std::string(1000, 'a'));
  EXPECT_EQ(Decompressed(frame, 999), "refused");
  EXPECT_EQ(Decompressed(frame, 1000), std::string(1000, 'a'));
}

TEST(CompressionTest, TheLongestThatZstdMakesOfSoFewBytesIsDecompressed) {
  const std::string bytes(size_t{16} << 20, 'a');
  EXPECT_EQ(Decompressed(Compress(bytes), bytes.size()), bytes);
}

TEST(CompressionTest, WhatIsNotOneFrameIsRefused) {
  const std::string frame = Compress("some bytes, some bytes, some bytes");
  for (size_t size = 0; size < frame.size(); ++size) {
    EXPECT_EQ(Decompressed(frame.substr(0, size), 1000), "refused") << size;
  }
  EXPECT_EQ(Decompressed(frame + frame, 1000), "refused");
  EXPECT_EQ(Decompressed(frame + Compress(""), 1000), "refused");
  EXPECT_EQ(Decompressed(frame + "\x50\x2A\x4D\x18" + std::string(4, '\0'), 1000), "refused")
      << "with one behind it that zstd would skip";
  EXPECT_EQ(Decompressed("no frame at all", 1000), "refused");
}

// RFC 8878: magic number, descriptor (no checksum), a window of 1 KiB or the size, a raw last
// block.
TEST(CompressionTest, AFrameThatLiesAboutItsSizeOrDoesNotTellItIsRefused) {
  const std::string magic = "\x28\xB5\x2F\xFD";
  const std::string raw(
      "\x19\x00\x00"
      "abc",
      6);
  EXPECT_EQ(Decompressed(magic + std::string("\x20\x03", 2) + raw, 1000), "abc");
  EXPECT_EQ(Decompressed(magic + std::string("\x20\x04", 2) + raw, 1000), "refused");
  EXPECT_EQ(Decompressed(magic + std::string("\x20\x02", 2) + raw, 1000), "refused");
  EXPECT_EQ(Decompressed(magic + std::string("\x00\x00", 2) + raw, 1000), "refused");
  // 1 GiB of some 20 bytes.
  EXPECT_EQ(Decompressed(magic + std::string("\xA0\x00\x00\x00\x40", 5) + raw, size_t{2} << 30),
            "refused");
}

}  // namespace
}  // namespace shouwang
