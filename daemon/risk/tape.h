// Conditions and formulas, decided in three values for many lanes at once. A lane is one subject at
// one date; a register holds one number for each lane; a tape is the steps from the registers that
// the caller fills to those that it reads.
//
//   Tape tape;
//   names["income"] = tape.AddRegister();
//   Recorded rule = *tape.Record("income < 8800 and known(income)", names);
//   tape.Lanes(names["income"])[lane] = ...;
//   tape.Run(lanes);
//   tape.Lanes(rule.result)[lane];
//
// Unknown is NaN; truth is 1 and 0. Any number made from an unknown one is unknown, any comparison
// with one is unknown, and `and`, `or`, `not` follow Kleene: unknown and false is false, unknown or
// true is true. Equal steps are taken once, whichever expressions they stand in.
//
// A Tape belongs to one thread. Run does not allocate.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"

namespace shouwang::risk {

enum class Operation : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kBoth,
  kEither,
  kCoalesce,
  kMin,
  kMax,
  kNot,
  kNegate,
  kKnown,
  kAbs,
  kLn,      // unknown of 0 and below
  kExp,     // unknown where it overflows
  kSqrt,    // unknown below 0
  kPhi,     // the standard normal distribution function
  kChoose,  // if(a, b, c)
};

// Index of a register.
using Register = uint32_t;

// Where an expression's outcome is, and what each of its comparisons saw, in the order of
// ComparisonsIn(text).
struct Recorded {
  struct Comparison {
    Register left = 0;
    Register right = 0;
    Register truth = 0;
  };
  Register result = 0;
  std::vector<Comparison> comparisons;
};

class Tape {
 public:
  // Enough to make a step cheap, few enough for the registers to stay in the cache.
  static constexpr size_t kLanes = 64;

  // A register that the caller fills.
  Register AddRegister();
  // A register that holds `value` in every lane.
  Register AddConstant(double value);
  // Appends the steps of `text`, which may use the registers named. InvalidArgument, with the
  // position, for bad syntax and for names that are not there.
  absl::StatusOr<Recorded> Record(std::string_view text,
                                  const std::map<std::string, Register, std::less<>>& names);

  // kLanes numbers. Good until a register is added.
  std::span<double> Lanes(Register index) {
    return std::span(numbers_).subspan(index * kLanes, kLanes);
  }
  std::span<const double> Lanes(Register index) const {
    return std::span(numbers_).subspan(index * kLanes, kLanes);
  }
  // Takes every step for lanes [0, lanes).
  void Run(size_t lanes) { Run(steps_, lanes); }
  // The steps that any of `results` follows from, and no others: for RunWanted.
  void Want(std::span<const Register> results);
  void RunWanted(size_t lanes) { Run(wanted_, lanes); }
  // The lanes that hold neither unknown nor 0, as bits, lane 0 in the lowest; and those that hold
  // unknown.
  uint64_t TrueLanes(Register index) const;
  uint64_t UnknownLanes(Register index) const;

  // What `result` is of `varied` alone: a tape of the steps between the two, once Settle gave it
  // everything else as it stands in `lane`. Whatever made `varied` is cut off, so the outcome of a
  // formula can be varied too.
  struct Branch;
  Branch BranchOf(Register varied, Register result) const;
  void Settle(size_t lane, Branch* branch) const;

  // What each register may hold if those of `unknown` hold nothing but unknown, and all others that
  // the caller fills anything: the sum of the below. It may say too much, never too little.
  static constexpr uint8_t kMayBeZero = 1;     // or false
  static constexpr uint8_t kMayBeOther = 2;    // or true
  static constexpr uint8_t kMayBeUnknown = 4;  // nothing else: it always is
  std::vector<uint8_t> PossibleIf(std::span<const Register> unknown) const;

  // Appends one step unless it is there, and returns the register of its outcome. For the parser.
  Register Append(Operation operation, Register a, Register b = 0, Register c = 0);

 private:
  struct Step {
    Operation operation = Operation::kAdd;
    Register a = 0;
    Register b = 0;
    Register c = 0;
    Register out = 0;
  };

  void Run(std::span<const Step> steps, size_t lanes);
  // The steps that any of `results` follows from, in order; `is_behind` is by register.
  void FindBehind(std::span<const Register> results, std::vector<bool>* is_behind,
                  std::vector<Step>* steps) const;

  std::vector<double> numbers_;  // kLanes for each register
  std::vector<Step> steps_;
  std::vector<Step> wanted_;
  std::vector<bool> is_wanted_;  // by register
  std::map<std::tuple<Operation, Register, Register, Register>, Register> known_steps_;
  std::map<double, Register> constants_;
};

struct Tape::Branch {
  Tape tape;
  Register varied = 0;  // for the caller to fill
  Register result = 0;
  struct Fixed {
    Register from = 0;  // of the tape branched from
    Register to = 0;
  };
  std::vector<Fixed> fixed;
};

}  // namespace shouwang::risk
