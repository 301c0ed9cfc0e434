#include "storage/blocks/block_key.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shouwang {
namespace {

std::string Bytes(const BlockKey& key) {
  std::string bytes;
  AppendBlockKey(key, &bytes);
  return bytes;
}

TEST(BlockKeyTest, IsWrittenAsDocumented) {
  // 520502001001 is 0x7930563D69.
  const BlockKey key{{520502001001, SubjectKind::kSite, 0x010203}, 2026};
  EXPECT_EQ(Bytes(key), std::string("\x79\x30\x56\x3D\x69\x01\x01\x02\x03\x07\xEA", 11));
  EXPECT_EQ(ParseBlockKey(Bytes(key)), key);
  EXPECT_EQ(key.ToString(), "block 520502001001 site 16909056 to 16909311, 2026");
}

TEST(BlockKeyTest, OrdersAsSubjectsThenYears) {
  const std::vector<BlockKey> keys = {{{520502001000, SubjectKind::kHousehold, 0}, 2026},
                                      {{520502001000, SubjectKind::kSite, 0}, 2025},
                                      {{520502001001, SubjectKind::kHousehold, 0}, 2024},
                                      {{520502001001, SubjectKind::kHousehold, 0}, 2025},
                                      {{520502001001, SubjectKind::kHousehold, 1}, 2024},
                                      {{520502001001, SubjectKind::kHousehold, 16'777'215}, 1900},
                                      {{999999999999, SubjectKind::kHousehold, 0}, 1900}};
  for (size_t i = 1; i < keys.size(); ++i) EXPECT_LT(Bytes(keys[i - 1]), Bytes(keys[i]));
}

TEST(BlockKeyTest, RefusesOtherBytes) {
  const std::string bytes = Bytes({{520502001001, SubjectKind::kSite, 1}, 2026});
  EXPECT_EQ(ParseBlockKey(bytes.substr(0, 10)), std::nullopt);
  EXPECT_EQ(ParseBlockKey(bytes + "x"), std::nullopt);
  std::string no_kind = bytes;
  no_kind[5] = 2;
  EXPECT_EQ(ParseBlockKey(no_kind), std::nullopt);
}

}  // namespace
}  // namespace shouwang
