// Warnings, rules and explanations as JSON, and an explanation for people to read.
#pragma once

#include <shouwang/v1/risk.pb.h>

#include "collectors/ctl/session.h"

namespace shouwang::ctl {

Json WarningJson(const v1::Warning& warning);
Json RuleJson(const v1::Rule& rule);
Json ExplanationJson(const v1::ExplainSubjectResponse& response);
void PrintExplanation(const Session& session, const v1::ExplainSubjectResponse& response);

}  // namespace shouwang::ctl
