// What the rules miss, by what visits to drawn households found. A township is a stratum: of its
// unflagged households N (at its latest draw) n were visited and x of them were at risk, over all
// draws of the months that are looked at; of a household visited more than once for one draw the
// last word counts, and whose case was dismissed since is not at risk. Townships without a visit
// are left out, and told as not covered.
//
//   share     p = sum of (N / sum of N) x/n
//   missed    p x sum of N, households at the time of the latest draws
//   interval  Wilson's of p at the effective number of visits 1 / sum of ((N / sum of N)^2 / n)
//             (Kish 1965): 5 visits each in townships of unlike size tell less than their sum
//   recall    confirmed / (confirmed + missed): of the households in need at one time, the share
//             that a rule had warned of. `confirmed` are those that are registered or supported at
//             the end of the time looked at, in a round that a warning led to, in the townships
//             covered: both numbers are of households at a time, so that neither grows with the
//             length of the time.
//
// Values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "daemon/cases/proportion.h"
#include "storage/contract/draw_book.h"
#include "storage/vocabulary/case.h"

namespace shouwang::cases {

struct MissedEstimate {
  int64_t townships = 0;  // covered
  int64_t unflagged = 0;  // in them
  int64_t visited = 0;
  int64_t at_risk = 0;  // of the visited, but those whose case was dismissed
  int64_t confirmed = 0;
  Proportion share;  // at risk of the unflagged

  double missed() const { return share.share * static_cast<double>(unflagged); }
  double missed_low() const { return share.low * static_cast<double>(unflagged); }
  double missed_high() const { return share.high * static_cast<double>(unflagged); }
  // nullopt where nothing was confirmed and nothing is missed. low is with missed_high.
  std::optional<Proportion> Recall() const;
};

// Whether a round that a warning led to is registered or supported at the end of that day.
bool IsConfirmed(const Case& record, Date on);

// Rounds that ended dismissed: what a visit took for a risk, and verification for none.
class DismissedRounds {
 public:
  void Add(const Case& record);
  // Whether the round that ran at that instant was dismissed.
  bool Has(const Subject& subject, Instant at) const;

 private:
  struct Round {
    Instant opened_at;
    Instant dismissed_at;
  };
  std::map<Subject, std::vector<Round>> rounds_;
};

class MissedCount {
 public:
  void Add(const Draw& draw, const DismissedRounds& dismissed);
  // A household there that IsConfirmed.
  void AddConfirmed(const Division& township) { ++strata_[township].confirmed; }

  int64_t drawn() const;
  // Of those drawn, over all townships; at risk as their visitors said.
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
    int64_t dismissed = 0;  // of them
    int64_t confirmed = 0;
  };
  std::map<Division, Stratum> strata_;  // by township
};

}  // namespace shouwang::cases
