#include "daemon/metrics/case_figures.h"

#include <initializer_list>
#include <string>
#include <utility>

namespace shouwang::metrics {
namespace {

enum Family : size_t {
  kCases,
  kOverdue,
  kEscalated,
  kWithoutMeasure,
  kLacking,
  kVerified,
  kDrawn,
  kMissed,
  kRecall,
  kTimestamp,
  kDuration
};

void AddSeries(std::initializer_list<std::pair<const char*, std::string>> labels, double value,
               prometheus::MetricFamily* family) {
  prometheus::ClientMetric metric;
  for (const auto& [name, text] : labels) metric.label.push_back({name, text});
  metric.gauge.value = value;
  family->metric.push_back(std::move(metric));
}

void AddSeries(std::initializer_list<std::pair<const char*, std::string>> labels, int64_t value,
               prometheus::MetricFamily* family) {
  AddSeries(labels, static_cast<double>(value), family);
}

void AddBounds(const std::string& code, const cases::Proportion& proportion, double times,
               prometheus::MetricFamily* family) {
  AddSeries({{"division", code}, {"bound", "low"}}, proportion.low * times, family);
  AddSeries({{"division", code}, {"bound", "estimate"}}, proportion.share * times, family);
  AddSeries({{"division", code}, {"bound", "high"}}, proportion.high * times, family);
}

}  // namespace

std::vector<prometheus::MetricFamily> EmptyCaseFamilies() {
  constexpr std::array<std::pair<const char*, const char*>, 11> kWords = {{
      {"shouwang_cases", "Cases of households by state, where they live."},
      {"shouwang_cases_overdue", "Cases past the last day for their next step or the decision."},
      {"shouwang_cases_escalated", "Overdue cases that went up to a higher level, by that level."},
      {"shouwang_cases_without_measure",
       "Registered and supported cases with a risk kind that no measure taken fits."},
      {"shouwang_cases_lacking_measure",
       "Registered and supported cases that no measure taken fits, by the risk kind it should "
       "fit."},
      {"shouwang_rule_verified_cases",
       "Rounds of cases at whose clue a warning of the rule was open, by how they ended."},
      {"shouwang_draw_households",
       "Households drawn by lot in the months of the estimate, by what their visitors found."},
      {"shouwang_rules_missed_households",
       "Estimate, with its interval, of unflagged households at risk, where drawn ones were "
       "visited; not those whose case was dismissed."},
      {"shouwang_rules_recall_ratio",
       "Estimate, with its interval: of the households in need now, those registered or supported "
       "after a warning."},
      {"shouwang_cases_refresh_timestamp_seconds", "When the figures of cases were last read."},
      {"shouwang_cases_refresh_duration_seconds", "How long reading the figures of cases took."},
  }};
  std::vector<prometheus::MetricFamily> families;
  for (const auto& [name, help] : kWords) {
    prometheus::MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = prometheus::MetricType::Gauge;
    families.push_back(std::move(family));
  }
  return families;
}

CaseFigures::CaseFigures(const FigureSettings& settings, const Rulebook& rulebook, Date today)
    : settings_(settings),
      rulebook_(rulebook),
      today_(today),
      policy_(rulebook.policies.InForce(today)) {}

Month CaseFigures::FirstMonth() const {
  const bool draws = policy_.cases && policy_.cases->draw;
  return today_.month() - (draws ? policy_.cases->draw->estimate_months - 1 : 0);
}

void CaseFigures::Add(const Case& record, const cases::CaseStanding& standing,
                      const cases::Deadlines& deadlines) {
  const auto state = static_cast<size_t>(standing.state);
  const bool overdue = deadlines.DaysOver(today_) > 0;
  const bool escalated = deadlines.EscalatedOn(today_);
  const auto level = static_cast<size_t>(deadlines.LevelOn(today_));
  const std::vector<RiskKind> lacking = KindsWithoutMeasure(standing, rulebook_.policies);
  const std::vector<cases::RoundFinding> rounds = FindingsOf(record, standing);
  const bool confirmed = cases::IsConfirmed(record, today_);
  dismissed_.Add(record);
  for (size_t i = 0; i < kCaseLevels.size() && kCaseLevels[i] <= settings_.depth; ++i) {
    Count& count = CountOf(standing.subject, i);
    count.any = true;
    ++count.cases[state];
    count.overdue[state] += overdue ? 1 : 0;
    count.escalated[level] += escalated ? 1 : 0;
    count.without_measure += lacking.empty() ? 0 : 1;
    for (const RiskKind kind : lacking) ++count.lacking[kind];
    for (const cases::RoundFinding& round : rounds) count.verification.Add(round);
    if (confirmed) count.missed.AddConfirmed(standing.subject.In(DivisionLevel::kTownship));
  }
}

CaseFigures::Count& CaseFigures::CountOf(const Subject& subject, size_t level) {
  const Division place = subject.In(kCaseLevels[level]);
  if (latest_[level] == nullptr || latest_[level]->first != place) {
    latest_[level] = &*counts_.try_emplace(place).first;
  }
  return latest_[level]->second;
}

void CaseFigures::Add(const Draw& draw) {
  for (const DivisionLevel place : kCaseLevels) {
    if (place > settings_.depth) break;
    Count& count = counts_[draw.township.At(place)];
    count.any = true;
    count.missed.Add(draw, dismissed_);
  }
}

void CaseFigures::AddCounts(const std::string& code, const Count& count,
                            std::vector<prometheus::MetricFamily>* families) const {
  for (const CaseState state : AllCaseStates()) {
    const auto index = static_cast<size_t>(state);
    const std::string name(CaseStateName(state));
    AddSeries({{"division", code}, {"state", name}}, count.cases[index], &(*families)[kCases]);
    if (!IsUnderWay(state)) continue;
    AddSeries({{"division", code}, {"state", name}}, count.overdue[index], &(*families)[kOverdue]);
  }
  for (const Role level : {Role::kTownship, Role::kCounty, Role::kPrefecture}) {
    AddSeries({{"division", code}, {"level", std::string(RoleName(level))}},
              count.escalated[static_cast<size_t>(level)], &(*families)[kEscalated]);
  }
  AddSeries({{"division", code}}, count.without_measure, &(*families)[kWithoutMeasure]);
  // A 0 for each kind of risk there can be, so that a rise can be seen.
  std::map<RiskKind, int64_t> lacking = count.lacking;
  for (const risk::Rule& rule : policy_.rules) {
    if (policy_.cases && rule.applies_to == SubjectKind::kHousehold) lacking.try_emplace(rule.kind);
  }
  for (const auto& [kind, cases] : lacking) {
    AddSeries({{"division", code}, {"risk_kind", std::string(RiskKindName(kind))}}, cases,
              &(*families)[kLacking]);
  }
}

void CaseFigures::AddFindings(const std::string& code, const Count& count,
                              std::vector<prometheus::MetricFamily>* families) const {
  for (const auto& [rule, found] : count.verification.rules) {
    const std::string name = RuleLabel(rulebook_.policies, rule);
    const auto add = [&](const char* outcome, int64_t rounds) {
      AddSeries({{"division", code}, {"rule", name}, {"outcome", outcome}}, rounds,
                &(*families)[kVerified]);
    };
    add("confirmed", found.confirmed);
    add("refuted", found.refuted());
    add("pending", found.pending);
  }
  const cases::MissedCount& missed = count.missed;
  if (missed.drawn() == 0) return;
  const auto drawn = [&](const char* outcome, int64_t households) {
    AddSeries({{"division", code}, {"outcome", outcome}}, households, &(*families)[kDrawn]);
  };
  drawn("fine", missed.visited() - missed.at_risk());
  drawn("at_risk", missed.at_risk());
  drawn("not_visited", missed.drawn() - missed.visited());
  const auto estimate =
      missed.Estimate(policy_.cases ? policy_.cases->confidence : cases::kDefaultConfidence);
  if (!estimate || estimate->visited < settings_.min_cell) return;
  AddBounds(code, estimate->share, static_cast<double>(estimate->unflagged), &(*families)[kMissed]);
  if (const auto recall = estimate->Recall()) AddBounds(code, *recall, 1, &(*families)[kRecall]);
}

std::vector<prometheus::MetricFamily> CaseFigures::Families(
    const std::map<Division, PlaceCount>& households) const {
  std::vector<prometheus::MetricFamily> families = EmptyCaseFamilies();
  const bool kept = policy_.cases.has_value();
  for (const DivisionLevel place : kCaseLevels) {
    if (place > settings_.depth) break;
    for (const Division& division : rulebook_.reg.divisions.Within(Division(), place)) {
      const auto found = households.find(division);
      if (found != households.end() && found->second.TooSmall(settings_.min_cell)) continue;
      const auto counted = counts_.find(division);
      const Count count = counted == counts_.end() ? Count() : counted->second;
      if (!kept && !count.any) continue;
      AddCounts(division.ToString(), count, &families);
      AddFindings(division.ToString(), count, &families);
    }
  }
  return families;
}

void CaseFigures::AddReading(double at, double took,
                             std::vector<prometheus::MetricFamily>* families) {
  AddSeries({}, at, &(*families)[kTimestamp]);
  AddSeries({}, took, &(*families)[kDuration]);
}

}  // namespace shouwang::metrics
