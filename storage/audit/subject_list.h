// Subjects that a record names beside its own: of a read of several households, of a draw. They are
// facts `subject_list`, each as many as fit, separated by blanks. Pure; any thread.
#pragma once

#include <span>

#include "absl/functional/function_ref.h"
#include "storage/vocabulary/audit.h"

namespace shouwang {

// Past kMaxAuditFacts the rest is left out: some 10,000 fit.
void ListSubjects(std::span<const Subject> subjects, AuditRecord* record);

bool HasSubjectList(const AuditRecord& record);
// Whether `asked` gives true for any of them.
bool AnyListed(const AuditRecord& record, absl::FunctionRef<bool(const Subject&)> asked);

}  // namespace shouwang
