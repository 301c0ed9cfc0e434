#include "daemon/risk/projection.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/risk/normal.h"
#include "daemon/risk/window.h"
#include "storage/vocabulary/decimal.h"

namespace shouwang::risk {
namespace {

constexpr int kMonthsOfYear = 12;
// Net income by month, from `first` on.
class Months {
 public:
  Months(const ProjectionPolicy& policy, const Catalogue& catalogue, const History& history,
         Date date)
      : policy_(policy),
        first_(Month::OfIndex(date.month().index() - date.month().month_of_year() + 1) -
               kMonthsOfYear * policy.years),
        values_(static_cast<size_t>(kMonthsOfYear * (policy.years + 1))) {
    for (const Date reported : history.dates()) {
      if (reported > date || reported.month() < first_) continue;
      // Dates ascend, so the month's last one stays.
      if (const auto net = NetOn(catalogue, history, reported)) At(reported.month()) = net;
    }
  }
  Month first() const { return first_; }
  std::optional<double> Value(Month month) const {
    return month < first_ ? std::nullopt
                          : values_[static_cast<size_t>(month.index() - first_.index())];
  }
  // What earlier years make of the month.
  std::optional<double> Level(Month month) const {
    double weights = 0;
    double sum = 0;
    for (Month same = month - kMonthsOfYear; same >= first_; same = same - kMonthsOfYear) {
      const std::optional<double> value = Value(same);
      if (!value) continue;
      const int age = month.index() - same.index() - kMonthsOfYear;
      const double weight = std::exp2(-static_cast<double>(age) / policy_.half_life_months);
      weights += weight;
      sum += weight * *value;
    }
    return weights > 0 ? std::optional<double>(sum / weights) : std::nullopt;
  }

 private:
  std::optional<double>& At(Month month) {
    return values_[static_cast<size_t>(month.index() - first_.index())];
  }
  std::optional<double> NetOn(const Catalogue& catalogue, const History& history, Date date) const {
    double net = 0;
    for (const auto* list : {&policy_.of, &policy_.minus}) {
      for (const IndicatorId id : *list) {
        const std::optional<Point> point = history.At(id, date);
        if (!point) return std::nullopt;
        const double value = ToDouble(point->value, catalogue.Get(id)->decimals);
        net += list == &policy_.of ? value : -value;
      }
    }
    return net;
  }

  const ProjectionPolicy& policy_;
  const Month first_;
  std::vector<std::optional<double>> values_;
};

// How the household's months differed from its own earlier years.
struct Errors {
  double pace = 1;  // what they brought over what earlier years had
  double variance = 0;
  double correlation = 0;  // from month to month
  double count = 0;        // weighted (Kish)
};

std::optional<Errors> ErrorsOf(const ProjectionPolicy& policy, const Months& months, Month last) {
  struct Error {
    Month month;
    double value = 0;
    double weight = 0;
  };
  double brought = 0;
  double had = 0;
  std::vector<Error> errors;
  for (Month month = months.first() + kMonthsOfYear; month <= last; month = month + 1) {
    const std::optional<double> value = months.Value(month);
    const std::optional<double> level = months.Level(month);
    if (!value || !level) continue;
    const double net = std::max(*value, policy.floor);
    const double before = std::max(*level, policy.floor);
    const int age = last.index() - month.index();
    const double weight = std::exp2(-static_cast<double>(age) / policy.half_life_months);
    brought += weight * net;
    had += weight * before;
    errors.push_back({month, std::log(net / before), weight});
  }
  if (errors.size() < static_cast<size_t>(policy.at_least)) return std::nullopt;
  double weights = 0;
  double squares = 0;
  double sum = 0;
  for (const Error& error : errors) {
    weights += error.weight;
    squares += error.weight * error.weight;
    sum += error.weight * error.value;
  }
  Errors found;
  found.pace = brought / had;
  const double mean = sum / weights;
  found.count = weights * weights / squares;
  double spread = 0;
  double pairs = 0;
  double pair_weights = 0;
  for (size_t i = 0; i < errors.size(); ++i) {
    const double distance = errors[i].value - mean;
    spread += errors[i].weight * distance * distance;
    if (i == 0 || errors[i - 1].month + 1 != errors[i].month) continue;
    pairs += errors[i].weight * distance * (errors[i - 1].value - mean);
    pair_weights += errors[i].weight;
  }
  spread /= weights;
  found.variance = spread * found.count / (found.count - 1);
  if (spread > 0 && pair_weights > 0) {
    found.correlation = std::clamp(pairs / pair_weights / spread, 0.0, 1.0);
  }
  return found;
}

double VarianceOfMean(const Errors& errors, int months) {
  double sum = 1;
  double power = 1;
  for (int k = 1; k < months; ++k) {
    power *= errors.correlation;
    sum += 2 * (1 - static_cast<double>(k) / months) * power;
  }
  return errors.variance / months * sum;
}

// Of the pace, in logarithms.
double VarianceOfPace(const Errors& errors) {
  const double told = errors.count * (1 - errors.correlation) / (1 + errors.correlation);
  return errors.variance / std::max(told, 1.0);
}

// Of a whole household: the months to come, and with them the year.
void FillMonthsToCome(double line, double level, const Errors& errors, double z,
                      Projection* projection) {
  const double rest = level * errors.pace;
  const double of_months = VarianceOfMean(errors, projection->months_to_come);
  const double of_pace = VarianceOfPace(errors);
  const double spread = std::sqrt(of_months + of_pace);
  const double mean = std::log(rest) - (of_months + of_pace) / 2;
  projection->expected += rest;
  projection->low += std::exp(mean - z * spread);
  projection->high += std::exp(mean + z * spread);
  const double left = line - projection->reported;
  if (left <= 0) return;  // the line is reached already
  const auto below = [&](double centre, double deviation) {
    if (deviation > 0) return Phi((std::log(left) - centre) / deviation);
    return std::log(left) > centre ? 1.0 : 0.0;
  };
  const double shift = z * std::sqrt(of_pace);
  projection->probability = below(mean, spread);
  projection->probability_low = below(mean + shift, std::sqrt(of_months));
  projection->probability_high = below(mean - shift, std::sqrt(of_months));
}

std::optional<double> PersonsAt(const ProjectionPolicy& policy, const Catalogue& catalogue,
                                const History& history, Date date) {
  const DateRange window{MonthsBefore(date, kPerWindowMonths) + 1, date};
  const std::vector<Point> points = history.Of(policy.per, window);
  if (points.empty() || points.back().value <= 0) return std::nullopt;
  return ToDouble(points.back().value, catalogue.Get(policy.per)->decimals);
}

}  // namespace

std::optional<Projection> Project(const ProjectionPolicy& policy, double line,
                                  const Catalogue& catalogue, const History& history, Date date,
                                  ProjectionLack* lack) {
  *lack = ProjectionLack::kPersons;
  const std::optional<double> persons = PersonsAt(policy, catalogue, history, date);
  if (!persons) return std::nullopt;
  const Months months(policy, catalogue, history, date);
  const Month january = months.first() + kMonthsOfYear * policy.years;
  Projection projection;
  double level = 0;
  for (Month month = january; month < january + kMonthsOfYear; month = month + 1) {
    if (const std::optional<double> value = months.Value(month)) {
      projection.reported += *value;
      continue;
    }
    *lack = ProjectionLack::kSeason;
    const std::optional<double> expected = months.Level(month);
    if (!expected) return std::nullopt;
    level += std::max(*expected, policy.floor);
    ++projection.months_to_come;
  }
  projection.line = line;
  projection.low = projection.high = projection.expected = projection.reported;
  if (projection.months_to_come == 0) {
    const double below = projection.reported < line * *persons ? 1 : 0;
    projection.probability = projection.probability_low = projection.probability_high = below;
  } else {
    *lack = ProjectionLack::kMonths;
    const std::optional<Errors> errors = ErrorsOf(policy, months, date.month());
    if (!errors) return std::nullopt;
    const double z = Quantile((1 + policy.confidence) / 2);
    FillMonthsToCome(line * *persons, level, *errors, z, &projection);
  }
  for (double* income :
       {&projection.reported, &projection.expected, &projection.low, &projection.high}) {
    *income /= *persons;
  }
  *lack = ProjectionLack::kNone;
  return projection;
}

}  // namespace shouwang::risk
