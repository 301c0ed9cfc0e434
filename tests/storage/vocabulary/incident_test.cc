#include "storage/vocabulary/incident.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace shouwang {
namespace {

using testing::HasSubstr;

TEST(IncidentIdTest, IsWrittenPlaceKindAndMonth) {
  for (const char* text : {"520502001:disaster:2026-07", "520502001001:employment:2025-12",
                           "520502001/S3:employment:2026-07", "52:income:2026-01",
                           "520502001001/S1:industry:2026-02"}) {
    const auto id = IncidentId::Parse(text);
    ASSERT_TRUE(id.ok()) << text;
    EXPECT_EQ(id->ToString(), text);
  }
}

TEST(IncidentIdTest, ASitesDivisionIsItsTownship) {
  const auto id = IncidentId::Parse("520502001001/S3:employment:2026-07");
  ASSERT_TRUE(id.ok());
  EXPECT_TRUE(id->place.IsSite());
  EXPECT_EQ(id->place.division.ToString(), "520502001");
  EXPECT_TRUE(id->place.In(Division::Parse("5205").value()));
  EXPECT_FALSE(id->place.In(Division::Parse("5203").value()));
}

TEST(IncidentIdTest, OrdersByMonthThenPlaceThenKind) {
  const auto id = [](std::string_view text) { return IncidentId::Parse(text).value(); };
  EXPECT_LT(id("520502002:disaster:2026-06"), id("520502001:disaster:2026-07"));
  EXPECT_LT(id("520502001:disaster:2026-07"), id("520502002:income:2026-07"));
  EXPECT_LT(id("520502001:income:2026-07"), id("520502001:disaster:2026-07"));
  EXPECT_LT(id("520502001:disaster:2026-07"), id("520502001/S1:disaster:2026-07"));
}

TEST(IncidentIdTest, SaysWhatIsWrong) {
  const auto message = [](std::string_view text) {
    return std::string(IncidentId::Parse(text).status().message());
  };
  EXPECT_THAT(message("520502001"), HasSubstr("place, risk kind and month are expected"));
  EXPECT_THAT(message("520502001:2026-07"), HasSubstr("place, risk kind and month are expected"));
  EXPECT_THAT(message("5:disaster:2026-07"), HasSubstr("no division and no site"));
  EXPECT_THAT(message(":disaster:2026-07"), HasSubstr("no division and no site"));
  EXPECT_THAT(message("520502001001/17:disaster:2026-07"), HasSubstr("no division and no site"));
  EXPECT_THAT(message("520502001:war:2026-07"), HasSubstr("no risk kind"));
  EXPECT_THAT(message("520502001:disaster:a:2026-07"), HasSubstr("no risk kind"));
  EXPECT_THAT(message("520502001:disaster:July"), HasSubstr("no month"));
}

}  // namespace
}  // namespace shouwang
