// How many subjects are newly warned of one kind of risk in a month, as the past and the neighbours
// have it: the gamma-Poisson model of disease mapping, down the tree of places. With n the subjects
// newly warned and e the exposure, q the place above p, and the neighbours of p the rest of q:
//
//   r(p) = (n(q) - n(p) + K) / (e(q) - e(p) + K / R(q))   the neighbours' rate now: what they tell,
//                                                         and as prior what is expected of q; K =
//                                                         1/V(q)
//   T(p) = (t + y(p)) / (t + x(p))                        the place beside its neighbours in the
//   past:
//                                                         y what was, x what r(p) expected, each
//                                                         month weighing 2^(-age / half-life)
//   R(p) = r(p) T(p)                                      what is expected of p; the mean is e(p)
//   R(p) V(p) = 1 / (K + n(q) - n(p)) + 1 / (t + y(p)) + a     its squared coefficient of variation
//
// T is the standardised ratio shrunk to 1 (Clayton and Kaldor, Biometrics 43 (1987), eq. 5). t = 1
// / variance of T between places and a = what varies from month to month beyond chance are
// estimated for each level by moments (Marshall, Applied Statistics 40 (1991)), from what had no
// excess, with a weak prior. Of the top, R is its own past rate and V what that varied. Seasons
// that neighbours share, a policy that changes and a rule that begins to know are so no excess of
// anybody.
//
// The count is then negative binomial of mean e R and size 1 / V (tail.h). By one thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "daemon/incidents/onset_table.h"

namespace shouwang::incidents {

struct Expected {
  double mean = 0;       // subjects
  double variation = 0;  // V
  double rate = 0;       // R, subjects a household-month
  double neighbours_rate = 0;
};

class KindModel {
 public:
  // `table` outlives it. An excess that lasts longer than `hold_months` is learnt.
  KindModel(const OnsetTable* table, int half_life_months, int hold_months);

  // What is expected of each place in the month, given the counts of all of them. `anew`: the top's
  // past tells nothing about this month, as a new policy takes effect.
  void Expect(int month, bool anew, std::span<const double> counts,
              std::vector<Expected>* expected) const;
  // Learns of a month that `expected` was expected of. Of an excess neither the place nor its parts
  // learn, and what is over is taken out of those above it. One that has lasted for `hold_months`
  // is what the place has come to: from then on it is learnt as it is, but for the variances.
  void Learn(int month, std::span<const int64_t> counts, std::span<const Expected> expected,
             const std::vector<bool>& excess);
  // From now on the top's past is nothing, as other rules have made it.
  void ForgetTop();
  // How many months the top's past is.
  int months_of_top() const { return learnt_of_top_; }

 private:
  static constexpr size_t kLevels = 7;
  struct Moments {
    double excess = 0;  // of squares over what chance makes of it
    double squares = 0;
  };
  double Between(size_t level) const;     // t
  double OverMonths(size_t level) const;  // a
  double TopVariation(double mean) const;
  std::vector<bool> Follow(int month, const std::vector<bool>& excess);
  void Update(int month, std::span<const double> counts, std::span<const Expected> expected,
              const std::vector<bool>& left_out, const std::vector<bool>& excess);
  void EstimateBetween();

  const OnsetTable* const table_;
  const double keep_;  // of the past, from month to month
  const int hold_months_;
  std::vector<uint8_t> level_;   // by place
  std::vector<uint8_t> lasted_;  // months that its excess has, one past hold_months_ at most
  std::vector<float> was_;       // y; of the top, subjects
  std::vector<float> expected_;  // x; of the top, household-months
  std::vector<float> chance_;    // variance of y where it is Poisson: weights are squared
  std::array<Moments, kLevels> over_months_{};
  std::array<Moments, kLevels> between_{};
  int learnt_ = 0;         // months
  int learnt_of_top_ = 0;  // since it was forgotten
};

}  // namespace shouwang::incidents
