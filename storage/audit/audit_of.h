// What the audit trail says of a commit, of an addition to a case and of a draw and its visits.
// Every log takes it from here, so that nothing that is written can lack its entry. Pure; any
// thread.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "storage/contract/audit_log.h"
#include "storage/contract/case_book.h"
#include "storage/contract/draw_book.h"
#include "storage/contract/transaction.h"
#include "storage/vocabulary/audit.h"

namespace shouwang {

// One record for each township of which values that were there before are corrected or outdated
// ones came in, or whose warnings move; none for any other. Past kMaxAuditChanges a township has
// several. Every element of superseded, opened and closed is in exactly one of them. Facts of one
// with corrections: each `source` and `collector` of the batches that brought them about.
std::vector<ChainedRecord> AuditOf(const Transaction& transaction);

// One record an event. `revision` is that of the case before them. `peer` is the address of who
// asked for it, which is told of what somebody did; empty: not known.
std::vector<ChainedRecord> AuditOf(const Subject& subject, uint32_t revision,
                                   std::span<const CaseEvent> events, std::string_view peer);

// One record each, in the township's chain of cases. A draw names those who were drawn.
std::vector<ChainedRecord> AuditOf(const Draw& draw, const AuditCaller& by);
std::vector<ChainedRecord> AuditOf(const Division& township, Month month, const DrawVisit& visit,
                                   std::string_view peer);

}  // namespace shouwang
