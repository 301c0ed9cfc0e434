#include "daemon/query/explain_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "storage/contract/as_of.h"

namespace shouwang::query {
namespace {

// What was observed up to `date`.
History UpTo(History history, Date date) {
  if (history.empty() || history.dates().back() <= date) return history;
  History part(history.subject());
  for (const IndicatorId indicator : history.indicators()) {
    for (const Point& point : history.Of(indicator, {Date::Min(), date})) {
      part.Put(indicator, point.date, point.value, history.ArrivalOf(point));
    }
  }
  return part;
}

// What is known of the subject, or was at `as_of`, observed up to `date`. NotFound where that is
// nothing.
absl::StatusOr<History> LoadKnown(const Store& store, const Subject& subject, Date date,
                                  std::optional<Instant> as_of) {
  auto histories = store.LoadHistories({&subject, 1}, DateRange{});
  if (!histories.ok()) return histories.status();
  if (histories->front().empty()) {
    return absl::NotFoundError(fmt::format("{} has never reported", subject.ToString()));
  }
  if (as_of) {
    if (absl::Status taken = TakeBack(store, *as_of, *histories); !taken.ok()) return taken;
  }
  History history = UpTo(std::move(histories->front()), date);
  if (!history.empty()) return history;
  const std::string by = date == Date::Max() ? "" : fmt::format(" by {}", date.ToString());
  const std::string known = as_of ? fmt::format(", as known at {}", ToString(*as_of)) : "";
  return absl::NotFoundError(fmt::format("{} had not reported{}{}", subject.ToString(), by, known));
}

// Whether the rule is open, unknown, or both.
bool HasState(const SubjectRisk& risk, RuleId rule) {
  return std::ranges::any_of(risk.states, [&](const RuleState& state) {
    return state.rule == rule && (state.opened_on || state.unknown);
  });
}

void FillPast(const SubjectRisk& risk, const Rulebook& rulebook,
              v1::ExplainSubjectResponse* response) {
  for (const Episode& episode : risk.episodes) {
    Warning warning{.subject = risk.subject,
                    .rule = episode.rule,
                    .severity = episode.severity,
                    .kind = episode.kind,
                    .opened_on = episode.opened_on,
                    .cleared_on = episode.cleared_on,
                    .policy_version = episode.policy_version,
                    .known_at = {}};
    FillWarning(warning, rulebook, response->add_past());
  }
}

}  // namespace

absl::Status AnswerExplain(const Store& store, const Rulebook& rulebook, risk::Evaluator& evaluator,
                           Instant now, const v1::ExplainSubjectRequest& request,
                           v1::ExplainSubjectResponse* response) {
  FieldCheck check("ExplainSubject");
  const Subject subject = check.ParseSubject("subject", request.subject());
  const Date asked = request.date() == 0 ? Date::Max() : check.Day("date", request.date());
  std::optional<Instant> as_of;
  if (request.has_as_of_ms()) {
    as_of = check.AsOf("as_of_ms", request.as_of_ms(), now, JudgedFrom(rulebook));
  }
  if (!check.ok()) return check.ToStatus();

  const absl::StatusOr<History> known = LoadKnown(store, subject, asked, as_of);
  if (!known.ok()) return known.status();
  const History& history = *known;
  const Date date = history.dates().back();
  const risk::Policy& policy = rulebook.policies.InForce(date);
  std::optional<RuleId> wanted;
  if (!request.rule().empty()) {
    const risk::Rule* rule = policy.FindRule(request.rule());
    if (rule == nullptr) {
      return absl::NotFoundError(fmt::format("policy {}, in force on {}, has no rule '{}'",
                                             policy.version, date.ToString(),
                                             request.rule().substr(0, 64)));
    }
    wanted = rule->id;
  }

  const SubjectRisk risk = evaluator.Replay(history);
  const auto is_wanted = [&](RuleId rule) {
    return wanted ? rule == *wanted : HasState(risk, rule);
  };

  response->set_subject(request.subject());
  response->set_division_path(PathOf(subject, rulebook.reg.divisions));
  response->set_date(date.days());
  response->set_policy_version(policy.version);
  response->set_policy_title(policy.title_zh);
  for (const risk::Explanation& explanation : evaluator.Explain(history, risk, date, is_wanted)) {
    FillExplanation(explanation, rulebook.reg.catalogue, response->add_rules());
  }
  FillPast(risk, rulebook, response);
  return absl::OkStatus();
}

}  // namespace shouwang::query
