// Cases as text for people and as JSON. Pure functions, any thread.
#pragma once

#include <shouwang/v1/case.pb.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "collectors/ctl/session.h"

namespace shouwang::ctl {

// "clue", "village", "unstable"; "" where unset.
std::string Word(v1::CaseState state);
std::string Word(v1::Role role);
std::string Word(v1::HouseholdCategory category);
std::string Word(v1::DismissalCause cause);
// "线索" and the like in Chinese, else the word.
std::string Shown(v1::CaseState state, Language language);
std::string Shown(v1::Role role, Language language);
std::string Shown(v1::HouseholdCategory category, Language language);
std::string Shown(v1::DismissalCause cause, Language language);

// Whose the case is: "village"; "county, up from village" where it went up; "" where it is closed.
std::string LevelText(const v1::Case& record, Language language);
// "reviewed (village, township); dismissed (township)".
std::string NextText(const v1::Case& record, Language language);

Json CaseJson(const v1::Case& record);
// With events and conditions for leaving.
Json CaseJson(const v1::GetCaseResponse& response);
// The sheet of one case: what it is, what is open, what comes next, what has to hold, what was
// done.
void PrintCase(const Session& session, const v1::GetCaseResponse& response);

}  // namespace shouwang::ctl
