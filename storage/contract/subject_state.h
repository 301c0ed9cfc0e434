// What is kept of a subject beside its observations.
#pragma once

#include <optional>

#include "storage/vocabulary/site.h"
#include "storage/vocabulary/warning.h"

namespace shouwang {

// Absent parts were never written.
struct SubjectState {
  std::optional<SubjectRisk> risk;
  std::optional<Residence> residence;
};

}  // namespace shouwang
