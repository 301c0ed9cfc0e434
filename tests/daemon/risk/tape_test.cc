#include "daemon/risk/tape.h"

#include <gtest/gtest.h>

#include <array>
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

TEST(TapeTest, ABranchVariesOneRegisterAndKeepsTheRestOfItsLane) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["x"] = tape.AddRegister();
  names["y"] = tape.AddRegister();
  names["twice"] = tape.Record("x * 2", names)->result;
  const Recorded rule = *tape.Record("twice + y > 10 and x < 5", names);
  tape.Lanes(names["x"])[3] = 4;
  tape.Lanes(names["y"])[3] = 1;
  tape.Run(4);
  EXPECT_EQ(tape.Lanes(rule.result)[3], 0);

  Tape::Branch of_x = tape.BranchOf(names["x"], rule.result);
  Tape::Branch of_twice = tape.BranchOf(names["twice"], rule.result);
  tape.Settle(3, &of_x);
  tape.Settle(3, &of_twice);
  for (size_t lane = 0; lane < 3; ++lane) {
    of_x.tape.Lanes(of_x.varied)[lane] = 4.4 + 0.2 * static_cast<double>(lane);  // 4.4 4.6 4.8
    of_twice.tape.Lanes(of_twice.varied)[lane] = 8 + static_cast<double>(lane);  // 8 9 10
  }
  of_x.tape.Run(3);
  of_twice.tape.Run(3);
  EXPECT_EQ(of_x.tape.Lanes(of_x.result)[0], 0);
  EXPECT_EQ(of_x.tape.Lanes(of_x.result)[1], 1);
  EXPECT_EQ(of_x.tape.Lanes(of_x.result)[2], 1);
  // x stays 4, whatever made `twice` of it.
  EXPECT_EQ(of_twice.tape.Lanes(of_twice.result)[0], 0);
  EXPECT_EQ(of_twice.tape.Lanes(of_twice.result)[1], 0);
  EXPECT_EQ(of_twice.tape.Lanes(of_twice.result)[2], 1);
  EXPECT_EQ(tape.Lanes(rule.result)[3], 0);
}

TEST(TapeTest, ABranchIsSettledAnewForEachLane) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["x"] = tape.AddRegister();
  names["y"] = tape.AddRegister();
  const Recorded rule = *tape.Record("x < y", names);
  ASSERT_TRUE(tape.Record("x * y > 7", names).ok());  // of another rule
  Tape::Branch branch = tape.BranchOf(names["x"], rule.result);
  for (const double y : {3.0, 9.0}) {
    tape.Lanes(names["y"])[1] = y;
    tape.Settle(1, &branch);
    branch.tape.Lanes(branch.varied)[0] = 5;
    branch.tape.Run(1);
    EXPECT_EQ(branch.tape.Lanes(branch.result)[0], y == 9 ? 1 : 0);
  }
}

TEST(TapeTest, ABranchOfWhatDoesNotMatterIsAsItStands) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["x"] = tape.AddRegister();
  names["y"] = tape.AddRegister();
  const Recorded rule = *tape.Record("x > 1", names);
  tape.Lanes(names["x"])[0] = 2;
  tape.Run(1);
  Tape::Branch branch = tape.BranchOf(names["y"], rule.result);
  tape.Settle(0, &branch);
  branch.tape.Lanes(branch.varied)[5] = -7;
  branch.tape.Run(6);
  EXPECT_EQ(branch.tape.Lanes(branch.result)[5], 1);
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

TEST(TapeTest, FunctionsOfANumberAreUnknownWhereTheyHaveNoValue) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["x"] = tape.AddRegister();
  const Register ln = tape.Record("ln(x)", names)->result;
  const Register exp = tape.Record("exp(x)", names)->result;
  const Register sqrt = tape.Record("sqrt(x)", names)->result;
  const Register phi = tape.Record("phi(x)", names)->result;
  constexpr double kNone = NAN;
  struct Case {
    double x, ln, exp, sqrt, phi;
  };
  // From a table of the normal distribution: 0.975 at 1.959964.
  const Case cases[] = {{1, 0, 2.718282, 1, 0.841345},
                        {4, 1.386294, 54.59815, 2, 0.999968},
                        {0, kNone, 1, 0, 0.5},
                        {-1, kNone, 0.367879, kNone, 0.158655},
                        {800, 6.684612, kNone, 28.284271, 1},
                        {-1.959964, kNone, 0.140863, kNone, 0.025},
                        {kNone, kNone, kNone, kNone, kNone}};
  for (const Case& c : cases) {
    tape.Lanes(names["x"])[0] = c.x;
    tape.Run(1);
    const auto expect = [&](Register index, double wanted, const char* name) {
      const double found = tape.Lanes(index)[0];
      if (std::isnan(wanted)) {
        EXPECT_TRUE(std::isnan(found)) << name << " of " << c.x << " is " << found;
      } else {
        EXPECT_NEAR(found, wanted, 5e-6 * std::max(1.0, wanted)) << name << " of " << c.x;
      }
    };
    expect(ln, c.ln, "ln");
    expect(exp, c.exp, "exp");
    expect(sqrt, c.sqrt, "sqrt");
    expect(phi, c.phi, "phi");
  }
}

TEST(TapeTest, TakesOnlyTheStepsThatAreWanted) {
  Tape tape;
  std::map<std::string, Register, std::less<>> names;
  names["a"] = tape.AddRegister();
  names["b"] = tape.AddRegister();
  const Register first = tape.Record("a + 1 > 2 and b < 3", names)->result;
  const Register other = tape.Record("a + 1 > 5", names)->result;
  for (size_t lane = 0; lane < 8; ++lane) {
    tape.Lanes(names["a"])[lane] = static_cast<double>(lane);
    tape.Lanes(names["b"])[lane] = 1;
  }
  const std::array<Register, 1> wanted = {other};
  tape.Want(wanted);
  tape.RunWanted(8);
  EXPECT_EQ(tape.TrueLanes(other) & 0xFF, 0b11100000U);
  EXPECT_EQ(tape.UnknownLanes(first) & 0xFF, 0xFFU) << "it was not asked for";
  tape.Run(8);
  EXPECT_EQ(tape.TrueLanes(first) & 0xFF, 0b11111100U);
  EXPECT_EQ(tape.UnknownLanes(first) & 0xFF, 0U);
}

}  // namespace
}  // namespace shouwang::risk
