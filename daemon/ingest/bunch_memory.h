// What is loaded and made for a bunch, kept from one to the next so that neither allocates once it
// is warm; and what the next one may need again. But for `groups` and `recent`, which share a bound
// of their own, bounded by the subjects and values that a bunch can touch. The shard's thread.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "daemon/ingest/group_windows.h"
#include "daemon/ingest/recent_windows.h"
#include "daemon/ingest/slot.h"
#include "storage/contract/subject_state.h"
#include "storage/contract/transaction.h"
#include "storage/vocabulary/history.h"

namespace shouwang::ingest {

struct BunchMemory {
  // Villages' months are some 13,000 subjects. What a bunch of more than so many took is given
  // back.
  static constexpr size_t kMostKept = 1 << 15;

  explicit BunchMemory(int64_t max_recent_bytes)
      : recent_bytes(max_recent_bytes), groups(max_recent_bytes), recent(max_recent_bytes) {}

  void ClearRecent() {
    groups.Clear();
    recent.Clear();
  }
  // Windows and histories that were found since the last one are good until here. What the windows
  // of groups leave is for single histories.
  void EndPart(int lookback_months) {
    groups.EndPart(lookback_months);
    recent.EndUse(lookback_months, recent_bytes - groups.bytes());
    slots.clear();
  }
  // After the commit of `committed`.
  void EndBunch(Transaction committed) {
    observations = std::move(committed.observations);
    observations.Clear();
    risks = std::move(committed.risks);
    // Of many subjects few may have been judged, and a bunch that failed does not end here.
    if (risks.capacity() > kMostKept) risks = std::vector<SubjectRisk>();
    if (slots.capacity() > kMostKept) slots = std::vector<Slot>();
  }

  int64_t recent_bytes;
  std::vector<Slot> slots;  // while a part is applied
  std::vector<SubjectState> states;
  std::vector<History> unseen;  // of subjects of which nothing is loaded
  std::vector<History> whole;
  std::vector<History> loaded;
  // Of the transaction that was committed last. The risks are as they were judged; observations are
  // none.
  std::vector<SubjectRisk> risks;
  ObservationList observations;
  GroupWindows groups;
  RecentWindows<History> recent;
};

}  // namespace shouwang::ingest
