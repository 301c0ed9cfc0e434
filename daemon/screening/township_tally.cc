#include "daemon/screening/township_tally.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "storage/vocabulary/decimal.h"

namespace shouwang::screening {
namespace {

// Batches are looked up again beyond so many of a township.
constexpr size_t kMaxBatches = 500'000;
constexpr size_t kLane = 0;
// Below it the last digit of an amount is its first, and first digits are not spread evenly.
constexpr int64_t kLeastDigitAmount = 10;

std::vector<const risk::Feature*> BunchingFeature(const risk::Policy& policy) {
  return {policy.FindFeature(policy.screening->bunching_feature)};
}

std::vector<IndicatorId> IncomeIndicators(const risk::Policy& policy) {
  std::vector<IndicatorId> ids;
  for (const risk::Feature* behind :
       risk::FeaturesBehind(policy, policy.screening->bunching_feature)) {
    ids.insert(ids.end(), behind->of.begin(), behind->of.end());
  }
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

int64_t ScaleOf(const Indicator& indicator) {
  int64_t scale = 1;
  for (int i = 0; i < indicator.decimals; ++i) scale *= 10;
  return scale;
}

}  // namespace

// A report, amount by amount.
struct TownshipTally::ReportAgain {
  size_t reporter = 0;
  Date date;
  Date before;
  bool positive = false;
  bool same = false;
};

TownshipTally::TownshipTally(const risk::Policy& policy, const Catalogue& catalogue,
                             const Division& township, const MonthRange& months, OriginOf origin_of)
    : screening_(*policy.screening),
      catalogue_(catalogue),
      township_(township),
      window_{Date::FirstOf(months.from), Date::LastOf(months.to)},
      origin_of_(origin_of),
      line_(policy.FindConstant(policy.screening->bunching_line)->value),
      income_indicators_(IncomeIndicators(policy)),
      program_(policy, catalogue, {}, BunchingFeature(policy)) {
  for (const IndicatorId id : screening_.amounts) scales_.push_back(ScaleOf(*catalogue.Get(id)));
}

absl::StatusOr<size_t> TownshipTally::ReporterOf(const BatchOrigin& origin) {
  const auto [at, added] =
      by_reporter_.try_emplace({township_, origin.collector, origin.source}, reporters_.size());
  if (!added) return at->second;
  if (reporters_.size() == kMaxReportersOfTownship) {
    return absl::ResourceExhaustedError(
        fmt::format("township {} has more than {} reporters in the months asked for; fewer months, "
                    "or one collector's name for many, would do",
                    township_.ToString(), kMaxReportersOfTownship));
  }
  ReporterTally& tally = reporters_.emplace_back();
  tally.reporter = at->first;
  tally.pairs.resize(screening_.amounts.size());
  visits_.emplace_back();
  return at->second;
}

absl::StatusOr<TownshipTally::Batch> TownshipTally::Find(uint64_t number) {
  const auto known = batches_.find(number);
  if (known != batches_.end()) return known->second;
  const absl::StatusOr<std::optional<BatchOrigin>> origin = origin_of_(number);
  if (!origin.ok()) return origin.status();
  Batch batch;
  if (*origin) {
    const absl::StatusOr<size_t> reporter = ReporterOf(**origin);
    if (!reporter.ok()) return reporter.status();
    batch = {*reporter, (*origin)->reported_at};
  }
  if (batches_.size() >= kMaxBatches) batches_.clear();
  batches_.emplace(number, batch);
  return batch;
}

absl::Status TownshipTally::AddClaim(const Observation& observation, bool stands) {
  const absl::StatusOr<Batch> batch = Find(observation.arrival.batch);
  if (!batch.ok()) return batch.status();
  if (!batch->reporter) {
    if (window_.Contains(observation.date)) ++unknown_;
    return absl::OkStatus();
  }
  claims_.push_back({observation.indicator, observation.date, *batch->reporter, batch->entered,
                     observation.arrival, observation.value, stands});
  return absl::OkStatus();
}

// All claims on cells of the window and of the month before it, by indicator, date and reporter.
absl::Status TownshipTally::Gather(const History& history,
                                   std::span<const SupersededValue> superseded) {
  claims_.clear();
  const DateRange range{Date::FirstOf(window_.from.month() - 1), window_.to};
  for (const IndicatorId indicator : history.indicators()) {
    for (const Point& point : history.Of(indicator, range)) {
      absl::Status added = AddClaim(
          {history.subject(), indicator, point.date, point.value, history.ArrivalOf(point)},
          /*stands=*/true);
      if (!added.ok()) return added;
    }
  }
  for (const SupersededValue& value : superseded) {
    if (!range.Contains(value.observation.date)) continue;
    absl::Status added = AddClaim(value.observation, /*stands=*/false);
    if (!added.ok()) return added;
  }
  const auto cell = [](const Claim& claim) {
    return std::tuple(claim.indicator, claim.date, claim.reporter);
  };
  std::ranges::sort(claims_, [&](const Claim& a, const Claim& b) {
    if (cell(a) != cell(b)) return cell(a) < cell(b);
    if (a.stands != b.stands) return a.stands;
    return Supersedes(a.arrival, a.value, b.arrival, b.value);
  });
  return absl::OkStatus();
}

absl::Status TownshipTally::Add(const History& history,
                                std::span<const SupersededValue> superseded) {
  if (history.subject().kind != SubjectKind::kHousehold) return absl::OkStatus();
  if (absl::Status gathered = Gather(history, superseded); !gathered.ok()) return gathered;
  // Before only the last claim of a reporter on a cell is left: an earlier one tells when it came.
  if (absl::Status counted = CountVisits(); !counted.ok()) return counted;
  const auto of_one_cell = [](const Claim& a, const Claim& b) {
    return a.indicator == b.indicator && a.date == b.date && a.reporter == b.reporter;
  };
  claims_.erase(std::unique(claims_.begin(), claims_.end(), of_one_cell), claims_.end());
  CountAmounts(history.subject());
  CountIncome(history);
  return absl::OkStatus();
}

void TownshipTally::CountAmounts(const Subject& subject) {
  std::vector<ReportAgain> reports;
  for (size_t amount = 0; amount < screening_.amounts.size(); ++amount) {
    const IndicatorId indicator = screening_.amounts[amount];
    const auto begin = std::ranges::lower_bound(claims_, indicator, {}, &Claim::indicator);
    const auto end = std::ranges::upper_bound(claims_, indicator, {}, &Claim::indicator);
    CountAmount(subject, amount, {begin, end}, &reports);
  }
  CountReportsAgain(subject, std::move(reports));
}

// What the reporter itself said last of the month before; else what stands there.
const TownshipTally::Claim* TownshipTally::OfMonthBefore(std::span<const Claim> claims,
                                                         const Claim& claim) {
  const Claim* own = nullptr;
  const Claim* standing = nullptr;
  for (const Claim& earlier : claims) {
    if (earlier.date >= claim.date) break;
    if (earlier.date.month() != claim.date.month() - 1) continue;
    if (earlier.reporter == claim.reporter) own = &earlier;
    if (earlier.stands) standing = &earlier;
  }
  return own != nullptr ? own : standing;
}

void TownshipTally::CountAmount(const Subject& subject, size_t amount,
                                std::span<const Claim> claims, std::vector<ReportAgain>* reports) {
  for (const Claim& claim : claims) {
    if (!window_.Contains(claim.date)) continue;
    const Claim* before = OfMonthBefore(claims, claim);
    const bool same = before != nullptr && before->value == claim.value;
    if (!same) CountAnew(subject, claim);
    if (before == nullptr) continue;
    reports->push_back({claim.reporter, claim.date, before->date, claim.value > 0, same});
    if (claim.value <= 0 || before->value <= 0) continue;
    ReporterTally::Pairs& pairs = reporters_[claim.reporter].pairs[amount];
    ++pairs.share.values;
    if (!same) continue;
    ++pairs.share.hits;
    pairs.examples.Add({subject,
                        claim.indicator,
                        claim.date,
                        before->date,
                        ToDouble(claim.value, catalogue_.Get(claim.indicator)->decimals),
                        {}});
  }
}

void TownshipTally::CountAnew(const Subject& subject, const Claim& claim) {
  const auto at = std::ranges::lower_bound(screening_.amounts, claim.indicator);
  const int64_t scale = scales_[static_cast<size_t>(at - screening_.amounts.begin())];
  const int64_t yuan = claim.value / scale;
  ReporterTally& tally = reporters_[claim.reporter];
  if (yuan >= kLeastDigitAmount && yuan % 10 != 0)
    ++tally.digits[static_cast<size_t>(yuan % 10 - 1)];
  const risk::RoundAmount* band = nullptr;
  for (const risk::RoundAmount& round : screening_.round) {
    if (yuan >= round.from) band = &round;
  }
  if (band == nullptr) return;
  ++tally.round.values;
  if (claim.value % (band->multiple * scale) != 0) return;
  ++tally.round.hits;
  tally.round_examples.Add(
      {subject, claim.indicator, claim.date, std::nullopt, static_cast<double>(yuan), {}});
}

void TownshipTally::CountReportsAgain(const Subject& subject, std::vector<ReportAgain> reports) {
  const auto key = [](const ReportAgain& report) {
    return std::pair(report.reporter, report.date);
  };
  std::ranges::stable_sort(reports, {}, key);
  for (size_t begin = 0, end = 0; begin < reports.size(); begin = end) {
    int positive = 0;
    bool same = true;
    for (; end < reports.size() && key(reports[end]) == key(reports[begin]); ++end) {
      positive += reports[end].positive ? 1 : 0;
      same = same && reports[end].same;
    }
    if (positive < screening_.report_values) continue;
    ReporterTally& tally = reporters_[reports[begin].reporter];
    ++tally.reports_again.values;
    if (!same) continue;
    ++tally.reports_again.hits;
    tally.report_examples.Add({subject,
                               0,
                               reports[begin].date,
                               reports[begin].before,
                               static_cast<double>(positive),
                               {}});
  }
}

absl::Status TownshipTally::CountVisits() {
  struct Seen {
    size_t reporter;
    Date date;
    Instant entered;
    auto operator<=>(const Seen&) const = default;
  };
  std::vector<Seen> seen;
  for (const Claim& claim : claims_) {
    if (window_.Contains(claim.date)) seen.push_back({claim.reporter, claim.date, claim.entered});
  }
  std::ranges::sort(seen);
  // The earliest of each date is left.
  const auto of_one_date = [](const Seen& a, const Seen& b) {
    return a.reporter == b.reporter && a.date == b.date;
  };
  seen.erase(std::unique(seen.begin(), seen.end(), of_one_date), seen.end());
  for (size_t i = 0; i < seen.size(); ++i) {
    ReporterTally& tally = reporters_[seen[i].reporter];
    if (i == 0 || seen[i - 1].reporter != seen[i].reporter) ++tally.households;
    ++tally.reports;
    if (tally.reporter.source != Source::kCadreVisit) continue;
    ++tally.visits.values;
    Visits& visits = visits_[seen[i].reporter];
    ++visits.by_day[seen[i].date.days()];
    if (visits.by_instant[seen[i].entered.time_since_epoch().count()]++ > 0) continue;
    if (++instants_ > kMaxInstantsOfTownship) {
      return absl::ResourceExhaustedError(
          fmt::format("township {} has reports made at more than {} instants in the months asked "
                      "for; ask for fewer months",
                      township_.ToString(), kMaxInstantsOfTownship));
    }
  }
  return absl::OkStatus();
}

// To whoever said the latest of what the income is made of.
void TownshipTally::CountIncome(const History& history) {
  const auto dates = history.dates();
  const auto after = std::ranges::upper_bound(dates, window_.to);
  if (after == dates.begin() || *(after - 1) < window_.from) return;
  const Date last = *(after - 1);
  program_.Open(history, last, last);
  program_.Take(last, kLane);
  program_.Decide(kLane + 1);
  const risk::CompiledFeature* feature = program_.Find(screening_.bunching_feature);
  const double income = program_.Value(feature->value, kLane);
  const double width = line_ * screening_.bunching_width;
  if (std::isnan(income) || income < line_ - width || income >= line_ + width) return;
  const Claim* latest = nullptr;
  for (const Claim& claim : claims_) {
    if (!claim.stands || !std::ranges::binary_search(income_indicators_, claim.indicator)) continue;
    if (latest == nullptr || claim.date > latest->date ||
        (claim.date == latest->date &&
         reporters_[claim.reporter].reporter < reporters_[latest->reporter].reporter)) {
      latest = &claim;
    }
  }
  if (latest == nullptr) return;
  ReporterTally& tally = reporters_[latest->reporter];
  ++tally.above_line.values;
  if (income < line_) return;
  ++tally.above_line.hits;
  tally.income_examples.Add({history.subject(), 0, last, std::nullopt, income, {}});
}

std::vector<ReporterTally> TownshipTally::Finish() {
  for (size_t i = 0; i < reporters_.size(); ++i) {
    EntrySpeed speed = MeasureEntrySpeed(screening_, visits_[i].by_day, visits_[i].by_instant);
    reporters_[i].visits.hits = std::min(speed.implausible, reporters_[i].visits.values);
    reporters_[i].speed_examples = std::move(speed.examples);
  }
  std::ranges::sort(reporters_, {}, &ReporterTally::reporter);
  std::erase_if(reporters_, [](const ReporterTally& tally) { return tally.reports == 0; });
  return std::move(reporters_);
}

}  // namespace shouwang::screening
