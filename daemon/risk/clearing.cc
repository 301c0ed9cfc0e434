#include "daemon/risk/clearing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

#include "absl/functional/function_ref.h"
#include "daemon/risk/expression.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::risk {
namespace {

// How the subject stands; where one feature is varied, all others are as here.
constexpr size_t kLane = 0;
// Values tried at once: what Tape::Run takes in one go.
constexpr size_t kTried = 8;

constexpr int kDecimals = 2;       // that words write,
constexpr int kRatioDecimals = 4;  // and of a ratio, which they write as per cent

bool Holds(double truth) { return !std::isnan(truth) && truth != 0; }

double PowerOfTen(int exponent) { return std::pow(10.0, exponent); }

// Says of each value, counted in steps, whether the condition holds with it.
using Try = absl::FunctionRef<void(std::span<const int64_t> tried, std::span<bool> holds)>;

// One direction from `start`, where the condition does not hold, to `bound`, which may be tried.
class Direction {
 public:
  Direction(int64_t start, int64_t bound, Try attempt)
      : start_(start),
        sign_(bound < start ? -1 : 1),
        most_(std::abs(bound - start)),
        try_(attempt) {}

  struct Nearest {
    int64_t at = 0;
    bool beyond = false;
  };
  std::optional<Nearest> Find() {
    int64_t below = 0;
    const std::optional<int64_t> reached = FirstOf(Doubling(0), &below);
    if (!reached) return std::nullopt;
    int64_t above = *reached;
    while (above - below > 1) above = FirstOf(Between(below, above), &below).value_or(above);
    return Nearest{start_ + sign_ * above, HoldsBeyond(above)};
  }

 private:
  // Ascending.
  class Distances {
   public:
    void Add(int64_t distance) { all_[count_++] = distance; }
    std::span<const int64_t> get() const { return std::span(all_).first(count_); }

   private:
    std::array<int64_t, 64> all_;  // every power of 2, and the bound
    size_t count_ = 0;
  };

  // 1, 2, 4, ... steps past `from`, and the bound.
  Distances Doubling(int64_t from) const {
    Distances distances;
    for (int64_t more = 1; more < most_ - from; more *= 2) distances.Add(from + more);
    if (from < most_) distances.Add(most_);
    return distances;
  }
  // Up to kTried distances strictly between the two, evenly.
  static Distances Between(int64_t below, int64_t above) {
    Distances distances;
    const auto parts = static_cast<int64_t>(kTried) + 1;
    int64_t last = below;
    for (int64_t part = 1; part < parts; ++part) {
      const int64_t distance = below + (above - below) * part / parts;
      if (distance > last) distances.Add(distance);
      last = distance;
    }
    return distances;
  }
  // Calls visit(distance, holds) of the ascending distances, until it returns false.
  template <typename Visit>
  void TryEach(const Distances& distances, Visit visit) {
    const std::span<const int64_t> all = distances.get();
    for (size_t first = 0; first < all.size(); first += kTried) {
      const size_t count = std::min(kTried, all.size() - first);
      std::array<int64_t, kTried> values{};
      for (size_t i = 0; i < count; ++i) values[i] = start_ + sign_ * all[first + i];
      std::array<bool, kTried> holds{};
      try_(std::span(values).first(count), std::span(holds).first(count));
      for (size_t i = 0; i < count; ++i) {
        if (!visit(all[first + i], holds[i])) return;
      }
    }
  }
  // The first of the distances with which the condition holds; `below` becomes the one before it,
  // or the last of all where it holds with none.
  std::optional<int64_t> FirstOf(const Distances& distances, int64_t* below) {
    std::optional<int64_t> first;
    TryEach(distances, [&](int64_t distance, bool holds) {
      if (holds) {
        first = distance;
      } else {
        *below = distance;
      }
      return !holds;
    });
    return first;
  }
  bool HoldsBeyond(int64_t distance) {
    const Distances further = Doubling(distance);
    bool all = !further.get().empty();
    TryEach(further, [&](int64_t, bool holds) { return all = holds; });
    return all;
  }

  const int64_t start_;
  const int64_t sign_;
  const int64_t most_;  // distance to the bound
  const Try try_;
};

double RelativeChange(double from, double to) {
  const double larger = std::max(std::abs(from), std::abs(to));
  return larger == 0 ? 0 : std::abs(to - from) / larger;
}

// The smaller of the least changes upwards and downwards; `change` has the input's name and value
// already.
void Add(ClearingChange change, const ClearingCondition::Range& range, Try attempt,
         std::vector<ClearingChange>* changes) {
  const double scale = PowerOfTen(range.decimals);
  const double steps = change.from * scale;
  if (!(std::abs(steps) <= static_cast<double>(kMaxScaledValue))) return;
  // An input between two steps goes to the next one in either direction.
  const auto floor = static_cast<int64_t>(std::floor(steps));
  const auto ceiling = static_cast<int64_t>(std::ceil(steps));
  std::optional<ClearingChange> best;
  const auto look = [&](int64_t start, int64_t bound) {
    const auto nearest = Direction(start, bound, attempt).Find();
    if (!nearest) return;
    change.to = static_cast<double>(nearest->at) / scale;
    change.relative = RelativeChange(change.from, change.to);
    change.beyond = nearest->beyond;
    if (!best || std::abs(change.to - change.from) < std::abs(best->to - best->from)) best = change;
  };
  if (floor < range.most) look(floor, range.most);
  if (ceiling > range.least) look(ceiling, range.least);
  if (best) changes->push_back(*best);
}

bool IsOneValue(const Feature& feature) {
  const bool picks = feature.kind == FeatureKind::kLast || feature.kind == FeatureKind::kMin ||
                     feature.kind == FeatureKind::kMax;
  return picks && feature.of.size() == 1 && feature.minus.empty() && !feature.per;
}

ClearingCondition::Range RangeOf(const Feature& feature, const Catalogue& catalogue) {
  ClearingCondition::Range range;
  range.decimals = feature.unit == "ratio" ? kRatioDecimals : kDecimals;
  switch (feature.kind) {
    case FeatureKind::kCount:
    case FeatureKind::kMonthsSince:
    case FeatureKind::kLongestZeroRun:
      range.decimals = 0;
      range.least = 0;
      break;
    default:
      if (!IsOneValue(feature)) break;
      const Indicator& indicator = *catalogue.Get(feature.of.front());
      range = {indicator.decimals, indicator.min, indicator.max};
  }
  return range;
}

// Whether the value reported last can be told from it.
bool IsOfReports(FeatureKind kind) {
  return kind == FeatureKind::kSum || kind == FeatureKind::kMean || kind == FeatureKind::kLast;
}

}  // namespace

ClearingCondition::ClearingCondition(const CompiledRule& rule, const Program& program,
                                     const Catalogue& catalogue)
    : catalogue_(&catalogue), clears_(rule.clear.result) {
  const std::string condition = ClearCondition(*rule.rule);
  for (const std::string& name : NamesIn(condition)) {
    const CompiledFeature* compiled = program.Find(name);
    if (compiled == nullptr) continue;  // a constant
    named_.push_back({compiled, RangeOf(*compiled->feature, catalogue),
                      program.BranchOf(compiled->value, clears_)});
  }
  for (const Feature* feature : FeaturesBehind(program.policy(), condition)) {
    const CompiledFeature* compiled = program.Find(feature->name);
    features_.push_back(static_cast<size_t>(compiled - program.features().data()));
    if (IsOfReports(feature->kind)) by_report_.push_back(compiled);
  }
}

void ClearingCondition::AddNamed(Date date, const Program& program,
                                 std::vector<ClearingChange>* changes) {
  for (Named& named : named_) {
    const double value = program.Value(named.compiled->value, kLane);
    if (std::isnan(value)) continue;  // it is lacking, not low or high
    Tape::Branch& branch = named.branch;
    program.Settle(kLane, &branch);
    const double scale = PowerOfTen(named.range.decimals);
    Add(
        {.feature = named.compiled->feature, .date = date, .from = value}, named.range,
        [&](std::span<const int64_t> tried, std::span<bool> holds) {
          for (size_t i = 0; i < tried.size(); ++i) {
            branch.tape.Lanes(branch.varied)[i] = static_cast<double>(tried[i]) / scale;
          }
          branch.tape.Run(tried.size());
          for (size_t i = 0; i < tried.size(); ++i) {
            holds[i] = Holds(branch.tape.Lanes(branch.result)[i]);
          }
        },
        changes);
  }
}

// The values reported last that a sum, mean or last of the condition is made of; each once.
std::vector<ClearingCondition::Reported> ClearingCondition::ReportedLast(
    const History& history, const Program& program) const {
  std::vector<Reported> reported;
  for (const CompiledFeature* compiled : by_report_) {
    const Window window = program.WindowOf(*compiled);
    const Series& series = program.SeriesOf(*compiled);
    size_t end = window.end;
    while (end > window.begin && !series.usable(end - 1)) --end;
    if (end == window.begin) continue;
    const Date date = history.dates()[end - 1];
    for (const auto* list : {&compiled->feature->of, &compiled->feature->minus}) {
      for (const IndicatorId id : *list) {
        if (history.At(id, date)) reported.emplace_back(id, date);
      }
    }
  }
  std::ranges::sort(reported);
  reported.erase(std::unique(reported.begin(), reported.end()), reported.end());
  return reported;
}

// A changed report may move several features at once.
void ClearingCondition::AddReported(const History& history, Program* program,
                                    std::vector<ClearingChange>* changes) const {
  program->Want({&clears_, 1});
  program->SpreadFirstLane(kTried);
  for (const auto& [id, reported_on] : ReportedLast(history, *program)) {
    const Indicator& indicator = *catalogue_->Get(id);
    const int64_t value = history.At(id, reported_on)->value;
    program->Vary(id, reported_on, features_);
    Add(
        {.indicator = &indicator, .date = reported_on, .from = ToDouble(value, indicator.decimals)},
        {indicator.decimals, indicator.min, indicator.max},
        [&](std::span<const int64_t> tried, std::span<bool> holds) {
          for (size_t i = 0; i < tried.size(); ++i) program->TakeVaried(tried[i], i);
          program->DecideWanted(tried.size());
          for (size_t i = 0; i < tried.size(); ++i) holds[i] = Holds(program->Value(clears_, i));
        },
        changes);
    for (size_t lane = 0; lane < kTried; ++lane) program->TakeVaried(value, lane);
  }
  program->DecideWanted(kTried);
}

std::vector<ClearingChange> ClearingCondition::SmallestChanges(const History& history, Date date,
                                                               Program* program) {
  std::vector<ClearingChange> changes;
  if (Holds(program->Value(clears_, kLane))) return changes;
  AddNamed(date, *program, &changes);
  AddReported(history, program, &changes);
  std::ranges::stable_sort(changes, {}, [](const ClearingChange& change) {
    return std::pair(change.relative, std::abs(change.to - change.from));
  });
  return changes;
}

}  // namespace shouwang::risk
