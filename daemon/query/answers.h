// The domain's values as the wire shows them. Pure; any thread.
#pragma once

#include <shouwang/v1/catalogue.pb.h>
#include <shouwang/v1/risk.pb.h>
#include <shouwang/v1/series.pb.h>

#include <string>
#include <string_view>

#include "daemon/risk/evaluator.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::query {

// "贵州省 / 毕节市 / ...", down to the village, or the township of a site that belongs to one.
std::string PathOf(const Subject& subject, const DivisionTree& divisions);
// By the latest policy that has it; nullptr where none has.
const risk::Rule* FindRule(const risk::PolicySet& policies, RuleId id);
const risk::Rule* FindRule(const risk::PolicySet& policies, std::string_view name);

// The first day as of which a subject can be judged: all that policies look back on then is kept.
Date JudgedFrom(const Rulebook& rulebook);

void FillRule(const risk::Rule& rule, v1::Rule* out);
// A rule that no policy has any more is named "rule_<id>".
void FillWarning(const Warning& warning, const Rulebook& rulebook, v1::Warning* out);
void FillComparison(const risk::Comparison& comparison, v1::Comparison* out);
void FillExplanation(const risk::Explanation& explanation, const Catalogue& catalogue,
                     v1::RuleExplanation* out);

}  // namespace shouwang::query
