#include "daemon/query/whatif_question.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/query/answers.h"
#include "daemon/query/field_check.h"
#include "daemon/risk/policy_file.h"

namespace shouwang::query {
namespace {

void ReadPolicy(const v1::WhatIfRequest& request, FieldCheck* check, WhatIfQuestion* question) {
  if (request.policy().size() > kMaxPolicyBytes) {
    check->Fault("policy", fmt::format("the file has {} bytes; {} at most", request.policy().size(),
                                       kMaxPolicyBytes));
    return;
  }
  if (request.policy_name().size() > kMaxPolicyNameBytes) {
    check->Fault("policy_name", fmt::format("{} bytes; {} at most", request.policy_name().size(),
                                            kMaxPolicyNameBytes));
    return;
  }
  const std::string name = request.policy_name().empty() ? "policy" : request.policy_name();
  const Rulebook& rulebook = *question->rulebook;
  Problems problems;
  question->after =
      rulebook.policies.With(name, request.policy(), rulebook.reg.catalogue, &problems);
  for (const std::string& message : problems.messages()) check->Fault("policy", message);
  if (!problems.empty()) return;
  // All others of `after` are loaded ones, of another version and another day.
  const auto& all = question->after.All();
  const auto added =
      std::ranges::find(all, risk::Fingerprint(request.policy()), &risk::Policy::fingerprint);
  question->version = added->version;
  for (const risk::Policy& policy : rulebook.policies.All()) {
    if (policy.version == added->version || policy.effective_from == added->effective_from) {
      question->replaced_versions.push_back(policy.version);
    }
  }
}

}  // namespace

const risk::Policy& WhatIfQuestion::policy() const {
  return *std::ranges::find(after.All(), version, &risk::Policy::version);
}

absl::StatusOr<WhatIfQuestion> CheckWhatIf(const v1::WhatIfRequest& request,
                                           std::shared_ptr<const Rulebook> rulebook, Instant now) {
  FieldCheck check("WhatIf");
  WhatIfQuestion question;
  question.rulebook = std::move(rulebook);
  question.through = DateOf(now);
  const Date judged_from = JudgedFrom(*question.rulebook);
  question.region = check.Region("region", request.region(), question.rulebook->reg.divisions);
  if (request.has_through()) {
    question.through = check.Day("through", request.through());
    if (judged_from > Date::Min() && question.through < judged_from) {
      check.Fault("through", fmt::format("{}: what rules look back on is past its retention; "
                                         "judged can be on {} and later",
                                         question.through.ToString(), judged_from.ToString()));
    }
  }
  if (request.has_as_of_ms()) {
    question.as_of = check.AsOf("as_of_ms", request.as_of_ms(), now, judged_from);
  }
  question.list_limit = request.list_limit();
  if (question.list_limit > kMaxWhatIfSubjects) {
    check.Fault("list_limit",
                fmt::format("{} is over the limit of {}", question.list_limit, kMaxWhatIfSubjects));
  }
  ReadPolicy(request, &check, &question);
  if (!check.ok()) return check.ToStatus();
  return question;
}

}  // namespace shouwang::query
