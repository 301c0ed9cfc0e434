#include "storage/audit/subject_list.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace shouwang {
namespace {

constexpr std::string_view kName = "subject_list";

// Whether `asked` gives true for any subject of the text.
bool AnyIn(std::string_view text, absl::FunctionRef<bool(const Subject&)> asked) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const absl::StatusOr<Subject> subject = Subject::Parse(text.substr(0, end));
    if (subject.ok() && asked(*subject)) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

}  // namespace

void ListSubjects(std::span<const Subject> subjects, AuditRecord* record) {
  std::string list;
  const auto add = [&] {
    if (list.empty() || record->facts.size() >= kMaxAuditFacts) return;
    record->facts.push_back({std::string(kName), std::exchange(list, {})});
  };
  for (const Subject& subject : subjects) {
    const std::string text = subject.ToString();
    if (list.size() + 1 + text.size() > kMaxAuditFactBytes) add();
    list += (list.empty() ? "" : " ") + text;
  }
  add();
}

bool HasSubjectList(const AuditRecord& record) {
  return std::ranges::find(record.facts, kName, &AuditFact::name) != record.facts.end();
}

bool AnyListed(const AuditRecord& record, absl::FunctionRef<bool(const Subject&)> asked) {
  return std::ranges::any_of(record.facts, [&](const AuditFact& fact) {
    return fact.name == kName && AnyIn(fact.value, asked);
  });
}

}  // namespace shouwang
