// Entries of the audit trail as JSON and in words. Pure functions; any thread.
#pragma once

#include <shouwang/v1/audit.pb.h>

#include <string>
#include <string_view>

#include "collectors/ctl/session.h"

namespace shouwang::ctl {

std::string HexText(std::string_view bytes);
// Empty for text that is not hexadecimal digits by pairs.
std::string BytesOfHex(std::string_view text);

// All of it, with what is needed to hash it anew: `previous`, `key`, `record`, `hash`, hexadecimal.
Json JsonOf(const v1::AuditEntry& entry);
// What it says, on one line: "2 corrections, 1 opened; batches 7, 8". Long lists of subjects are
// cut short.
std::string InWords(const v1::AuditEntry& entry, Language language);

}  // namespace shouwang::ctl
