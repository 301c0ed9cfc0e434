// A mapping file, understood: every name resolved to where its content comes from. Built by
// Mapping, read by RowMapper; a value, private to this room.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "collectors/mapping/period.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

// Where a name's content comes from: a column of the sheet, a piece of a split cell, a computation.
struct NameRef {
  enum class Kind { kColumn, kPiece, kComputed };
  Kind kind = Kind::kColumn;
  // Into MappingPlan::columns, splits or computed.
  size_t index = 0;
  // Of a piece: which.
  size_t piece = 0;
};

// "{name}" and "{name:03}" among literal text. `Name` is what a brace holds before it is resolved.
struct TextTemplate {
  struct Part {
    std::string literal;  // stands before the name
    std::string name;     // empty in a last part that is literal only
    size_t width = 0;     // padded with zeros up to it
    NameRef ref;
  };
  std::vector<Part> parts;

  // InvalidArgument for an unclosed brace, an empty name or a width that is not 1 to 20.
  static absl::StatusOr<TextTemplate> Parse(std::string_view text);
};

struct MappingPlan {
  struct Column {
    std::string heading;
    int line = 0;
  };
  struct Split {
    NameRef cell;
    std::string at;
    std::vector<std::string> into;
  };
  struct Computed {
    std::string name;  // of "=a / b": the indicator's
    std::string text;
    std::vector<NameRef> operands;  // in the order of Expression::names()
  };
  struct ResidenceRule {
    TextTemplate site;
    TextTemplate origin;
    TextTemplate since;
  };

  std::string file;
  Source source = Source::kCadreVisit;
  SubjectKind kind = SubjectKind::kHousehold;
  std::vector<Column> columns;
  std::vector<Split> splits;
  std::vector<Computed> computed;
  TextTemplate place;
  TextTemplate number;
  TextTemplate period;
  PeriodFormat period_format = PeriodFormat::kDate;
  std::optional<ResidenceRule> residence;
  // Three columns of one table: the indicator's name, the text it is read from, and from where.
  std::vector<std::string> indicators;
  std::vector<std::string> indicator_texts;
  std::vector<NameRef> indicator_refs;
  std::vector<int> indicator_lines;
  std::vector<std::string> missing;

  // The heading, the piece's name, or the computed name.
  const std::string& NameOf(const NameRef& ref) const;
};

}  // namespace shouwang
