// Random numbers that depend on the seed alone: the same on every machine, unlike the standard
// library's distributions. Not for anything secret. A value, owned by one thread.
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <numbers>

namespace shouwang::simulator {

// One number out of several (SplitMix64's finaliser over each).
constexpr uint64_t Mix(std::initializer_list<uint64_t> parts) {
  uint64_t mixed = 0x9E3779B97F4A7C15;
  for (uint64_t part : parts) {
    mixed = (mixed ^ part) + 0x9E3779B97F4A7C15;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
    mixed ^= mixed >> 31;
  }
  return mixed;
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15;
    return Mix({state_});
  }
  // [0, 1)
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }
  double Uniform(double from, double to) { return from + (to - from) * Uniform(); }
  bool Chance(double probability) { return Uniform() < probability; }
  // Both ends included.
  int Between(int from, int to) {
    return from + static_cast<int>(Uniform() * static_cast<double>(to - from + 1));
  }
  // Mean 0, standard deviation 1 (Box and Muller).
  double Normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * Uniform());
  }
  double LogNormal(double median, double sigma) { return median * std::exp(sigma * Normal()); }

 private:
  uint64_t state_;
};

}  // namespace shouwang::simulator
