// One household's whole history, asked of each peer in its own words, and whether the answer is
// right. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "tests/bench/body.h"

namespace shouwang::bench {

// The request for it. `base` is "http://127.0.0.1:8123"; the table is `panel`, the database
// `bench`.
std::string HistoryUrl(const Panel& panel, BodyFormat format, const std::string& base,
                       int64_t household);

// FailedPrecondition unless `answer` holds every value of the household: as many as were sent, each
// indicator's with the right sum.
absl::Status CheckHistory(const Panel& panel, BodyFormat format, const std::string& answer,
                          int64_t household);

// The line under which county_share counts households, and the indicator it is about: the panel's
// first, in the last month. Scaled.
int64_t ShareLine(const Panel& panel);

}  // namespace shouwang::bench
