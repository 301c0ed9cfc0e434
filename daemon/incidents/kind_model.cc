#include "daemon/incidents/kind_model.h"

#include <algorithm>
#include <cmath>

namespace shouwang::incidents {
namespace {

constexpr size_t kTopLevel = 0;

// Priors of the two variances, worth so many squares of an expected subject, and their bounds.
constexpr double kPriorSquares = 10;
constexpr double kPriorBetween = 0.25;
constexpr double kLeastBetween = 0.02;
constexpr double kMostBetween = 4;
constexpr double kPriorOverMonths = 0.1;
constexpr double kLeastOverMonths = 0.005;
constexpr double kMostOverMonths = 4;
// Of the top the prior is worth so many months.
constexpr double kPriorMonthsOfTop = 2;
// Nothing is known of the top yet.
constexpr double kUnknownVariation = 1;
// Nor does its past tell anything.
constexpr double kNothingKnown = 10;
constexpr double kHalf = 0.5;
// Months after which what was expected is good enough to learn variances from.
constexpr int kMonthsBeforeMoments = 3;

size_t LevelOf(const TablePlace& place) {
  if (place.parent < 0) return kTopLevel;
  if (place.place.IsSite()) return 6;
  switch (place.place.division.level()) {
    case DivisionLevel::kVillage:
      return 5;
    case DivisionLevel::kTownship:
      return 4;
    case DivisionLevel::kCounty:
      return 3;
    case DivisionLevel::kPrefecture:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

KindModel::KindModel(const OnsetTable* table, int half_life_months, int hold_months)
    : table_(table),
      keep_(std::exp2(-1.0 / half_life_months)),
      hold_months_(hold_months),
      lasted_(table->places().size(), 0),
      was_(table->places().size(), 0),
      expected_(table->places().size(), 0),
      chance_(table->places().size(), 0) {
  for (const TablePlace& place : table->places()) {
    level_.push_back(static_cast<uint8_t>(LevelOf(place)));
  }
}

double KindModel::Between(size_t level) const {
  const Moments& m = between_[level];
  return 1 / std::clamp((m.excess + kPriorBetween * kPriorSquares) / (m.squares + kPriorSquares),
                        kLeastBetween, kMostBetween);
}

double KindModel::OverMonths(size_t level) const {
  const Moments& m = over_months_[level];
  return std::clamp((m.excess + kPriorOverMonths * kPriorSquares) / (m.squares + kPriorSquares),
                    kLeastOverMonths, kMostOverMonths);
}

double KindModel::TopVariation(double mean) const {
  if (learnt_of_top_ < kMonthsBeforeMoments) return kUnknownVariation;
  const Moments& m = over_months_[kTopLevel];
  const double prior = kPriorMonthsOfTop * std::max(mean * mean, 1.0);
  return std::clamp((m.excess + kPriorOverMonths * prior) / (m.squares + prior), kLeastOverMonths,
                    kMostOverMonths) +
         1 / (was_[0] + kHalf);
}

void KindModel::Expect(int month, bool anew, std::span<const double> counts,
                       std::vector<Expected>* expected) const {
  const std::vector<TablePlace>& places = table_->places();
  expected->assign(places.size(), {});
  Expected& top = (*expected)[0];
  const double exposure = table_->exposure(0, month);
  if (expected_[0] > 0) {
    top.rate = (was_[0] + kHalf) / expected_[0];
  } else if (exposure > 0) {
    top.rate = (counts[0] + kHalf) / exposure;
  }
  top.neighbours_rate = top.rate;
  top.mean = exposure * top.rate;
  top.variation = anew ? kNothingKnown : TopVariation(top.mean);
  if (top.rate <= 0) return;
  for (size_t p = 1; p < places.size(); ++p) {
    const auto q = static_cast<size_t>(places[p].parent);
    const Expected& above = (*expected)[q];
    Expected& own = (*expected)[p];
    const double prior = 1 / above.variation;
    const double n = std::max(0.0, counts[q] - counts[p]);
    const double e = std::max(0.0F, table_->exposure(q, month) - table_->exposure(p, month));
    const double t = Between(level_[p]);
    own.neighbours_rate = (n + prior) / (e + prior / above.rate);
    own.rate = own.neighbours_rate * (t + was_[p]) / (t + expected_[p]);
    own.variation = 1 / (prior + n) + 1 / (t + was_[p]) + OverMonths(level_[p]);
    own.mean = table_->exposure(p, month) * own.rate;
  }
}

// Of the excesses those that have not lasted yet. A month without reports ends none.
std::vector<bool> KindModel::Follow(int month, const std::vector<bool>& excess) {
  std::vector<bool> passing(excess.size(), false);
  for (size_t p = 0; p < excess.size(); ++p) {
    if (table_->exposure(p, month) <= 0) continue;
    if (!excess[p]) {
      lasted_[p] = 0;
    } else if (lasted_[p] <= hold_months_) {
      ++lasted_[p];
    }
    passing[p] = excess[p] && lasted_[p] <= hold_months_;
  }
  return passing;
}

void KindModel::Learn(int month, std::span<const int64_t> counts,
                      std::span<const Expected> expected, const std::vector<bool>& excess) {
  const std::vector<TablePlace>& places = table_->places();
  const std::vector<bool> passing = Follow(month, excess);
  std::vector<double> quiet(counts.begin(), counts.end());
  if (std::ranges::find(passing, true) == passing.end()) {
    Update(month, quiet, expected, passing, excess);
    return;
  }
  for (size_t i = places.size(); i > 0; --i) {
    const size_t p = i - 1;
    const double over = quiet[p] - expected[p].mean;
    if (!passing[p] || over <= 0) continue;
    quiet[p] -= over;
    for (int32_t q = places[p].parent; q >= 0; q = places[static_cast<size_t>(q)].parent) {
      const auto a = static_cast<size_t>(q);
      // A village and a site that share households are taken out of their township once each.
      const double floor = std::min(quiet[a], expected[a].mean);
      quiet[a] = std::max(quiet[a] - over, floor);
    }
  }
  std::vector<bool> left_out(places.size(), false);
  for (size_t p = 1; p < places.size(); ++p) {
    const auto q = static_cast<size_t>(places[p].parent);
    left_out[p] = passing[p] || passing[q] || left_out[q];
  }
  left_out[0] = passing[0];
  std::vector<Expected> again;
  Expect(month, false, quiet, &again);
  Update(month, quiet, again, left_out, excess);
}

void KindModel::Update(int month, std::span<const double> counts,
                       std::span<const Expected> expected, const std::vector<bool>& left_out,
                       const std::vector<bool>& excess) {
  const auto keep = static_cast<float>(keep_);
  for (size_t p = 0; p < counts.size(); ++p) {
    const float exposure = table_->exposure(p, month);
    if (left_out[p] || exposure <= 0) continue;
    const Expected& what = expected[p];
    const int learnt = p == 0 ? learnt_of_top_ : learnt_;
    if (learnt >= kMonthsBeforeMoments && what.mean > 0 && !excess[p]) {
      Moments& moments = over_months_[level_[p]];
      const double explained =
          p == 0 ? 1 / (was_[0] + kHalf) : what.variation - OverMonths(level_[p]);
      const double off = counts[p] - what.mean;
      const double square = what.mean * what.mean;
      moments.excess += off * off - what.mean - square * explained;
      moments.squares += square;
    }
    was_[p] = was_[p] * keep + static_cast<float>(counts[p]);
    const double due = p == 0 ? exposure : exposure * what.neighbours_rate;
    expected_[p] = expected_[p] * keep + static_cast<float>(due);
    chance_[p] = chance_[p] * keep * keep + static_cast<float>(due);
    learnt_of_top_ += p == 0 ? 1 : 0;
  }
  if (table_->exposure(0, month) > 0) ++learnt_;
  EstimateBetween();
}

void KindModel::ForgetTop() {
  was_[0] = 0;
  expected_[0] = 0;
  over_months_[kTopLevel] = {};
  learnt_of_top_ = 0;
}

void KindModel::EstimateBetween() {
  between_ = {};
  for (size_t p = 1; p < was_.size(); ++p) {
    Moments& moments = between_[level_[p]];
    const double off = was_[p] - expected_[p];
    moments.excess += off * off - chance_[p];
    moments.squares += static_cast<double>(expected_[p]) * expected_[p];
  }
}

}  // namespace shouwang::incidents
