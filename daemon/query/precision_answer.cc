#include "daemon/query/precision_answer.h"

#include <fmt/format.h>

#include <optional>

#include "daemon/cases/missed.h"
#include "daemon/cases/verification.h"
#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"

namespace shouwang::query {
namespace {

// How many cases are looked at between two questions whether the caller is still there.
constexpr size_t kCasesUnasked = 4096;

void FillInterval(const cases::Proportion& proportion, double times, v1::Interval* out) {
  out->set_value(proportion.share * times);
  out->set_low(proportion.low * times);
  out->set_high(proportion.high * times);
}

void FillPrecision(const cases::VerificationCount& count, double confidence,
                   v1::RulePrecision* out) {
  out->set_rounds(static_cast<uint32_t>(count.rounds()));
  out->set_confirmed(static_cast<uint32_t>(count.confirmed));
  out->set_refuted(static_cast<uint32_t>(count.refuted()));
  out->set_refuted_data_error(static_cast<uint32_t>(count.refuted_for(DismissalCause::kDataError)));
  out->set_refuted_coping(static_cast<uint32_t>(count.refuted_for(DismissalCause::kCoping)));
  out->set_refuted_other(static_cast<uint32_t>(count.refuted_for(DismissalCause::kOther)));
  out->set_pending(static_cast<uint32_t>(count.pending));
  if (const auto precision = count.Precision(confidence)) {
    FillInterval(*precision, 1, out->mutable_precision());
  }
  if (const auto days = count.MedianDays()) out->set_median_days(*days);
}

void FillEstimate(const cases::MissedEstimate& estimate, v1::MissedEstimate* out) {
  out->set_townships(static_cast<uint32_t>(estimate.townships));
  out->set_unflagged(static_cast<uint64_t>(estimate.unflagged));
  out->set_visited(static_cast<uint64_t>(estimate.visited));
  out->set_at_risk(static_cast<uint64_t>(estimate.at_risk));
  out->set_confirmed(static_cast<uint64_t>(estimate.confirmed));
  FillInterval(estimate.share, static_cast<double>(estimate.unflagged), out->mutable_missed());
  if (const auto recall = estimate.Recall()) FillInterval(*recall, 1, out->mutable_recall());
}

}  // namespace

absl::Status AnswerPrecision(const cases::CaseDesk& desk, const DrawBook& draws,
                             const Rulebook& rulebook, Instant now,
                             const v1::GetPrecisionRequest& request,
                             absl::FunctionRef<bool()> cancelled,
                             v1::GetPrecisionResponse* response) {
  FieldCheck check("GetPrecision");
  const Division region = check.Region("region", request.region(), rulebook.reg.divisions);
  DateRange range;
  if (request.has_from()) range.from = check.Day("from", request.from());
  if (request.has_to()) range.to = check.Day("to", request.to());
  if (range.to < range.from) {
    check.Fault("to", fmt::format("{} is before {}", range.to.ToString(), range.from.ToString()));
  }
  if (!check.ok()) return check.ToStatus();

  cases::Verification verification;
  cases::MissedCount missed;
  cases::DismissedRounds dismissed;
  size_t looked_at = 0;
  bool left = false;
  absl::Status status =
      desk.ScanRecords(rulebook, region, Subject(), now,
                       [&](const Case& record, const cases::CaseStanding& standing,
                           const cases::Deadlines& /*deadlines*/) {
                         left = ++looked_at % kCasesUnasked == 0 && cancelled();
                         for (const cases::RoundFinding& round : FindingsOf(record, standing)) {
                           if (!range.Contains(round.clue_on)) continue;
                           verification.Add(round);
                         }
                         if (cases::IsConfirmed(record, range.to)) {
                           missed.AddConfirmed(record.subject.In(DivisionLevel::kTownship));
                         }
                         dismissed.Add(record);
                         return !left;
                       });
  if (left) return absl::CancelledError("the caller has left");
  status.Update(
      draws.ScanDraws(region, range.from.month(), range.to.month(), [&](const Draw& draw) {
        missed.Add(draw, dismissed);
        return true;
      }));
  if (!status.ok()) return status;

  const risk::Policy& policy = rulebook.policies.InForce(DateOf(now));
  const double confidence = policy.cases ? policy.cases->confidence : cases::kDefaultConfidence;
  response->set_confidence(confidence);
  for (const auto& [id, count] : verification.rules) {
    v1::RulePrecision* out = response->add_rules();
    const std::string name = rulebook.policies.RuleName(id);
    out->set_rule(name.empty() ? fmt::format("rule_{}", id) : name);
    if (const risk::Rule* rule = FindRule(rulebook.policies, id)) {
      out->set_title_zh(rule->title_zh);
      out->set_title_en(rule->title_en);
    }
    FillPrecision(count, confidence, out);
  }
  FillPrecision(verification.any_rule, confidence, response->mutable_any_rule());
  response->set_confirmed_without_rule(static_cast<uint32_t>(verification.confirmed_without_rule));
  if (const auto estimate = missed.Estimate(confidence)) {
    FillEstimate(*estimate, response->mutable_estimate());
  }
  return absl::OkStatus();
}

}  // namespace shouwang::query
