#include "collectors/ctl/table.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace shouwang::ctl {
namespace {

struct Range {
  uint32_t first;
  uint32_t last;
};

// Wide and full-width blocks of Unicode's EastAsianWidth that can stand in our texts.
constexpr std::array<Range, 13> kWide = {{{0x1100, 0x115f},
                                          {0x2e80, 0x303e},
                                          {0x3041, 0x33ff},
                                          {0x3400, 0x4dbf},
                                          {0x4e00, 0x9fff},
                                          {0xa000, 0xa4cf},
                                          {0xac00, 0xd7a3},
                                          {0xf900, 0xfaff},
                                          {0xfe30, 0xfe6f},
                                          {0xff00, 0xff60},
                                          {0xffe0, 0xffe6},
                                          {0x1f300, 0x1f64f},
                                          {0x20000, 0x3fffd}}};

size_t WidthOf(uint32_t character) {
  const bool combining = (character >= 0x300 && character <= 0x36f) ||
                         (character >= 0x200b && character <= 0x200f) ||
                         (character >= 0xfe00 && character <= 0xfe0f);
  if (combining) return 0;
  return std::any_of(kWide.begin(), kWide.end(),
                     [&](const Range& range) {
                       return range.first <= character && character <= range.last;
                     })
             ? 2
             : 1;
}

size_t SequenceLength(unsigned char lead) {
  if (lead >= 0xf0 && lead < 0xf8) return 4;
  if (lead >= 0xe0) return 3;
  if (lead >= 0xc0) return 2;
  return 1;
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = SequenceLength(lead);
    uint32_t character = length == 1 ? lead : lead & (0xffu >> (length + 1));
    size_t taken = 1;
    while (taken < length && i + taken < text.size() && (text[i + taken] & 0xc0) == 0x80) {
      character = character << 6 | (text[i + taken] & 0x3fu);
      ++taken;
    }
    if (taken == length) {
      width += WidthOf(character);
    } else {
      width += taken;
    }
    i += taken;
  }
  return width;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::Add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) {
    std::replace_if(
        cell.begin(), cell.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  }
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = DisplayWidth(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  const auto print = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string blanks(widths[i] - DisplayWidth(cells[i]), ' ');
      if (i > 0) line += "  ";
      line += columns_[i].align == Align::kRight ? blanks + cells[i] : cells[i] + blanks;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  std::vector<std::string> titles;
  std::vector<std::string> rules;
  for (size_t i = 0; i < columns_.size(); ++i) {
    titles.push_back(columns_[i].title);
    rules.emplace_back(widths[i], '-');
  }
  print(titles);
  print(rules);
  for (const auto& row : rows_) print(row);
}

}  // namespace shouwang::ctl
