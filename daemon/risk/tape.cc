#include "daemon/risk/tape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "storage/vocabulary/lane_loops.h"

namespace shouwang::risk {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
// Steps are taken for a multiple of this many lanes; what the surplus ones hold is nobody's.
constexpr size_t kLanesAtOnce = 8;

bool Unknown(double a) { return std::isnan(a); }
double OfBool(bool truth) { return truth ? 1.0 : 0.0; }
// An overflow or a division by zero has no meaning as a measure: it is unknown.
double Finite(double a) { return std::isfinite(a) ? a : kUnknown; }
double Of(bool truth, double a, double b) {
  return Unknown(a) || Unknown(b) ? kUnknown : OfBool(truth);
}
double Both(double a, double b) {
  if (a == 0.0 || b == 0.0) return 0.0;
  return Unknown(a) || Unknown(b) ? kUnknown : 1.0;
}
double Either(double a, double b) {
  if ((a != 0.0 && !Unknown(a)) || (b != 0.0 && !Unknown(b))) return 1.0;
  return Unknown(a) || Unknown(b) ? kUnknown : 0.0;
}

template <typename Decide>
void ForEachLane(const double* a, const double* b, double* out, size_t lanes, Decide decide) {
  for (size_t i = 0; i < lanes; ++i) out[i] = decide(a[i], b[i]);
}

void TakeArithmetic(Operation operation, const double* a, const double* b, double* out,
                    size_t lanes) {
  switch (operation) {
    case Operation::kAdd:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Finite(x + y); });
    case Operation::kSubtract:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Finite(x - y); });
    case Operation::kMultiply:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Finite(x * y); });
    case Operation::kDivide:
      return ForEachLane(a, b, out, lanes,
                         [](double x, double y) { return y == 0.0 ? kUnknown : Finite(x / y); });
    case Operation::kMin:
      return ForEachLane(a, b, out, lanes, [](double x, double y) {
        return Unknown(x) || Unknown(y) ? kUnknown : std::min(x, y);
      });
    case Operation::kMax:
      return ForEachLane(a, b, out, lanes, [](double x, double y) {
        return Unknown(x) || Unknown(y) ? kUnknown : std::max(x, y);
      });
    default:
      return;
  }
}

// Of one number each.
void TakeFunction(Operation operation, const double* a, double* out, size_t lanes) {
  switch (operation) {
    case Operation::kNegate:
      return ForEachLane(a, a, out, lanes, [](double x, double) { return -x; });
    case Operation::kAbs:
      return ForEachLane(a, a, out, lanes, [](double x, double) { return std::abs(x); });
    case Operation::kLn:
      return ForEachLane(a, a, out, lanes,
                         [](double x, double) { return x > 0 ? std::log(x) : kUnknown; });
    case Operation::kExp:
      return ForEachLane(a, a, out, lanes, [](double x, double) { return Finite(std::exp(x)); });
    case Operation::kSqrt:
      return ForEachLane(a, a, out, lanes,
                         [](double x, double) { return x >= 0 ? std::sqrt(x) : kUnknown; });
    case Operation::kPhi:
      return ForEachLane(a, a, out, lanes, [](double x, double) {
        return 0.5 * std::erfc(-x * std::numbers::sqrt2 / 2);
      });
    default:
      return;
  }
}

void TakeLogic(Operation operation, const double* a, const double* b, const double* c, double* out,
               size_t lanes) {
  switch (operation) {
    case Operation::kLess:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Of(x < y, x, y); });
    case Operation::kLessEqual:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Of(x <= y, x, y); });
    case Operation::kGreater:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Of(x > y, x, y); });
    case Operation::kGreaterEqual:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Of(x >= y, x, y); });
    case Operation::kEqual:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Of(x == y, x, y); });
    case Operation::kNotEqual:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Of(x != y, x, y); });
    case Operation::kBoth:
      return ForEachLane(a, b, out, lanes, Both);
    case Operation::kEither:
      return ForEachLane(a, b, out, lanes, Either);
    case Operation::kCoalesce:
      return ForEachLane(a, b, out, lanes, [](double x, double y) { return Unknown(x) ? y : x; });
    case Operation::kNot:
      return ForEachLane(a, b, out, lanes,
                         [](double x, double) { return Unknown(x) ? kUnknown : OfBool(x == 0.0); });
    case Operation::kKnown:
      return ForEachLane(a, b, out, lanes, [](double x, double) { return OfBool(!Unknown(x)); });
    case Operation::kChoose:
      for (size_t i = 0; i < lanes; ++i) {
        out[i] = Unknown(a[i]) ? kUnknown : (a[i] != 0.0 ? b[i] : c[i]);
      }
      return;
    default:
      return;
  }
}

// Bit i where is(lanes[i]), eight lanes at a time: the product moves the low bit of byte i to bit
// 56 + i.
template <typename Is>
uint64_t BitsOf(const double* lanes, Is is) {
  uint64_t bits = 0;
  for (size_t block = 0; block < Tape::kLanes; block += kLanesAtOnce) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < kLanesAtOnce; ++i) {
      bytes |= static_cast<uint64_t>(is(lanes[block + i]) ? 1U : 0U) << (8 * i);
    }
    bits |= ((bytes * 0x0102040810204080U) >> 56) << block;
  }
  return bits;
}

constexpr uint8_t kAnything = Tape::kMayBeZero | Tape::kMayBeOther | Tape::kMayBeUnknown;

// The outcomes of `decide` over all numbers that a and b may hold.
template <typename Decide>
uint8_t Outcomes(uint8_t a, uint8_t b, Decide decide) {
  constexpr std::array<double, 3> kNumbers = {0.0, 1.0, kUnknown};
  const auto bit = [](double x) {
    return static_cast<uint8_t>(Unknown(x) ? Tape::kMayBeUnknown
                                : x == 0.0 ? Tape::kMayBeZero
                                           : Tape::kMayBeOther);
  };
  uint8_t outcomes = 0;
  for (const double x : kNumbers) {
    for (const double y : kNumbers) {
      if ((a & bit(x)) != 0 && (b & bit(y)) != 0) outcomes |= bit(decide(x, y));
    }
  }
  return outcomes;
}

bool IsArithmetic(Operation operation) {
  switch (operation) {
    case Operation::kAdd:
    case Operation::kSubtract:
    case Operation::kMultiply:
    case Operation::kDivide:
    case Operation::kMin:
    case Operation::kMax:
      return true;
    default:
      return false;
  }
}

bool IsFunction(Operation operation) {
  switch (operation) {
    case Operation::kNegate:
    case Operation::kAbs:
    case Operation::kLn:
    case Operation::kExp:
    case Operation::kSqrt:
    case Operation::kPhi:
      return true;
    default:
      return false;
  }
}

}  // namespace

Register Tape::AddRegister() {
  numbers_.resize(numbers_.size() + kLanes, kUnknown);
  return static_cast<Register>(numbers_.size() / kLanes - 1);
}

Register Tape::AddConstant(double value) {
  const auto [it, added] = constants_.try_emplace(value, 0);
  if (added) {
    it->second = AddRegister();
    std::ranges::fill(Lanes(it->second), value);
  }
  return it->second;
}

Register Tape::Append(Operation operation, Register a, Register b, Register c) {
  const auto [it, added] = known_steps_.try_emplace({operation, a, b, c}, 0);
  if (added) {
    it->second = AddRegister();
    steps_.push_back({operation, a, b, c, it->second});
  }
  return it->second;
}

Tape::Branch Tape::BranchOf(Register varied, Register result) const {
  Branch branch;
  std::map<Register, Register> moved;  // what depends on `varied`
  std::map<Register, Register> fixed;
  branch.varied = branch.tape.AddRegister();
  moved[varied] = branch.varied;
  const auto place = [&](Register from) {
    if (const auto it = moved.find(from); it != moved.end()) return it->second;
    const auto [it, added] = fixed.try_emplace(from, 0);
    if (added) {
      it->second = branch.tape.AddRegister();
      branch.fixed.push_back({from, it->second});
    }
    return it->second;
  };
  std::vector<bool> is_behind;
  std::vector<Step> steps;
  FindBehind({&result, 1}, &is_behind, &steps);
  for (const Step& step : steps) {
    const bool depends = moved.contains(step.a) || moved.contains(step.b) || moved.contains(step.c);
    if (!depends || step.out == varied) continue;
    const Register a = place(step.a);
    const Register b = place(step.b);
    const Register c = place(step.c);
    moved[step.out] = branch.tape.Append(step.operation, a, b, c);
  }
  branch.result = place(result);
  return branch;
}

void Tape::Settle(size_t lane, Branch* branch) const {
  for (const Branch::Fixed& fixed : branch->fixed) {
    std::ranges::fill(branch->tape.Lanes(fixed.to), Lanes(fixed.from)[lane]);
  }
}

std::vector<uint8_t> Tape::PossibleIf(std::span<const Register> unknown) const {
  std::vector<uint8_t> possible(numbers_.size() / kLanes, kAnything);
  for (const auto& [value, index] : constants_) {
    possible[index] = value == 0.0 ? kMayBeZero : kMayBeOther;
  }
  for (const Register index : unknown) possible[index] = kMayBeUnknown;
  for (const Step& step : steps_) {
    const uint8_t a = possible[step.a];
    const uint8_t b = possible[step.b];
    uint8_t out = kAnything;
    switch (step.operation) {
      case Operation::kBoth:
        out = Outcomes(a, b, Both);
        break;
      case Operation::kEither:
        out = Outcomes(a, b, Either);
        break;
      case Operation::kNot:
        out = Outcomes(a, a, [](double x, double) { return Unknown(x) ? x : OfBool(x == 0.0); });
        break;
      case Operation::kKnown:
        out = Outcomes(a, a, [](double x, double) { return OfBool(!Unknown(x)); });
        break;
      case Operation::kCoalesce:
        out = static_cast<uint8_t>((a & ~kMayBeUnknown) | ((a & kMayBeUnknown) != 0 ? b : 0));
        break;
      case Operation::kChoose:
        out = static_cast<uint8_t>(((a & kMayBeUnknown) != 0 ? kMayBeUnknown : 0) |
                                   ((a & kMayBeOther) != 0 ? b : 0) |
                                   ((a & kMayBeZero) != 0 ? possible[step.c] : 0));
        break;
      default:
        // Arithmetic, comparisons and functions of an unknown number.
        if (a == kMayBeUnknown || (!IsFunction(step.operation) && b == kMayBeUnknown)) {
          out = kMayBeUnknown;
        }
    }
    possible[step.out] = out;
  }
  return possible;
}

SHOUWANG_LANE_LOOPS uint64_t Tape::TrueLanes(Register index) const {
  return BitsOf(Lanes(index).data(), [](double x) { return (x < 0) | (x > 0); });
}

SHOUWANG_LANE_LOOPS uint64_t Tape::UnknownLanes(Register index) const {
  return BitsOf(Lanes(index).data(), [](double x) { return Unknown(x); });
}

void Tape::Want(std::span<const Register> results) { FindBehind(results, &is_wanted_, &wanted_); }

// A step stands behind those that it follows from.
void Tape::FindBehind(std::span<const Register> results, std::vector<bool>* is_behind,
                      std::vector<Step>* steps) const {
  is_behind->assign(numbers_.size() / kLanes, false);
  for (const Register result : results) (*is_behind)[result] = true;
  steps->clear();
  for (size_t i = steps_.size(); i-- > 0;) {
    const Step& step = steps_[i];
    if (!(*is_behind)[step.out]) continue;
    (*is_behind)[step.a] = (*is_behind)[step.b] = (*is_behind)[step.c] = true;
    steps->push_back(step);
  }
  std::ranges::reverse(*steps);
}

SHOUWANG_LANE_LOOPS void Tape::Run(std::span<const Step> steps, size_t lanes) {
  lanes = std::min(kLanes, (lanes + kLanesAtOnce - 1) / kLanesAtOnce * kLanesAtOnce);
  for (const Step& step : steps) {
    const double* a = Lanes(step.a).data();
    const double* b = Lanes(step.b).data();
    double* out = Lanes(step.out).data();
    if (IsArithmetic(step.operation)) {
      TakeArithmetic(step.operation, a, b, out, lanes);
    } else if (IsFunction(step.operation)) {
      TakeFunction(step.operation, a, out, lanes);
    } else {
      TakeLogic(step.operation, a, b, Lanes(step.c).data(), out, lanes);
    }
  }
}

}  // namespace shouwang::risk
