// An offline check of a whole store: that every byte is as it was written, that every record can be
// read, and that the counts are what the records add up to.
//
//   1  every data file: RocksDB's checksum of each unit of it
//   2  every record of every family: read and decoded, with what it refers to (a request's batch,
//      the value that took a superseded one's place)
//   3  rollups, histograms and tallies counted anew from the values, by township, county and site,
//      warnings held against the states (storage/contract/recount.h)
//
// Changes nothing. Takes the directory for itself while it works, so no daemon may run on it. One
// thread. Memory: the store's cache, the largest township, and RecountScope's bound; not the size
// of the store. Takes as long as reading the store three times.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/rocks/rocks_store.h"

namespace shouwang {

// Faults past this number are counted, not listed.
inline constexpr size_t kMaxListedFaults = 1000;

struct VerifiedPart {
  // "files", the families by their names ("blocks", ...), "rollups against values",
  // "histograms against values", "tallies against values", "warnings against states".
  std::string name;
  uint64_t checked = 0;
  uint64_t faults = 0;
  // Why some of it could not be looked at; empty where all was.
  std::string left_out;
};

struct Verified {
  int format = 0;
  std::vector<VerifiedPart> parts;
  // One each, in words, the first kMaxListedFaults.
  std::vector<std::string> faults;
  bool sound() const;
};

// `progress` gets the part at hand and how much of it is done, often. Fails where nothing can be
// said: no store there, a newer format, a directory in use. Whatever is damaged is a fault of the
// result, not of the call.
absl::StatusOr<Verified> VerifyStore(
    const RocksOptions& options,
    const std::function<void(const std::string& part, uint64_t checked)>& progress);

}  // namespace shouwang
