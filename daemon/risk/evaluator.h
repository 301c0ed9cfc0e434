// Judges a subject's history by the policies in force: which rules hold since when.
//
// Evaluation is a fold over the subject's reporting dates (every date on which it has a point), in
// order: at each date the features are computed from what the history says up to that date, each
// rule's `when` is decided in three values (Kleene: unknown and false is false, unknown or true is
// true), and
//   not open, when true                     -> opens on that date
//   open, clear_when true                   -> the clearing run starts, or goes on; the warning
//   clears
//                                              on that date if it is >= PlusMonths(hold) from its
//                                              start
//   open, clear_when not true (or unknown)  -> the clearing run ends; the warning stays open
// So the result is a function of the history and the policies alone, and Advance from an earlier
// result equals Replay from nothing.
//
// An Evaluator belongs to one thread (its expressions keep their variables inside).
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "daemon/risk/policy.h"
#include "storage/vocabulary/group_window.h"
#include "storage/vocabulary/history.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::risk {

enum class Truth : uint8_t { kFalse = 1, kUnknown = 2, kTrue = 3 };

struct Explanation;

// One subject's way from one judgement to the next.
struct Passage {
  // nullptr, or never judged: all dates are folded over. Else `history` must reach back
  // LongestLookbackMonths() before the first date after `prior->evaluated_through`, and `prior`
  // must be of the same policies.
  const SubjectRisk* prior = nullptr;
  const History* history = nullptr;
  // Written, whatever it held before; not the same as `prior`.
  SubjectRisk* judged = nullptr;
};

// The same of a lane of a window, which must reach back as far.
struct LanePassage {
  const SubjectRisk* prior = nullptr;
  size_t lane = 0;
  Subject subject;
  SubjectRisk* judged = nullptr;
};

class Evaluator {
 public:
  // `policies` and `catalogue` outlive the evaluator.
  Evaluator(const PolicySet& policies, const Catalogue& catalogue);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;

  // Folds over the reporting dates after `prior.evaluated_through`. `history` must reach back
  // LongestLookbackMonths() before the first of them. `prior` must be of the same policies.
  SubjectRisk Advance(const SubjectRisk& prior, const History& history);
  // Folds over all reporting dates of a complete history.
  SubjectRisk Replay(const History& history);

  // Both of the above for many subjects, which is what costs least: neighbours share most of the
  // work.
  void Judge(std::span<const Passage> passages);
  // The same of lanes of one window, each once: which costs least of all where they have nearly all
  // of the dates to judge in common. By ascending lane.
  void Judge(const GroupWindow& window, std::span<const LanePassage> passages);

  // Every rule that applies to the subject and is wanted (or just `rule`, or all), judged at
  // `date`, with its inputs. `risk` tells since when. NotFound for a rule that the policy in force
  // has not.
  std::vector<Explanation> Explain(const History& history, const SubjectRisk& risk, Date date,
                                   absl::FunctionRef<bool(RuleId)> wanted);
  absl::StatusOr<std::vector<Explanation>> Explain(const History& history, const SubjectRisk& risk,
                                                   Date date, std::optional<RuleId> rule);

 private:
  struct Engine;
  std::unique_ptr<Engine> engine_;
};

// One comparison of a rule's condition with its numbers; an absent side is unknown.
struct Comparison {
  std::string text;  // as written: "net_income_per_person < monitoring_line"
  std::optional<double> left;
  std::optional<double> right;
  std::string op;
  Truth truth = Truth::kUnknown;
};

struct FeatureInput {
  IndicatorId indicator = 0;
  Point point;
  Arrival arrival;
};

// A change of one input, everything else as it is, that would make a clearing condition hold
// (clearing.h).
struct ClearingChange {
  // One of them: the feature itself, or the value of the indicator that was reported on `date`.
  const Feature* feature = nullptr;
  const Indicator* indicator = nullptr;
  Date date;
  // In the unit of the feature or indicator.
  double from = 0;
  double to = 0;
  // |to - from| over the larger of the two magnitudes: 0 to 2; 1 from 0 to anything.
  double relative = 0;
  // Whether all that was tried further in that direction holds too: "8,800 or more".
  bool beyond = false;
};

// How much of a feature's window is there: the window is cut into periods as long as the slowest
// cadence of its indicators, back from its end, so that who reports in time is in each of them.
struct WindowPresence {
  int period_months = 0;  // 1, 3 or 12; 0: nothing is due (a formula; indicators without cadence)
  int periods = 0;
  int present = 0;  // that have a usable date
  friend bool operator==(const WindowPresence&, const WindowPresence&) = default;
};

struct FeatureValue {
  const Feature* feature = nullptr;
  std::optional<double> value;
  std::string unknown_because;  // "3 of 12 dates of wage_income, 9 needed"; empty where known
  // For want of which it is unknown: those without a point in its window.
  std::vector<const Indicator*> missing;
  std::string formula;  // "sum(wage_income + transfer_income - operating_cost) over 12 months
                        // / household_size"
  std::vector<FeatureInput> inputs;
  WindowPresence presence;
};

struct Explanation {
  const Policy* policy = nullptr;
  const Rule* rule = nullptr;
  Date date;
  Truth truth = Truth::kUnknown;
  std::optional<Date> opened_on;
  std::vector<Comparison> comparisons;
  std::vector<FeatureValue> features;
  // Whether the clearing condition holds at `date`, and of an open warning for which it does not,
  // what alone would make it hold: the smallest change first.
  Truth clears = Truth::kUnknown;
  std::vector<ClearingChange> clearing_changes;
  // The same in words, one paragraph.
  std::string text_zh;
  std::string text_en;
};

}  // namespace shouwang::risk
