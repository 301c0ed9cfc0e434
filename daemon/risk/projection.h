// What a household's income of the calendar year will come to, from its own seasonal history, and
// how probable it is that this is below the line: vulnerability as expected poverty, P(income <
// line) = Phi((ln line - mu) / sigma) (Chaudhuri, Jalan and Suryahadi 2002), with mu and sigma of
// the household itself.
//
//   v(m)    net income of month m: `of` less `minus` on the month's last date that has them all
//   s(m)    the level that earlier years give month m: the mean of v(m - 12), v(m - 24), ...,
//   weighted
//           by 2^(-age / half-life), the age in months from m - 12 on; `floor` at least, as v(m) is
//   g       the pace: the sum of v(m) over that of s(m), of the months that have both, by age
//   weighted e(m)    ln(v(m) / s(m)): sigma their standard deviation (Kish's n - 1), r their
//   correlation from
//           month to month, 0 to 1; weighted likewise
//   R       what is reported of the year; h the months without a report, from January to December
//   V       sigma^2 / h (1 + 2 sum over k < h of (1 - k/h) r^k): variance of the mean error of h
//           months of a process that forgets by r a month
//   D       sigma^2 / n': the error of g itself, n' = n (1 - r) / (1 + r), 1 at least
//   F       the income of the h months: lognormal of mean g x (sum of their s), with V + D as the
//           variance of ln F, so that mu = ln(mean) - (V + D) / 2
//   P       of R + F < line x persons: Phi((ln(line x persons - R) - mu) / sqrt(V + D))
//
// The interval of P is what an error of g makes of it: V alone, and mu off by z sqrt D either way.
// Simulated households of three years (tests/daemon/risk/projection_test.cc) fall below the line in
// the year's second half about as often as P says. After a few months of a year P is too sure of
// households whose years differ more than their months: two years show little of that.
//
// Pure functions; any thread.
#pragma once

#include <optional>

#include "daemon/risk/policy.h"
#include "storage/vocabulary/history.h"

namespace shouwang::risk {

struct Projection {
  // Yuan a person and year, as the line is.
  double line = 0;
  double reported = 0;
  double expected = 0;
  // The central interval that holds the year's income with the confidence of the policy.
  double low = 0;
  double high = 0;
  int months_to_come = 0;
  // Of an income below the line, and its interval of the same confidence.
  double probability = 0;
  double probability_low = 0;
  double probability_high = 0;
};

enum class ProjectionLack : uint8_t {
  kNone,
  kPersons,  // no household size above 0 within 24 months
  kSeason,   // a month to come that no earlier year has
  kMonths,   // fewer months with one a year before than the policy asks for
};

// Of the year of `date`, by what was observed up to it; nullopt, and why, where the history is too
// short. `line` is a person's and year's. `lack` may not be null.
std::optional<Projection> Project(const ProjectionPolicy& policy, double line,
                                  const Catalogue& catalogue, const History& history, Date date,
                                  ProjectionLack* lack);

}  // namespace shouwang::risk
