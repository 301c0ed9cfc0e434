// Private to storage/rocks: the warnings of a group of neighbours as one value, so that a village's
// month is one key to write and not one for each household's rule. The key is the group's
// (storage/blocks/block_key.h). Each commit writes a part that says what it changed; of each
// warning what was said last stands. What is folded whole keeps only those that are open; one part
// alone stays as it is. A group of which none is open any more keeps an empty value.
//
//   byte   2; 1 was of a warning that had a key of its own
//   varint how many origins: when a warning opened, which many have in common; ascending, of each
//     zigzag day it opened, from that of the origin before it (the first: from 1970-01-01)
//     zigzag version of its policy, likewise from 0
//     zigzag when it was known, ms, likewise from 0
//     varint 0, or 1 and the zigzag of the day it cleared, from the day it opened
//   varint how many forms; ascending, of each
//     varint rule
//     byte   0: not open, and nothing more; 1: open
//     byte   severity
//     byte   kind
//   varint how many warnings, ascending by household and rule; then
//     each byte:   the subject's number within the group
//     each varint: its form, by number
//     of each that is open, varint: its origin, by number
//
// Parts that cannot be read are kept as they are (storage/blocks/pile.h). Pure functions; any
// thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "storage/vocabulary/subject.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::rocks {

struct ChangedWarning {
  const Warning* warning = nullptr;
  bool is_open = false;
};

// A part. `changes` are of one group, not empty, in order of subject and rule; of several of one
// warning the last stands.
std::string WriteWarnings(std::span<const ChangedWarning> changes);

// The open ones of a value, in order, until `visit` gives false. False for bytes that
// WriteWarnings and the folds never write.
bool ReadWarnings(const SubjectGroup& group, std::string_view value,
                  absl::FunctionRef<bool(const Warning&)> visit);

// Of a record as it lies in a store: a group's, or a single one of a format before 6.
bool ReadWarningsAt(std::string_view key, std::string_view value,
                    absl::FunctionRef<bool(const Warning&)> visit);

// Parts one after another, the oldest first, as one: of all that there are, and of some, behind
// which there may be older ones.
std::string FoldWarnings(std::string_view key, std::span<const std::string_view> parts);
std::string JoinWarnings(std::string_view key, std::span<const std::string_view> parts);

}  // namespace shouwang::rocks
