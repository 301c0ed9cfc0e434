// What the audit trail says of a commit and of an addition to a case. Every log takes it from here,
// so that nothing that is written can lack its entry. Pure; any thread.
#pragma once

#include <span>
#include <vector>

#include "storage/contract/audit_log.h"
#include "storage/contract/case_book.h"
#include "storage/contract/transaction.h"
#include "storage/vocabulary/audit.h"

namespace shouwang {

// One record for each township of which values that were there before are corrected or outdated
// ones came in, or whose warnings move; none for any other. Past kMaxAuditChanges a township has
// several. Every element of superseded, opened and closed is in exactly one of them. Facts of one
// with corrections: each `source` and `collector` of the batches that brought them about.
std::vector<ChainedRecord> AuditOf(const Transaction& transaction);

// One record an event. `revision` is that of the case before them.
std::vector<ChainedRecord> AuditOf(const Subject& subject, uint32_t revision,
                                   std::span<const CaseEvent> events);

}  // namespace shouwang
