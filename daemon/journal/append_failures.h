// The counter that both journals share: an alert watches it.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace shouwang {

inline prometheus::Counter& AppendFailures(prometheus::Registry* registry) {
  return prometheus::BuildCounter()
      .Name("shouwang_audit_append_failures_total")
      .Help("Times that entries of the audit trail could not be written; they wait on.")
      .Register(*registry)
      .Add({});
}

}  // namespace shouwang
