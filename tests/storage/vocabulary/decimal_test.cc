#include "storage/vocabulary/decimal.h"

#include <gtest/gtest.h>

#include <limits>

namespace shouwang {
namespace {

TEST(DecimalTest, KeepsEveryReportedDigit) {
  EXPECT_EQ(*ParseDecimal("1234.5", 2), 123450);
  EXPECT_EQ(*ParseDecimal("-0.01", 2), -1);
  EXPECT_EQ(*ParseDecimal("+7", 0), 7);
  EXPECT_EQ(*ParseDecimal("3300.0", 0), 3300);
  EXPECT_EQ(*ParseDecimal(".5", 1), 5);
  EXPECT_EQ(FormatDecimal(123450, 2), "1234.50");
  EXPECT_EQ(FormatDecimal(-1, 2), "-0.01");
  EXPECT_EQ(FormatDecimal(7, 0), "7");
  EXPECT_EQ(FormatDecimal(0, 0), "0");
  EXPECT_EQ(FormatDecimal(0, 2), "0.00");
  EXPECT_EQ(FormatDecimal(-123, 6), "-0.000123");
  EXPECT_EQ(FormatDecimal(-100, 2), "-1.00");
  EXPECT_EQ(FormatDecimal(std::numeric_limits<int64_t>::min(), 0), "-9223372036854775808");
  EXPECT_EQ(FormatDecimal(std::numeric_limits<int64_t>::min(), 6), "-9223372036854.775808");
}

TEST(DecimalTest, RefusesWhatWouldBeLostOrIsNoNumber) {
  for (const char* text : {"", ".", "-", "NaN", "inf", "1e5", "1,000", "1.2.3", " 1", "0x10"}) {
    EXPECT_FALSE(ParseDecimal(text, 2).ok()) << text;
  }
  EXPECT_FALSE(ParseDecimal("1.234", 2).ok());
  EXPECT_FALSE(ParseDecimal("99999999999999999999999", 0).ok());
  EXPECT_FALSE(ParseDecimal("900000000000.1", 6).ok());
}

TEST(DecimalTest, RoundsComputedValuesHalfAwayFromZero) {
  EXPECT_EQ(*FromDouble(2.5, 0), 3);
  EXPECT_EQ(*FromDouble(-2.5, 0), -3);
  EXPECT_FALSE(FromDouble(std::numeric_limits<double>::quiet_NaN(), 0).ok());
  EXPECT_FALSE(FromDouble(std::numeric_limits<double>::infinity(), 0).ok());
  EXPECT_FALSE(FromDouble(1e15, 0).ok());
}

}  // namespace
}  // namespace shouwang
