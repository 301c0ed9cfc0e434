// Reads the parts of a policy file that are about cases: `cases`, `exit`, `measures`, `calendar`.
// Called by policy_file.cc when constants, features and rules have been read, as they are referred
// to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/risk/policy.h"
#include "storage/files/yaml.h"

namespace shouwang::risk {

// Bounds of one policy file.
inline constexpr size_t kMaxExitConditions = 32;
inline constexpr size_t kMaxMeasures = 128;
inline constexpr size_t kMaxCalendarEntries = 400;
// Days of one entry of the calendar.
inline constexpr int kMaxHolidayDays = 31;
inline constexpr size_t kMaxMeasureNameCharacters = 64;

// The names that conditions may use, and of which kind of subject each feature is.
struct KnownNames {
  const std::vector<std::string>& names;
  const std::map<std::string, SubjectKind>& subject_of;
};

// Fills policy->cases and policy->calendar. Every fault goes to `root`'s problems. A policy without
// `cases` has none of the others but `calendar`.
void ReadCaseSections(YamlMap* root, const KnownNames& known, Policy* policy);

}  // namespace shouwang::risk
