// What the households of a bunch change in the counts of reporting (storage/vocabulary/reporting.h)
// at their homes. Neighbours report the same month on the same day, so what they change is gathered
// and counted once for all of them: a household costs a comparison.
//
//   punctuality.Heard(home, month);           // its first observation of that month is here
//   punctuality.Begins(home, before, after);  // the date of its earliest observation
//   punctuality.Ends(home, before, after);    // of its latest
//   punctuality.Finish();                     // before counts->MoveInto
//
// One thread; `counts` outlives it.
#pragma once

#include <cstdint>
#include <optional>

#include "daemon/ingest/counts.h"
#include "storage/vocabulary/reporting.h"

namespace shouwang::ingest {

class Punctuality {
 public:
  // All that is told is known on `known_on`.
  Punctuality(Date known_on, Counts* counts) : known_on_(known_on), counts_(counts) {}

  void Heard(Counts::PlaceIndex home, Month month) {
    if (heard_ > 0 && (heard_at_ != home || heard_of_ != month)) FlushHeard();
    heard_at_ = home;
    heard_of_ = month;
    ++heard_;
  }
  // nullopt: there was none, or is none any more.
  void Begins(Counts::PlaceIndex home, std::optional<Date> before, std::optional<Date> after) {
    Add(home, before, after, &begins_);
  }
  void Ends(Counts::PlaceIndex home, std::optional<Date> before, std::optional<Date> after) {
    Add(home, before, after, &ends_);
  }
  void Finish();

 private:
  // So many households, from one month to another.
  struct Move {
    IndicatorId which = 0;
    Counts::PlaceIndex home = 0;
    std::optional<Month> from;
    std::optional<Month> to;
    int64_t count = 0;
  };
  void FlushHeard();
  void Flush(Move* move);
  void Add(Counts::PlaceIndex home, std::optional<Date> before, std::optional<Date> after,
           Move* move);

  const Date known_on_;
  Counts* const counts_;
  Counts::PlaceIndex heard_at_ = 0;
  Month heard_of_;
  int64_t heard_ = 0;
  Move begins_{.which = kFirstReport, .from = {}, .to = {}};
  Move ends_{.which = kLastReport, .from = {}, .to = {}};
};

}  // namespace shouwang::ingest
