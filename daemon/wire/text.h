// Text that is fit for a proto3 string. A peer refuses a whole message over one byte that is not
// UTF-8, and messages that quote bad input may hold such bytes or end inside a character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace shouwang::wire {

// At most `max_bytes` of `text`, cut between characters; each byte that is not part of a valid
// character becomes '?'. Any thread.
std::string CleanText(std::string_view text, size_t max_bytes = 1000);

}  // namespace shouwang::wire
