// A mapping file says how a sheet with arbitrary headings becomes reports. It is YAML, read
// strictly; all of its faults are reported together, with file and line.
//
//   source: cadre_visit            # or self_declaration, department_screening
//   kind: household                # or site
//   columns: {户编号: number_cell}  # heading -> a shorter name; a heading may be used by itself
//   split:                         # one cell into several, at each occurrence of a text
//     - {cell: household, at: "-", into: [dwelling, home]}
//   compute:                       # arithmetic over numeric names, in order
//     village: "floor(dwelling / 1000) % 1000"
//   place: "520502001{village:03}" # village; of a site, its settlement (9 or 12 digits)
//   number: "{number_cell}"        # the subject's number in that place, 1 and up
//   period: {cell: 上报日期, format: date}
//   residence: {site: "{安置点}", origin: "{原籍}", since: "{入住日期}"}   # optional
//   indicators:                    # catalogued indicator: name, or = and an expression
//     wage_income: 工资性收入
//     income_per_person: "=household_income / household_size"
//   missing: ["NA", "-"]           # besides the empty cell: what means "not reported"
//
// A *name* is one defined by columns, split or compute, else a heading of the sheet. Blanks around
// a cell are dropped. In a *template* "{name}" stands for the cell's text and "{name:03}" for the
// same padded with zeros; a computed name must come out as a whole number there. A period's format
// is date (2026-10-05, 2026/10/5), month (2026-10), quarter (2009-Q3) or year (2026); all but the
// first stand for their last day. Instead of `cell` a period may give a `text` template:
// {text: "{年}-{月}", format: month}. `residence` is passed over in rows where the cells of `site`
// and `origin` are all missing; `site` comes out as "520502001/S3", `since` as a date.
//
// An *expression* (muparser) knows + - * / % ^, comparisons, && || !, ?:, min, max, abs, floor,
// ceil, round, and names; names may be Chinese. It is missing where one of its names is. A cell
// reaches the wire as an exact decimal; only what is computed passes through doubles, rounded to
// the indicator's decimals.
//
// Immutable and safe on any thread; a RowMapper belongs to one thread and must not outlive its
// Mapping.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "collectors/mapping/row_mapper.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

struct MappingPlan;

class Mapping {
 public:
  // InvalidArgument with one line per fault.
  static absl::StatusOr<Mapping> Load(const std::string& path);
  // `name` stands for the path in messages.
  static absl::StatusOr<Mapping> Parse(const std::string& name, const std::string& text);
  Mapping(Mapping&&) noexcept;
  Mapping& operator=(Mapping&&) noexcept;
  ~Mapping();

  Source source() const;
  SubjectKind kind() const;
  // Names of the indicators reported, in the file's order; MappedValue::indicator counts in it.
  const std::vector<std::string>& indicators() const;
  // What an indicator is read from: a heading, or the expression.
  const std::string& ColumnOf(size_t indicator) const;

  // InvalidArgument with one line per name that is neither defined nor a heading, and per heading
  // given twice that is used.
  absl::Status Check(const std::vector<std::string>& heading) const;
  // InvalidArgument with one line per indicator that the catalogue does not have, or has for
  // another kind of subject.
  absl::Status Check(const Catalogue& catalogue) const;
  // Both checks, and what maps the rows under this heading.
  absl::StatusOr<RowMapper> Bind(const std::vector<std::string>& heading,
                                 const Catalogue& catalogue) const;

 private:
  explicit Mapping(std::unique_ptr<MappingPlan> plan);
  std::unique_ptr<MappingPlan> plan_;
};

}  // namespace shouwang
