// Who should report by when (`reporting:` of a policy): what makes a household or a reporter
// silent. daemon/risk/README.md has the keys.
//
// A period is a calendar month. It is due on a day of the month that follows it, and missed when
// the days of grace after that have passed. Nothing here looks at a clock: the day asked is given,
// so that silence grows with time alone. Values; any thread.
#pragma once

#include <string>
#include <vector>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/indicator.h"

namespace shouwang::risk {

inline constexpr int kMaxReportingCadenceMonths = 12;
// Every month has such a day.
inline constexpr int kMaxDueDay = 28;
inline constexpr int kMaxGraceDays = 62;
inline constexpr int kMaxGivenUpMonths = 120;

// By when something is due, again and again.
struct Expectation {
  int cadence_months = 1;   // at least once in so many periods
  int due_day = 25;         // of the month after the period
  int grace_days = 0;       // after which it is silent
  int given_up_months = 0;  // silent for longer than so many months: no longer expected
  std::string citation;

  // The last day on which a report of the period is in time.
  Date DueOn(Month period) const { return Date::FirstOf(period + 1) + (due_day - 1); }
  // The last period that is missed by the end of the day before `on`.
  Month LastMissable(Date on) const;
  // The last period that was due before `on`, whatever the grace.
  Month LastDue(Date on) const;

  // Of a household: silent on that day if its latest observation is of an earlier month than
  // SilentBefore, and not of an earlier one than GivenUpBefore.
  Month SilentBefore(Date on) const { return LastMissable(on) - (cadence_months - 1); }
  Month GivenUpBefore(Date on) const { return LastMissable(on) - given_up_months; }

  // Of someone who sends: silent on that day if heard of last on this day or before, and not before
  // the other. From one due day to the next a batch is expected, whatever month it is about.
  Date HeardBy(Date on) const { return DueOn(LastMissable(on) - cadence_months); }
  Date GivenUpBy(Date on) const { return DueOn(LastMissable(on) - given_up_months); }
};

// What is expected of everyone who reports for a source.
struct SourceExpectation {
  Source source = Source::kCadreVisit;
  Expectation expectation;
  // Each township of the register in these is to have a reporter of that source: one that never had
  // any is silent too.
  std::vector<Division> expected_from;
};

struct ReportingPolicy {
  Expectation households;
  std::vector<SourceExpectation> sources;  // each once; of the others nothing is expected

  // nullptr where nothing is expected.
  const SourceExpectation* Find(Source source) const;
};

}  // namespace shouwang::risk
