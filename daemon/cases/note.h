// What may be written into a case. It is text of people about people, so what looks like a personal
// number is refused: an ID card's, a telephone's, a bank account's. A name cannot be told from
// other words; that none is written stays a rule for people.
//
// Pure functions; any thread.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace shouwang::cases {

inline constexpr size_t kMaxNoteCharacters = 500;

// InvalidArgument for more than kMaxNoteCharacters, for bytes that are no UTF-8, for control
// characters but a line's end, and for personal numbers: 11 digits or more in a row (as wide
// digits, too), or as they are commonly split by blanks, hyphens and dashes of any width and number
// ("138 1234 5678", "138－1234－5678", "522401-19800101-0012", "0857-8222222").
absl::Status CheckNote(std::string_view text);

// The account of an official: 1 to 64 of letters, digits, '.', '_', '-' and '@', no personal
// number.
absl::Status CheckActor(std::string_view account);

}  // namespace shouwang::cases
