// What one collector sends at once, as the test remembers it.
#pragma once

#include <shouwang/v1/report.pb.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace shouwang::crash {

struct Cell {
  int household = 0;
  int indicator = 0;
  int32_t day = 0;
  friend auto operator<=>(const Cell&, const Cell&) = default;
};

struct Value {
  Cell cell;
  int64_t value = 0;
};

// Where a relocated household lives and came from. Of two, the greater stands.
struct Home {
  int32_t since = 0;
  int site = 0;
  std::string origin;
  friend auto operator<=>(const Home&, const Home&) = default;
};

struct Batch {
  uint64_t number = 0;  // the test's own, 1 and up; not the server's
  int township = 0;
  int64_t reported_at_ms = 0;                // no two batches have the same
  std::vector<Value> values;                 // each cell once
  std::optional<std::pair<int, Home>> move;  // a household's

  std::string RequestId() const;
};

// A batch of random reports: up to some hundred, of one township, of any dates; many of them
// correct or repeat what was sent before, and its reported_at lies anywhere among those of the
// others.
Batch MakeBatch(uint64_t number, std::mt19937_64* random);

v1::SubmitRequest ToRequest(const Batch& batch);

}  // namespace shouwang::crash
