// --as-of: the instant that a command looks back to. Pure but for printing; single-threaded.
#pragma once

#include <optional>
#include <string>

#include "collectors/ctl/session.h"
#include "storage/vocabulary/date.h"

namespace shouwang::ctl {

// "2026-03-01" is the end of that day in China; "2026-03-01T08:30:00Z" (or "+08:00") is itself;
// nullopt for "". Throws Failure, saying how to write it.
std::optional<Instant> ParseAsOf(const std::string& text);

// For tables: says above the answer what it shows, in the session's language. `judged`: that the
// policies are those of now.
void PrintAsOf(const Session& session, const std::optional<Instant>& as_of, bool judged);

// "2026-03-01T15:59:59.999Z", null where not asked for.
Json AsOfJson(const std::optional<Instant>& as_of);

}  // namespace shouwang::ctl
