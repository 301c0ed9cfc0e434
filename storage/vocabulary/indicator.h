// Indicators (指标) and the catalogue that lists them. An indicator is a catalogued measure: what
// it is called, its unit, its valid range, how often it is due, what it applies to and who supplies
// it.
//
// A Catalogue is immutable once built and safe on any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

// Stable over the life of a store: an id is never given to another indicator. 1 to 65533.
// 0 stands for "any indicator" in rollups.
using IndicatorId = uint16_t;
inline constexpr IndicatorId kAnyIndicator = 0;

enum class Cadence : uint8_t { kMonthly = 1, kQuarterly = 3, kYearly = 12, kOnChange = 0 };
// "monthly", "quarterly", "yearly", "on_change".
std::string_view CadenceName(Cadence cadence);
absl::StatusOr<Cadence> ParseCadence(std::string_view name);

// Who said so. The order is the precedence where two reports of the same instant differ.
enum class Source : uint8_t { kSelfDeclaration = 1, kCadreVisit = 2, kDepartmentScreening = 3 };
// "self_declaration" 自主申报, "cadre_visit" 走访, "department_screening" 部门筛查.
std::string_view SourceName(Source source);
absl::StatusOr<Source> ParseSource(std::string_view name);

struct Indicator {
  IndicatorId id = 0;
  // Lower-case words joined by '_'.
  std::string name;
  std::string title_zh;
  std::string title_en;
  // "yuan", "persons", "months", "ratio", "yes_no", ...
  std::string unit;
  // Digits behind the point, 0 to kMaxDecimals. Values are scaled by it everywhere.
  int decimals = 0;
  // The valid range, scaled; both ends included.
  int64_t min = 0;
  int64_t max = 0;
  Cadence cadence = Cadence::kMonthly;
  SubjectKind applies_to = SubjectKind::kHousehold;
  Source supplied_by = Source::kCadreVisit;
};

class Catalogue {
 public:
  Catalogue() = default;
  // InvalidArgument for an id or a name given twice, a range that is empty, decimals out of bounds.
  static absl::StatusOr<Catalogue> Of(std::vector<Indicator> indicators);

  // nullptr where there is none. Pointers hold as long as the catalogue.
  const Indicator* Find(std::string_view name) const;
  const Indicator* Get(IndicatorId id) const;
  // By ascending id.
  std::span<const Indicator> All() const { return indicators_; }

 private:
  std::vector<Indicator> indicators_;
  absl::flat_hash_map<std::string, size_t> by_name_;
  std::vector<int32_t> by_id_;  // index into indicators_, -1 where none
};

}  // namespace shouwang
