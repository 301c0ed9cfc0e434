// What shouwangd does to a store without serving it: check it, or make one of a backup. Results go
// to the standard output, progress and faults to the standard error. One thread.
#pragma once

#include <string>

#include "daemon/app/options.h"
#include "daemon/config/config.h"
#include "storage/rocks/verify.h"

namespace shouwang::app {

// For --verify: 0 where the store is sound, 1 where it is damaged or cannot be looked at.
int RunVerify(const Options& options, const Config& config);
// For --restore: 0 where the store stands.
int RunRestore(const Options& options, const Config& config);

// The result of --verify for people, and as one JSON object (--json).
std::string DescribeVerified(const std::string& path, const Verified& verified);
std::string VerifiedJson(const std::string& path, const Verified& verified);

}  // namespace shouwang::app
