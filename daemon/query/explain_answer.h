// RiskService.ExplainSubject: one subject, judged on a date, with every input, by what is known now
// or was known at an instant. Evaluates afresh from the subject's full history, so an explanation
// is right even while stored warnings are being brought in line with a new policy. Any thread.
#pragma once

#include <shouwang/v1/risk.pb.h>

#include "absl/status/status.h"
#include "daemon/risk/evaluator.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

// NotFound for a subject that has not reported by that date (or instant), and for a rule that the
// policy then in force has not.
absl::Status AnswerExplain(const Store& store, const Rulebook& rulebook, risk::Evaluator& evaluator,
                           Instant now, const v1::ExplainSubjectRequest& request,
                           v1::ExplainSubjectResponse* response);

}  // namespace shouwang::query
