#include "daemon/query/page_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shouwang::query {
namespace {

TEST(PageTokenTest, GivesBackThePositionToTheSameListing) {
  const std::string token = EncodePageToken(77, "520502001");
  EXPECT_EQ(DecodePageToken(77, token), "520502001");
  EXPECT_EQ(DecodePageToken(77, EncodePageToken(77, "")), "");
}

TEST(PageTokenTest, RefusesATokenOfAnotherListing) {
  EXPECT_EQ(DecodePageToken(78, EncodePageToken(77, "520502001")), std::nullopt);
}

TEST(PageTokenTest, RefusesEveryTruncationAndEveryChangedByte) {
  const std::string token = EncodePageToken(77, "520502001");
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_EQ(DecodePageToken(77, token.substr(0, size)), std::nullopt) << size;
  }
  // The last character holds unused bits.
  for (size_t i = 0; i + 1 < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(DecodePageToken(77, changed), std::nullopt) << i;
  }
}

TEST(PageTokenTest, RefusesWhatIsNotOne) {
  EXPECT_EQ(DecodePageToken(77, "not a token!"), std::nullopt);
  EXPECT_EQ(DecodePageToken(77, std::string(100'000, 'A')), std::nullopt);
}

TEST(PageTokenTest, AWarningPositionComesBackWhole) {
  const WarningPosition position{.subject = Subject::Parse("520502001/S3").value(), .rule = 65535};
  const auto back = DecodePosition(EncodePosition(position));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(back->subject, position.subject);
  EXPECT_EQ(back->rule, 65535);
}

TEST(PageTokenTest, RefusesAWarningPositionOfAnUnknownKindOrLength) {
  std::string bytes = EncodePosition({});
  bytes[8] = 2;
  EXPECT_EQ(DecodePosition(bytes), std::nullopt);
  EXPECT_EQ(DecodePosition("520502001"), std::nullopt);
}

TEST(PageTokenTest, APositionInTheHistoryOfDeliveriesComesBackWhole) {
  const DeliveryPosition position{Instant(std::chrono::milliseconds(-5)), 0xfedcba9876543210};
  const std::string bytes = EncodeDeliveryPosition(position);
  EXPECT_EQ(DecodeDeliveryPosition(bytes), position);
  EXPECT_EQ(DecodeDeliveryPosition(bytes.substr(1)), std::nullopt);
  EXPECT_EQ(DecodeDeliveryPosition(bytes + "x"), std::nullopt);
}

}  // namespace
}  // namespace shouwang::query
