#include "daemon/risk/clearing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>
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
  // 1, 2, 4, ... steps past `from`, and the bound.
  std::vector<int64_t> Doubling(int64_t from) const {
    std::vector<int64_t> distances;
    for (int64_t more = 1; more < most_ - from; more *= 2) distances.push_back(from + more);
    if (from < most_) distances.push_back(most_);
    return distances;
  }
  // Up to kTried distances strictly between the two, evenly.
  static std::vector<int64_t> Between(int64_t below, int64_t above) {
    std::vector<int64_t> distances;
    const auto parts = static_cast<int64_t>(kTried) + 1;
    for (int64_t part = 1; part < parts; ++part) {
      const int64_t distance = below + (above - below) * part / parts;
      if (distance > (distances.empty() ? below : distances.back())) distances.push_back(distance);
    }
    return distances;
  }
  // The first of the ascending `distances` with which the condition holds; `below` becomes the one
  // before it, or the last of all where it holds with none.
  std::optional<int64_t> FirstOf(std::span<const int64_t> distances, int64_t* below) {
    for (size_t first = 0; first < distances.size(); first += kTried) {
      const size_t count = std::min(kTried, distances.size() - first);
      std::array<int64_t, kTried> values{};
      for (size_t i = 0; i < count; ++i) values[i] = start_ + sign_ * distances[first + i];
      std::array<bool, kTried> holds{};
      try_(std::span(values).first(count), std::span(holds).first(count));
      for (size_t i = 0; i < count; ++i) {
        if (holds[i]) return distances[first + i];
        *below = distances[first + i];
      }
    }
    return std::nullopt;
  }
  bool HoldsBeyond(int64_t distance) {
    const std::vector<int64_t> further = Doubling(distance);
    for (size_t first = 0; first < further.size(); first += kTried) {
      const size_t count = std::min(kTried, further.size() - first);
      std::array<int64_t, kTried> values{};
      for (size_t i = 0; i < count; ++i) values[i] = start_ + sign_ * further[first + i];
      std::array<bool, kTried> holds{};
      try_(std::span(values).first(count), std::span(holds).first(count));
      if (std::ranges::find(holds.begin(), holds.begin() + count, false) != holds.begin() + count) {
        return false;
      }
    }
    return !further.empty();
  }

  const int64_t start_;
  const int64_t sign_;
  const int64_t most_;  // distance to the bound
  const Try try_;
};

// Where an input lies between its bounds, counted in steps of 10 to the -decimals.
struct Input {
  double from = 0;
  int decimals = 0;
  int64_t least = -kMaxScaledValue;
  int64_t most = kMaxScaledValue;
};

double RelativeChange(double from, double to) {
  const double larger = std::max(std::abs(from), std::abs(to));
  return larger == 0 ? 0 : std::abs(to - from) / larger;
}

// The smaller of the least changes upwards and downwards; `change` has the input's name already.
void Add(ClearingChange change, const Input& input, Try attempt,
         std::vector<ClearingChange>* changes) {
  const double scale = PowerOfTen(input.decimals);
  const double steps = input.from * scale;
  if (!(std::abs(steps) <= static_cast<double>(kMaxScaledValue))) return;
  // An input between two steps goes to the next one in either direction.
  const auto floor = static_cast<int64_t>(std::floor(steps));
  const auto ceiling = static_cast<int64_t>(std::ceil(steps));
  std::optional<ClearingChange> best;
  const auto look = [&](int64_t start, int64_t bound) {
    const auto nearest = Direction(start, bound, attempt).Find();
    if (!nearest) return;
    change.from = input.from;
    change.to = static_cast<double>(nearest->at) / scale;
    change.relative = RelativeChange(change.from, change.to);
    change.beyond = nearest->beyond;
    if (!best || std::abs(change.to - change.from) < std::abs(best->to - best->from)) best = change;
  };
  if (floor < input.most) look(floor, input.most);
  if (ceiling > input.least) look(ceiling, input.least);
  if (best) changes->push_back(*best);
}

bool IsOneValue(const Feature& feature) {
  const bool picks = feature.kind == FeatureKind::kLast || feature.kind == FeatureKind::kMin ||
                     feature.kind == FeatureKind::kMax;
  return picks && feature.of.size() == 1 && feature.minus.empty() && !feature.per;
}

Input InputOf(const Feature& feature, double value, const Catalogue& catalogue) {
  Input input{.from = value, .decimals = feature.unit == "ratio" ? kRatioDecimals : kDecimals};
  switch (feature.kind) {
    case FeatureKind::kCount:
    case FeatureKind::kMonthsSince:
    case FeatureKind::kLongestZeroRun:
      input.decimals = 0;
      input.least = 0;
      break;
    default:
      if (!IsOneValue(feature)) break;
      const Indicator& indicator = *catalogue.Get(feature.of.front());
      input.decimals = indicator.decimals;
      input.least = indicator.min;
      input.most = indicator.max;
  }
  return input;
}

// Features that the condition itself names.
void AddFeatures(Register clears, std::string_view condition, Date date, const Program& program,
                 const Catalogue& catalogue, std::vector<ClearingChange>* changes) {
  for (const std::string& name : NamesIn(condition)) {
    const CompiledFeature* compiled = program.Find(name);
    if (compiled == nullptr) continue;  // a constant
    const double value = program.Value(compiled->value, kLane);
    if (std::isnan(value)) continue;  // it is lacking, not low or high
    Tape::Branch branch = program.BranchOf(compiled->value, clears, kLane);
    const Input input = InputOf(*compiled->feature, value, catalogue);
    const double scale = PowerOfTen(input.decimals);
    Add(
        {.feature = compiled->feature, .date = date}, input,
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

using Reported = std::pair<IndicatorId, Date>;

// The values reported last that a sum, mean or last of the condition is made of.
std::set<Reported> ReportedBehind(std::string_view condition, const Program& program,
                                  const History& history) {
  std::set<Reported> reported;
  for (const Feature* feature : FeaturesBehind(program.policy(), condition)) {
    const CompiledFeature& compiled = *program.Find(feature->name);
    if (feature->kind != FeatureKind::kSum && feature->kind != FeatureKind::kMean &&
        feature->kind != FeatureKind::kLast) {
      continue;
    }
    const Window window = program.WindowOf(compiled);
    const Series& series = program.SeriesOf(compiled);
    size_t end = window.end;
    while (end > window.begin && !series.usable(end - 1)) --end;
    if (end == window.begin) continue;
    const Date date = history.dates()[end - 1];
    for (const auto* list : {&feature->of, &feature->minus}) {
      for (const IndicatorId id : *list) {
        if (history.At(id, date)) reported.insert({id, date});
      }
    }
  }
  return reported;
}

// A changed report may move several features at once.
void AddReported(Register clears, Date date, const std::set<Reported>& reported,
                 const Catalogue& catalogue, History history, Program* program,
                 std::vector<ClearingChange>* changes) {
  program->Open(history, date, date);
  for (size_t lane = 0; lane < kTried; ++lane) program->Take(date, lane);
  for (const Reported& one : reported) {
    const IndicatorId id = one.first;
    const Date reported_on = one.second;
    const Indicator& indicator = *catalogue.Get(id);
    const Point point = *history.At(id, reported_on);
    const Arrival arrival = history.ArrivalOf(point);
    const Input input{.from = ToDouble(point.value, indicator.decimals),
                      .decimals = indicator.decimals,
                      .least = indicator.min,
                      .most = indicator.max};
    Add(
        {.indicator = &indicator, .date = reported_on}, input,
        [&](std::span<const int64_t> tried, std::span<bool> holds) {
          for (size_t i = 0; i < tried.size(); ++i) {
            history.Put(id, reported_on, tried[i], arrival);
            program->TakeAgain(id, reported_on, date, i);
          }
          program->Decide(tried.size());
          for (size_t i = 0; i < tried.size(); ++i) holds[i] = Holds(program->Value(clears, i));
        },
        changes);
    history.Put(id, reported_on, point.value, arrival);
    for (size_t lane = 0; lane < kTried; ++lane) program->TakeAgain(id, reported_on, date, lane);
  }
}

}  // namespace

std::vector<ClearingChange> ClearingChanges(const History& history, Date date,
                                            const Catalogue& catalogue, Program* program) {
  std::vector<ClearingChange> changes;
  const CompiledRule& rule = program->rules().front();
  const Register clears = rule.clear.result;
  program->Open(history, date, date);
  program->Take(date, kLane);
  program->Decide(kLane + 1);
  if (Holds(program->Value(clears, kLane))) return changes;
  const std::string condition = ClearCondition(*rule.rule);
  const std::set<Reported> reported = ReportedBehind(condition, *program, history);
  AddFeatures(clears, condition, date, *program, catalogue, &changes);
  AddReported(clears, date, reported, catalogue, history, program, &changes);
  std::ranges::stable_sort(changes, {}, [](const ClearingChange& change) {
    return std::pair(change.relative, std::abs(change.to - change.from));
  });
  return changes;
}

}  // namespace shouwang::risk
