// Turns the rows of one sheet into reports. Made by Mapping::Bind, which must outlive it.
//
// A row whose subject or day can't be told is no report; any other fault costs only the value that
// it concerns. All faults of a row are told, each once. Single-threaded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/vocabulary/date.h"
#include "storage/vocabulary/site.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

struct MappingPlan;
class Catalogue;

// What is wrong with a row: the heading (or the computed name) at fault, what stands there, why.
struct RowFault {
  std::string column;
  std::string value;
  std::string reason;
  friend bool operator==(const RowFault&, const RowFault&) = default;
};

struct MappedValue {
  // Position in Mapping::indicators().
  uint32_t indicator = 0;
  // Scaled by the catalogue's decimals.
  int64_t value = 0;
  friend bool operator==(const MappedValue&, const MappedValue&) = default;
};

struct MappedRow {
  // False where the subject or the day is at fault; then only `faults` counts.
  bool usable = false;
  Subject subject;
  Date date;
  // By ascending indicator; without those that are missing or at fault.
  std::vector<MappedValue> values;
  std::optional<Residence> residence;
  std::vector<RowFault> faults;
};

class RowMapper {
 public:
  RowMapper(RowMapper&&) noexcept;
  RowMapper& operator=(RowMapper&&) noexcept;
  ~RowMapper();

  // Overwrites `mapped`. A row with another number of cells than the heading is a fault.
  void Map(const std::vector<std::string>& row, MappedRow* mapped);

 private:
  friend class Mapping;
  struct State;
  explicit RowMapper(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace shouwang
