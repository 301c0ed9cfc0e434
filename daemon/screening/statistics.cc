#include "daemon/screening/statistics.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace shouwang::screening {
namespace {

constexpr double kPi = std::numbers::pi;
// Of Qn against the standard deviation, for a normal sample.
constexpr double kQnEfficiency = 0.82;
constexpr double kQnConsistency = 2.2219;
constexpr double kMeanChiSquare8 = 8;
constexpr double kMedianChiSquare8 = 7.344;

// Rousseeuw and Croux's d_n.
double SmallSampleFactor(size_t n) {
  constexpr std::array<double, 10> kFactors = {0,     0,     0.399, 0.994, 0.512,
                                               0.844, 0.611, 0.857, 0.669, 0.872};
  if (n < kFactors.size()) return kFactors[n];
  const auto size = static_cast<double>(n);
  return n % 2 == 1 ? size / (size + 1.4) : size / (size + 3.8);
}

// Anscombe's transform of a share, and its variance.
double Stable(const Share& share) {
  const double hits = static_cast<double>(share.hits) + 0.375;
  return std::asin(std::sqrt(hits / (static_cast<double>(share.values) + 0.75)));
}
double Variance(const Share& share) { return 1 / (4 * static_cast<double>(share.values) + 2); }

uint64_t Total(const Digits& digits) {
  return std::accumulate(digits.begin(), digits.end(), uint64_t{0});
}

double Dissimilarity(const Digits& digits, const std::array<double, 9>& shares) {
  double sum = 0;
  for (size_t d = 0; d < digits.size(); ++d) {
    sum +=
        std::abs(static_cast<double>(digits[d]) / static_cast<double>(Total(digits)) - shares[d]);
  }
  return sum / 2;
}

double ChiSquare(const Digits& digits, const std::array<double, 9>& shares) {
  double sum = 0;
  const auto total = static_cast<double>(Total(digits));
  for (size_t d = 0; d < digits.size(); ++d) {
    // A digit that the median peer never has counts as half an amount.
    const double expected = std::max(total * shares[d], 0.5);
    sum += (static_cast<double>(digits[d]) - expected) *
           (static_cast<double>(digits[d]) - expected) / expected;
  }
  return sum;
}

}  // namespace

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double Qn(std::span<const double> values) {
  const size_t n = values.size();
  if (n < 2) return 0;
  std::vector<double> differences;
  differences.reserve(n * (n - 1) / 2);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i + 1; j < n; ++j) differences.push_back(std::abs(values[i] - values[j]));
  }
  const size_t half = n / 2 + 1;
  const auto at = differences.begin() + static_cast<std::ptrdiff_t>(half * (half - 1) / 2 - 1);
  std::ranges::nth_element(differences, at);
  return kQnConsistency * SmallSampleFactor(n) * *at;
}

double StudentTail(double t, int freedom) {
  if (t < 0) return 1 - StudentTail(-t, freedom);
  const double theta = std::atan(t / std::sqrt(static_cast<double>(freedom)));
  const double cosine = std::cos(theta);
  double term = freedom % 2 == 1 ? cosine : 1;
  double sum = freedom == 1 ? 0 : term;
  for (int i = freedom % 2 == 1 ? 3 : 2; i < freedom; i += 2) {
    term *= cosine * cosine * (i - 1) / i;
    sum += term;
  }
  const double between =
      freedom % 2 == 1 ? 2 / kPi * (theta + std::sin(theta) * sum) : std::sin(theta) * sum;
  return std::clamp((1 - between) / 2, 0.0, 0.5);
}

double ChiSquareTail8(double x) {
  const double h = std::max(x, 0.0) / 2;
  return std::exp(-h) * (1 + h * (1 + h / 2 * (1 + h / 3)));
}

double TailAmongPeers(const Share& own, std::span<const Share> peers) {
  std::vector<double> stable;
  std::vector<double> variances;
  for (const Share& peer : peers) {
    stable.push_back(Stable(peer));
    variances.push_back(Variance(peer));
  }
  const double middle = Median(stable);
  std::vector<double> standing;
  for (size_t i = 0; i < peers.size(); ++i) {
    standing.push_back((stable[i] - middle) / std::sqrt(variances[i]));
  }
  const double clumping = std::max(1.0, std::pow(Qn(standing), 2));
  const double customs = std::max(0.0, std::pow(Qn(stable), 2) - Median(variances));
  const double variance = std::max(clumping * Variance(own), customs + Variance(own));
  const auto count = static_cast<double>(peers.size());
  const double t = (Stable(own) - middle) / std::sqrt(variance * (1 + kPi / (2 * count)));
  return StudentTail(t, std::max(1, static_cast<int>(kQnEfficiency * (count - 1))));
}

DigitsAmongPeers CompareDigits(const Digits& own, std::span<const Digits> peers) {
  std::array<double, 9> shares{};
  for (size_t d = 0; d < shares.size(); ++d) {
    std::vector<double> of_peers;
    for (const Digits& peer : peers) {
      of_peers.push_back(static_cast<double>(peer[d]) / static_cast<double>(Total(peer)));
    }
    shares[d] = Median(std::move(of_peers));
  }
  const double sum = std::accumulate(shares.begin(), shares.end(), 0.0);
  for (double& share : shares) share = sum > 0 ? share / sum : 1.0 / 9;
  DigitsAmongPeers result;
  std::vector<double> dissimilarities;
  std::vector<double> chi_squares;
  std::vector<double> apart;  // what honest differences add to it, by the amount
  for (const Digits& peer : peers) {
    dissimilarities.push_back(Dissimilarity(peer, shares));
    chi_squares.push_back(ChiSquare(peer, shares));
    apart.push_back((chi_squares.back() - kMeanChiSquare8) / static_cast<double>(Total(peer)));
  }
  result.dissimilarity = Dissimilarity(own, shares);
  result.peers_median = Median(std::move(dissimilarities));
  for (size_t d = 0; d < shares.size(); ++d) {
    result.expected[d] = shares[d] * static_cast<double>(Total(own));
  }
  const double clumping = std::max(1.0, Median(std::move(chi_squares)) / kMedianChiSquare8);
  const double customs = 1 + static_cast<double>(Total(own)) *
                                 std::max(0.0, Median(std::move(apart))) / kMeanChiSquare8;
  result.p = ChiSquareTail8(ChiSquare(own, shares) / std::max(clumping, customs));
  return result;
}

std::vector<double> BenjaminiHochberg(std::span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> q(p.size());
  double least = 1;
  for (size_t rank = order.size(); rank-- > 0;) {
    const double here =
        p[order[rank]] * static_cast<double>(p.size()) / static_cast<double>(rank + 1);
    least = std::min(least, here);
    q[order[rank]] = least;
  }
  return q;
}

}  // namespace shouwang::screening
