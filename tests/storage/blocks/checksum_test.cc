#include "storage/blocks/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace shouwang {
namespace {

TEST(ChecksumTest, IsCrc32cAsPublished) {
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  // RFC 3720, B.4.
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43u);
}

}  // namespace
}  // namespace shouwang
