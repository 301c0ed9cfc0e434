// What the rules miss, by what visits to drawn households found. A township is a stratum: of its
// unflagged households N (at its latest draw) n were visited and x of them were at risk, over all
// draws of the months that are looked at; of a household visited more than once for one draw the
// last word counts. Townships without a visit are left out, and told as not covered.
//
//   share     p = sum of (N / sum of N) x/n
//   missed    p x sum of N, households
//   interval  Wilson's of p at the effective number of visits 1 / sum of ((N / sum of N)^2 / n)
//             (Kish 1965): 5 visits each in townships of unlike size tell less than their sum
//   recall    confirmed / (confirmed + missed): of the households in need, the share that a rule
//   had
//             warned of. `confirmed` are rounds that a warning led to and that were registered, in
//             the townships covered, over the same months.
//
// Values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "daemon/cases/proportion.h"
#include "storage/contract/draw_book.h"

namespace shouwang::cases {

struct MissedEstimate {
  int64_t townships = 0;  // covered
  int64_t unflagged = 0;  // in them
  int64_t visited = 0;
  int64_t at_risk = 0;
  int64_t confirmed = 0;
  Proportion share;  // at risk of the unflagged

  double missed() const { return share.share * static_cast<double>(unflagged); }
  double missed_low() const { return share.low * static_cast<double>(unflagged); }
  double missed_high() const { return share.high * static_cast<double>(unflagged); }
  // nullopt where nothing was confirmed and nothing is missed. low is with missed_high.
  std::optional<Proportion> Recall() const;
};

class MissedCount {
 public:
  void Add(const Draw& draw);
  // A round that a warning led to and that was registered, of a household there.
  void AddConfirmed(const Division& township) { ++strata_[township].confirmed; }

  int64_t drawn() const;
  // Of those drawn, over all townships.
  int64_t visited() const;
  int64_t at_risk() const;
  // nullopt where nobody was visited.
  std::optional<MissedEstimate> Estimate(double confidence) const;

 private:
  struct Stratum {
    std::optional<Month> latest;
    int64_t unflagged = 0;
    int64_t drawn = 0;
    int64_t visited = 0;
    int64_t at_risk = 0;
    int64_t confirmed = 0;
  };
  std::map<Division, Stratum> strata_;  // by township
};

}  // namespace shouwang::cases
