// Text tables for terminals. A Chinese character takes two columns there, so widths are counted by
// East Asian width, not by bytes or characters. A value; single-threaded.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace shouwang::ctl {

// Columns that `text` (UTF-8) takes on a terminal: 2 for a wide or full-width character, 0 for a
// combining mark, 1 for any other and for each byte that is not UTF-8.
size_t DisplayWidth(std::string_view text);

class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns);
  // As many cells as there are columns. Control characters are shown as blanks.
  void Add(std::vector<std::string> cells);
  // Title row, a rule, the rows. No blanks at a line's end.
  void Print(std::ostream& out) const;
  size_t size() const { return rows_.size(); }
  // Takes out the rows.
  void Clear() { rows_.clear(); }

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace shouwang::ctl
