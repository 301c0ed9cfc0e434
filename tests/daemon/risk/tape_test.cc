#include "daemon/risk/tape.h"

#include <gtest/gtest.h>

#include <cmath>

namespace shouwang::risk {
namespace {

TEST(TapeTest, EveryLaneIsDecidedByItself) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["x"] = tape.AddRegister();
  const Recorded rule = *tape.Record("x * 2 >= 10 and x < 30", names);
  for (size_t lane = 0; lane < Tape::kLanes; ++lane) {
    tape.Lanes(names["x"])[lane] = lane == 7 ? NAN : static_cast<double>(lane);
  }
  tape.Run(Tape::kLanes);
  for (size_t lane = 0; lane < Tape::kLanes; ++lane) {
    const double truth = tape.Lanes(rule.result)[lane];
    if (lane == 7) {
      EXPECT_TRUE(std::isnan(truth));
    } else {
      EXPECT_EQ(truth, lane >= 5 && lane < 30 ? 1 : 0) << lane;
    }
  }
}

TEST(TapeTest, EqualStepsOfSeveralExpressionsAreTakenOnce) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["x"] = tape.AddRegister();
  const Recorded one = *tape.Record("x + 1 < 4", names);
  const Recorded other = *tape.Record("(x + 1 < 4) or x > 9", names);
  EXPECT_EQ(one.result, other.comparisons[0].truth);
  EXPECT_NE(one.result, other.result);
}

TEST(TapeTest, AFormulaMayBeUsedByLaterExpressions) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["x"] = tape.AddRegister();
  names["half"] = tape.Record("x / 2", names)->result;
  const Recorded rule = *tape.Record("half == 3", names);
  tape.Lanes(names["x"])[0] = 6;
  tape.Run(1);
  EXPECT_EQ(tape.Lanes(rule.result)[0], 1);
}

TEST(TapeTest, AnExpressionMayBeJustALiteralOrAName) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["x"] = tape.AddRegister();
  EXPECT_EQ(tape.Record("x", names)->result, names["x"]);
  EXPECT_EQ(tape.Lanes(tape.Record("2.5", names)->result)[0], 2.5);
  EXPECT_FALSE(tape.Record("x +", names).ok());
  EXPECT_FALSE(tape.Record("z", names).ok());
}

}  // namespace
}  // namespace shouwang::risk
