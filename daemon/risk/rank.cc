#include "daemon/risk/rank.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "daemon/risk/feature.h"

namespace shouwang::risk {
namespace {

constexpr size_t kLane = 0;
constexpr int kMonthsOfYear = 12;

std::vector<const Feature*> FeaturesOf(const Policy& policy) {
  std::vector<const Feature*> features;
  for (const std::string* name :
       {&policy.worklist->trend_feature, &policy.worklist->vulnerability_feature}) {
    if (!name->empty()) features.push_back(policy.FindFeature(*name));
  }
  return features;
}

double PointsOf(const WorklistPolicy& worklist, Severity severity) {
  switch (severity) {
    case Severity::kYellow:
      return worklist.yellow;
    case Severity::kOrange:
      return worklist.orange;
    case Severity::kRed:
      return worklist.red;
  }
  return 0;
}

// Whole per cent, as a probability is not known to hundredths; no "-0%".
std::string PerCent(double share) { return fmt::format("{:.0f}%", std::round(share * 100) + 0.0); }

std::string ProbabilityText(const HouseholdRank& rank, std::string_view line, bool zh) {
  if (rank.projection) {
    const Projection& p = *rank.projection;
    return zh ? fmt::format("年底低于{}的概率{}（{}至{}）", line, PerCent(p.probability),
                            PerCent(p.probability_low), PerCent(p.probability_high))
              : fmt::format("{} likely below the {} by the end of the year ({} to {})",
                            PerCent(p.probability), line, PerCent(p.probability_low),
                            PerCent(p.probability_high));
  }
  if (rank.vulnerability) {
    return zh ? fmt::format("低于{}的概率{}（历史不足以预计年底收入）", line,
                            PerCent(*rank.vulnerability))
              : fmt::format("{} likely below the {} (too little history to project the year)",
                            PerCent(*rank.vulnerability), line);
  }
  return zh ? fmt::format("是否低于{}无法预计（历史不足）", line)
            : fmt::format("below the {} or not can't be told (too little history)", line);
}

}  // namespace

Ranker::Ranker(const Policy& policy, const Catalogue& catalogue)
    : policy_(policy),
      worklist_(*policy.worklist),
      catalogue_(catalogue),
      line_(policy.FindConstant(policy.worklist->projection.line)->value),
      program_(policy, catalogue, {}, FeaturesOf(policy)) {
  // From the first January that a projection reads, and from the last report, which may be older
  // than the month.
  lookback_months_ = kMonthsOfYear * (worklist_.projection.years + 1);
  for (const CompiledFeature& compiled : program_.features()) {
    lookback_months_ =
        std::max(lookback_months_, risk::LookbackMonths(*compiled.feature) + kMonthsOfYear);
  }
}

std::optional<double> Ranker::ValueOf(const std::string& feature) const {
  const CompiledFeature* compiled = program_.Find(feature);
  if (compiled == nullptr) return std::nullopt;
  const double value = program_.Value(compiled->value, kLane);
  return std::isnan(value) ? std::nullopt : std::optional<double>(value);
}

HouseholdRank Ranker::Rank(const History& history, std::span<const Warning> open, Date today) {
  HouseholdRank rank;
  rank.subject = history.subject();
  Date oldest = today;
  for (const Warning& warning : open) {
    rank.worst = std::max(rank.worst, warning.severity);
    oldest = std::min(oldest, warning.opened_on);
    if (std::ranges::find(rank.kinds, warning.kind) == rank.kinds.end()) {
      rank.kinds.push_back(warning.kind);
    }
  }
  std::ranges::sort(rank.kinds);
  rank.months_open = WholeMonths(oldest, today);
  const auto dates = history.dates();
  const auto reported = std::ranges::upper_bound(dates, today);
  if (reported != dates.begin()) {
    const Date last = *(reported - 1);
    program_.Open(history, last, last);
    program_.Take(last, kLane);
    program_.Decide(kLane + 1);
    rank.trend = ValueOf(worklist_.trend_feature);
    rank.vulnerability = ValueOf(worklist_.vulnerability_feature);
  }
  rank.projection = Project(worklist_.projection, line_, catalogue_, history, today, &rank.lack);

  const double lost = rank.trend ? std::clamp(-*rank.trend, 0.0, 1.0) : worklist_.unknown_share;
  const double below = rank.projection      ? rank.projection->probability
                       : rank.vulnerability ? std::clamp(*rank.vulnerability, 0.0, 1.0)
                                            : worklist_.unknown_share;
  const int months = std::min(rank.months_open, worklist_.months_at_most);
  rank.terms = {{"severity", PointsOf(worklist_, rank.worst)},
                {"dimensions", worklist_.dimension * (static_cast<double>(rank.kinds.size()) - 1)},
                {"persistence", worklist_.month_open * months},
                {"trend", worklist_.trend * lost},
                {"below_line", worklist_.below_line * below}};
  for (const RankTerm& term : rank.terms) rank.rank += term.points;
  return rank;
}

std::string Ranker::Line(const HouseholdRank& rank, Language language) const {
  const bool zh = language == Language::kZh;
  std::vector<std::string_view> kinds;
  for (const RiskKind kind : rank.kinds) {
    kinds.push_back(zh ? RiskKindTitleZh(kind) : RiskKindName(kind));
  }
  const Constant& line = *policy_.FindConstant(worklist_.projection.line);
  std::string trend;
  const Feature& feature = *policy_.FindFeature(worklist_.trend_feature);
  if (rank.trend) {
    trend = zh ? fmt::format("{}{}，", feature.title_zh, PerCent(*rank.trend))
               : fmt::format("{} {}, ", MidSentence(feature.title_en), PerCent(*rank.trend));
  }
  const std::string below =
      ProbabilityText(rank, zh ? line.title_zh : MidSentence(line.title_en), zh);
  const std::string months =
      fmt::format("{} {}", rank.months_open, rank.months_open == 1 ? "month" : "months");
  return zh ? fmt::format("{}预警，{}类风险（{}），已持续{}个月，{}{}", SeverityTitleZh(rank.worst),
                          kinds.size(), fmt::join(kinds, "、"), rank.months_open, trend, below)
            : fmt::format("{}, {} {} of risk ({}), open for {}, {}{}", SeverityName(rank.worst),
                          kinds.size(), kinds.size() == 1 ? "kind" : "kinds",
                          fmt::join(kinds, ", "), months, trend, below);
}

}  // namespace shouwang::risk
