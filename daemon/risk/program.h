// A policy compiled for one kind of subject: the features that its rules need and the rules'
// conditions over them, decided for up to Tape::kLanes lanes at once. A lane is one subject at one
// of its reporting dates; what is true of a lane follows from the history up to its date alone.
//
//   program.Open(history, first, last);     // dates
//   program.Take(date, lane);               // within [first, last]
//   ...
//   program.Decide(lanes);
//   program.Value(program.rules()[i].when.result, lane);
//
// Or many subjects side by side, which costs a fraction of that for each:
//
//   program.OpenAbreast(histories, first, last);
//   program.TakeAbreast(date);              // history i into lane i
//   program.Decide(histories.size());
//
// One owner, one thread. Keeps its memory: once warm, none of the above allocates.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/risk/abreast.h"
#include "daemon/risk/feature.h"
#include "daemon/risk/feature_abreast.h"
#include "daemon/risk/policy.h"
#include "daemon/risk/series.h"
#include "daemon/risk/tape.h"
#include "daemon/risk/window.h"
#include "storage/vocabulary/history.h"

namespace shouwang::risk {

struct CompiledRule {
  const Rule* rule = nullptr;
  Recorded when;
  Recorded clear;
  // What both read, as indices of Program::features(), ascending; formulas are left out.
  std::vector<size_t> features;
};

class Program {
 public:
  // `policy` was checked against `catalogue`; both outlive the program. Every rule of `kind`.
  Program(const Policy& policy, const Catalogue& catalogue, SubjectKind kind);
  // These rules of the policy, and these features beside those that they need.
  Program(const Policy& policy, const Catalogue& catalogue, std::span<const Rule* const> rules,
          std::span<const Feature* const> features = {});
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  // Compiles the rules of another policy in, before the first Open: what it has in common with
  // those that are there is computed once. Not found in policy() and rules().
  std::vector<CompiledRule> Add(const Policy& policy, SubjectKind kind);

  const Policy& policy() const { return *policy_; }
  // By id.
  const std::vector<CompiledRule>& rules() const { return rules_; }
  // In the policy's order.
  const std::vector<CompiledFeature>& features() const { return features_; }

  // `history` stays as it is until the next Open.
  void Open(const History& history, Date first, Date last);
  // Computes the features at `date` into `lane`.
  void Take(Date date, size_t lane);
  // Only some, as indices of features(); what the others are in that lane is nobody's.
  void Take(Date date, size_t lane, std::span<const size_t> features);
  // Gives the first `lanes` lanes what lane 0 has of each feature.
  void SpreadFirstLane(size_t lanes);
  // Makes one point of the history a variable of these features, as indices of features(): the
  // indicator's on `reported_on`, which is there and not after the date that Take was given last.
  void Vary(IndicatorId indicator, Date reported_on, std::span<const size_t> features);
  // At that date: those of the features that hang on the point, computed into `lane` as if its
  // value was this. Its own is to be the last for each lane, before anything else is taken.
  void TakeVaried(int64_t value, size_t lane);
  // At most Tape::kLanes histories, which stay as they are until the next Open of either kind.
  void OpenAbreast(std::span<const History* const> histories, Date first, Date last);
  // Lanes of a window, as Abreast::Open has them.
  void OpenAbreast(const GroupWindow& window, size_t first_lane, size_t count, Date first,
                   Date last);
  // What Take would compute of each of them, whether or not it has a point on that date. SeriesOf
  // and the windows are of Take only.
  void TakeAbreast(Date date);
  void TakeAbreast(Date date, std::span<const size_t> features);
  void Decide(size_t lanes) { tape_.Run(lanes); }
  // Only what `results` follow from, until others are wanted.
  void Want(std::span<const Register> results) { tape_.Want(results); }
  void DecideWanted(size_t lanes) { tape_.RunWanted(lanes); }
  // The feature by its name; nullptr where no rule needs it.
  const CompiledFeature* Find(std::string_view name) const;
  // What `result` is of `varied` alone, and everything else of it as `lane` stands (Tape).
  Tape::Branch BranchOf(Register varied, Register result) const {
    return tape_.BranchOf(varied, result);
  }
  void Settle(size_t lane, Tape::Branch* branch) const { tape_.Settle(lane, branch); }

  // What the feature (an index of features()) is computed from.
  void AddIndicatorsOf(size_t feature, std::vector<IndicatorId>* indicators) const;
  // How many months before a date each indicator may be read, at least what is there already.
  void AddReach(std::map<IndicatorId, int>* months) const;
  // What sources and divisors read.
  const std::vector<IndicatorId>& indicators() const { return indicators_; }
  // Tape::PossibleIf there is no point of any indicator but `reported` (ascending).
  std::vector<uint8_t> PossibleIfOnly(std::span<const IndicatorId> reported) const;

  // NaN: unknown.
  double Value(Register index, size_t lane) const { return tape_.Lanes(index)[lane]; }
  // The lanes that hold neither unknown nor 0, as bits; and those that hold unknown.
  uint64_t TrueLanes(Register index) const { return tape_.TrueLanes(index); }
  uint64_t UnknownLanes(Register index) const { return tape_.UnknownLanes(index); }

  // At the date taken last.
  const Series& SeriesOf(const CompiledFeature& feature) const {
    return sources_[feature.series].series;
  }
  Window WindowOf(const CompiledFeature& feature) const;
  Window CompareWindowOf(const CompiledFeature& feature) const;
  // The divisor's latest point, nullopt where there is none in its window.
  std::optional<Point> PerPoint(const CompiledFeature& feature) const;

 private:
  struct Source {
    Series::Shape shape;
    int lookback_months = 0;
    size_t after = 0;             // slot of WindowBounds for lookback_months
    std::vector<size_t> columns;  // of each term, into columns_
    Series series;
    // Abreast: whether it is joined for what was opened last, from which row on, and has no usable
    // date there; whether that is summed up.
    bool is_open = false;
    bool is_empty = false;
    size_t begin = 0;
    bool is_summed = false;
    RunningSums sums;
  };
  // A divisor's column, the latest point of which counts.
  struct Divisor {
    IndicatorId indicator = 0;
    size_t column = 0;  // into columns_
    double scale = 1;
    std::optional<size_t> latest;  // row
    int64_t value = 0;             // there
    // Abreast: at what was taken last, by lane; NaN where there is none.
    std::array<double, Tape::kLanes> latest_abreast{};
    bool is_found = false;
  };
  // A source, and by how much its row moves where the varied point moves by 1.
  struct VariedSource {
    Source* source = nullptr;
    int64_t factor = 0;
    int64_t total_factor = 0;
  };
  // A feature that moves with the point, its windows and the sum of the first, and by how much that
  // moves where the point moves by 1.
  struct VariedFeature {
    const CompiledFeature* feature = nullptr;
    Window window;
    Window compare;
    WindowSum sum;
    int64_t factor = 0;
  };

  void AddFeature(const Feature& feature);
  std::vector<CompiledRule> Compile(const Policy& policy, std::span<const Rule* const> rules,
                                    std::span<const Feature* const> features);
  void TakeFeature(const CompiledFeature& feature, Date date, size_t lane);
  // How the source moves with the varied point; nullptr where it does not.
  const VariedSource* VarySource(Source* source, IndicatorId indicator);
  double PerOf(const CompiledFeature& feature) const;
  // The day after which dates may be looked at, where `first` is the first to be taken.
  Date LooksAfter(Date first);
  void BeginAbreast(Date first);
  void BeginDateAbreast(Date date);
  void OpenSourceAbreast(Source* source);
  const double* DivisorAbreast(const CompiledFeature& feature);
  void TakeFeatureAbreast(const CompiledFeature& feature, Date date);
  bool IsUnknownIfOnly(const CompiledFeature& feature, std::span<const IndicatorId> reported) const;
  size_t SourceOf(const Feature& feature, double* scale);
  size_t DivisorOf(IndicatorId indicator);
  size_t ColumnOf(IndicatorId indicator);
  void FindColumns();
  // Makes the rows of `dates` those that windows are told in.
  void KnowDates(std::span<const Date> dates);
  void FindRows(std::span<const Date> dates, Date date);
  void FindDivisors();

  const Policy* policy_;
  const Catalogue* catalogue_;
  Tape tape_;
  std::map<std::string, Register, std::less<>> names_;
  std::map<std::string, size_t, std::less<>> positions_of_names_;  // of the policy at hand
  size_t others_ = 0;  // features of the policies compiled before it
  std::vector<CompiledFeature> features_;
  std::vector<CompiledRule> rules_;
  std::vector<Source> sources_;
  std::vector<Divisor> divisors_;
  std::vector<IndicatorId> indicators_;  // that sources and divisors read
  WindowBounds bounds_;
  size_t per_slot_ = 0;

  // Of what was opened last.
  Abreast abreast_;
  Date open_from_;  // abreast: the first date that will be taken
  size_t open_end_ = 0;
  int dates_taken_ = 0;  // abreast
  const History* history_ = nullptr;
  std::vector<const int64_t*> columns_;  // of indicators_; nullptr where there is none
  std::vector<const int64_t*> terms_;    // of the source at hand
  Date taken_;                           // the date taken last, not abreast
  // At the date taken last, abreast or not: for each slot of bounds_ the first row after its bound,
  // and the first row after the date.
  std::span<const size_t> begins_;
  size_t end_ = 0;
  // What rows and positions_ were found for: neighbours nearly always report the same indicators on
  // the same dates. By row of known_dates_, for each slot the first row after its bound.
  std::vector<Date> known_dates_;
  std::vector<bool> is_row_known_;
  std::vector<size_t> known_begins_;
  std::vector<size_t> other_begins_;  // of a date that is no row
  std::vector<IndicatorId> known_indicators_;
  std::vector<std::optional<size_t>> positions_;  // of indicators_ in the history
  // What Vary found: where, the value that stands for the point now, and what moves with it.
  size_t varied_row_ = 0;
  int64_t varied_value_ = 0;
  std::vector<VariedSource> varied_sources_;
  Divisor* varied_divisor_ = nullptr;
  std::vector<VariedFeature> varied_features_;
};

// The features that expression `text` uses, and those which their formulas use, in the policy's
// order.
std::vector<const Feature*> FeaturesBehind(const Policy& policy, std::string_view text);
// What clears the rule: its clear_when, or else not (when).
std::string ClearCondition(const Rule& rule);

}  // namespace shouwang::risk
