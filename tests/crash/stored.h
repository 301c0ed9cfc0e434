// Everything that a daemon tells of its store, as plain maps: what the model expects and what was
// read are compared entry by entry.
#pragma once

#include <grpcpp/channel.h>

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/crash/batch.h"

namespace shouwang::crash {

// What stands in a cell.
struct Standing {
  int64_t value = 0;
  int64_t reported_at_ms = 0;
  uint64_t batch = 0;  // the server's number
  int64_t known_at_ms = 0;
};

struct OpenWarning {
  int household = 0;
  std::string rule;
  friend auto operator<=>(const OpenWarning&, const OpenWarning&) = default;
};

struct RollupKey {
  std::string view;       // "settlement", "origin", "site"
  std::string place;      // a township's code, a site's name
  std::string indicator;  // empty: households with any observation
  int32_t month = 0;
  friend auto operator<=>(const RollupKey&, const RollupKey&) = default;
};

struct Sum {
  int64_t count = 0;
  int64_t sum = 0;
  friend auto operator<=>(const Sum&, const Sum&) = default;
};

struct Stored {
  std::map<Cell, Standing> cells;
  std::map<int, Home> homes;                // by household
  std::map<OpenWarning, int32_t> warnings;  // the day it opened
  std::map<RollupKey, Sum> rollups;
  // The tallies: series of the daemon's scrape, as written there; those that are 0 are left out.
  std::map<std::string, double> figures;
};

// Fails as the daemon's calls fail, or where it tells of something that the world does not have.
absl::StatusOr<Stored> ReadStored(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& scrape);

}  // namespace shouwang::crash
