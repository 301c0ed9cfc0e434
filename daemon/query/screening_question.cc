#include "daemon/query/screening_question.h"

#include <fmt/format.h>

#include <utility>

#include "daemon/query/field_check.h"

namespace shouwang::query {
namespace {

void ReadMonths(const v1::ScreenRequest& request, Month today, FieldCheck* check,
                screening::MonthRange* months) {
  months->to = today - 1;
  if (request.has_to_month()) months->to = check->AsMonth("to_month", request.to_month());
  months->from = months->to - (kDefaultScreenedMonths - 1);
  if (request.has_from_month()) {
    months->from = check->AsMonth("from_month", request.from_month());
  }
  if (!check->ok()) return;
  if (months->to > today) {
    check->Fault("to_month", fmt::format("{} is after this month, {}", months->to.ToString(),
                                         today.ToString()));
  }
  const int32_t count = months->to.index() - months->from.index() + 1;
  if (count < 1) {
    check->Fault("from_month", fmt::format("{} is after to_month, {}", months->from.ToString(),
                                           months->to.ToString()));
  }
  if (count > kMaxScreenedMonths) {
    check->Fault("from_month",
                 fmt::format("{} to {} are {} months; {} at most", months->from.ToString(),
                             months->to.ToString(), count, kMaxScreenedMonths));
  }
}

}  // namespace

absl::StatusOr<ScreeningQuestion> CheckScreening(const v1::ScreenRequest& request,
                                                 std::shared_ptr<const Rulebook> rulebook,
                                                 Instant now) {
  FieldCheck check("Screen");
  ScreeningQuestion question;
  question.rulebook = std::move(rulebook);
  question.region = check.Region("region", request.region(), question.rulebook->reg.divisions);
  if (question.region.level() > DivisionLevel::kTownship) {
    check.Fault("region", fmt::format("'{}' is a village; reporters are told by township, 9 digits "
                                      "at most",
                                      request.region()));
  }
  question.compared = question.region.At(DivisionLevel::kCounty);
  question.collector = request.collector();
  if (question.collector.size() > kMaxCollectorBytes) {
    check.Fault("collector",
                fmt::format("{} bytes; {} at most", question.collector.size(), kMaxCollectorBytes));
  }
  ReadMonths(request, DateOf(now).month(), &check, &question.months);
  if (!check.ok()) return check.ToStatus();
  const Date last = Date::LastOf(question.months.to);
  question.policy = &question.rulebook->policies.InForce(last);
  if (!question.policy->screening) {
    return absl::FailedPreconditionError(
        fmt::format("Screen: policy {}, in force on {}, has no section 'screening'; "
                    "deploy/policies has an example of one",
                    question.policy->version, last.ToString()));
  }
  return question;
}

}  // namespace shouwang::query
