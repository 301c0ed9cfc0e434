// A policy compiled for one kind of subject: the features that its rules need, computed once for
// each date, and the rules' conditions over them.
//
//   program.Open(history, first, last);
//   program.MoveTo(date);                  // ascending, within [first, last]
//   program.rules()[i].when.Value();
//
// One owner, one thread. Keeps its memory from subject to subject: once warm, neither Open nor
// MoveTo allocates. Does not move, as the expressions point at its values.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "daemon/risk/expression.h"
#include "daemon/risk/feature.h"
#include "daemon/risk/policy.h"
#include "daemon/risk/series.h"
#include "daemon/risk/window.h"
#include "storage/vocabulary/history.h"

namespace shouwang::risk {

struct CompiledRule {
  const Rule* rule = nullptr;
  Expression when;
  Expression clear;
};

class Program {
 public:
  // `policy` was checked against `catalogue`; both outlive the program.
  Program(const Policy& policy, const Catalogue& catalogue, SubjectKind kind);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const Policy& policy() const { return *policy_; }
  // By id.
  const std::vector<CompiledRule>& rules() const { return rules_; }
  // In the policy's order.
  const std::vector<CompiledFeature>& features() const { return features_; }

  void Open(const History& history, Date first, Date last);
  void MoveTo(Date date);

  // At the date last moved to; NaN: unknown.
  double Value(const CompiledFeature& feature) const { return values_[feature.slot]; }
  const Series& SeriesOf(const CompiledFeature& feature) const {
    return sources_[feature.series].series;
  }
  // The divisor's latest point, nullopt where there is none in its window.
  std::optional<Point> PerPoint(const CompiledFeature& feature) const;

 private:
  struct Source {
    Series::Shape shape;
    int lookback_months = 0;
    size_t after = 0;  // slot of WindowBounds for lookback_months
    Series series;
  };
  // A divisor's points, the latest of which counts.
  struct Divisor {
    IndicatorId indicator = 0;
    double scale = 1;
    std::vector<Point> points;
    size_t end = 0;
    const Point* latest = nullptr;
  };

  void AddFeature(const Feature& feature);
  size_t SourceOf(const Feature& feature, double* scale);
  size_t DivisorOf(IndicatorId indicator);

  const Policy* policy_;
  const Catalogue* catalogue_;
  std::vector<double> values_;  // the constants, then the features; never resized
  Variables variables_;
  std::vector<CompiledFeature> features_;
  std::vector<CompiledRule> rules_;
  std::vector<Source> sources_;
  std::vector<Divisor> divisors_;
  WindowBounds bounds_;
  size_t per_slot_ = 0;
};

// The features that expression `text` uses, and those which their formulas use, in the policy's
// order.
std::vector<const Feature*> FeaturesBehind(const Policy& policy, std::string_view text);
// What clears the rule: its clear_when, or else not (when).
std::string ClearCondition(const Rule& rule);

}  // namespace shouwang::risk
