// What requests about cases and draws have in common. Pure; any thread.
#pragma once

#include <fmt/format.h>
#include <shouwang/v1/case.pb.h>

#include <vector>

#include "daemon/cases/transitions.h"
#include "daemon/query/field_check.h"
#include "storage/vocabulary/case.h"

namespace shouwang::query {

// The numbers of our enums and the wire's are the same; 0 is none.
template <typename To, typename From>
To SameNumber(From value) {
  return static_cast<To>(value);
}

inline Role RoleOf(v1::Role role, FieldCheck* check) {
  const auto value = SameNumber<Role>(role);
  if (RoleName(value) == "unknown") {
    check->Fault("role", fmt::format("{} is no role (1 village, 2 township, 3 county, "
                                     "4 prefecture)",
                                     static_cast<int>(role)));
  }
  return value;
}

inline void AddFaults(const std::vector<cases::FieldFault>& faults, FieldCheck* check) {
  for (const cases::FieldFault& fault : faults) check->Fault(fault.field, fault.description);
}

}  // namespace shouwang::query
