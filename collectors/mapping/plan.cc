#include "collectors/mapping/plan.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace shouwang {

absl::StatusOr<TextTemplate> TextTemplate::Parse(std::string_view text) {
  TextTemplate result;
  std::string_view rest = text;
  while (!rest.empty()) {
    Part part;
    const size_t open = rest.find('{');
    part.literal = std::string(rest.substr(0, open));
    if (open == std::string_view::npos) {
      result.parts.push_back(std::move(part));
      break;
    }
    const size_t close = rest.find('}', open);
    if (close == std::string_view::npos) {
      return absl::InvalidArgumentError(fmt::format("'{}': '{{' is never closed", text));
    }
    std::string_view inside = rest.substr(open + 1, close - open - 1);
    if (const size_t colon = inside.rfind(':'); colon != std::string_view::npos) {
      const std::string_view width = inside.substr(colon + 1);
      const auto [end, error] =
          std::from_chars(width.data(), width.data() + width.size(), part.width);
      if (error != std::errc() || end != width.data() + width.size() || part.width < 1 ||
          part.width > 20) {
        return absl::InvalidArgumentError(
            fmt::format("'{}': '{}' is no width; write {{name:03}} with 1 to 20", text, width));
      }
      inside = inside.substr(0, colon);
    }
    if (inside.empty()) {
      return absl::InvalidArgumentError(fmt::format("'{}': braces without a name", text));
    }
    part.name = std::string(inside);
    result.parts.push_back(std::move(part));
    rest.remove_prefix(close + 1);
  }
  return result;
}

const std::string& MappingPlan::NameOf(const NameRef& ref) const {
  switch (ref.kind) {
    case NameRef::Kind::kPiece:
      return splits[ref.index].into[ref.piece];
    case NameRef::Kind::kComputed:
      return computed[ref.index].name;
    case NameRef::Kind::kColumn:
      break;
  }
  return columns[ref.index].heading;
}

}  // namespace shouwang
