#include "storage/files/yaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <utility>

namespace shouwang {
namespace {

constexpr size_t kMaxFileBytes = 8 << 20;
constexpr size_t kMaxProblemsShown = 100;

int LineOf(const YAML::Node& node) { return node.Mark().line + 1; }

// Of the key itself, so that a fault points at the line its author looks for.
int LineOfKey(const YAML::Node& map, std::string_view key) {
  for (const auto& entry : map) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return LineOf(entry.first);
  }
  return LineOf(map);
}

}  // namespace

void Problems::Add(std::string_view file, int line, std::string_view message) {
  messages_.push_back(line > 0 ? fmt::format("{}:{}: {}", file, line, message)
                               : fmt::format("{}: {}", file, message));
}

void Problems::Add(const absl::Status& status) { messages_.emplace_back(status.message()); }

absl::Status Problems::ToStatus() const {
  if (messages_.empty()) return absl::OkStatus();
  const size_t shown = std::min(messages_.size(), kMaxProblemsShown);
  std::string text = fmt::format(
      "{}", fmt::join(messages_.begin(), messages_.begin() + static_cast<int64_t>(shown), "\n"));
  if (shown < messages_.size()) text += fmt::format("\nand {} more", messages_.size() - shown);
  return absl::InvalidArgumentError(text);
}

YamlMap::YamlMap(std::string file, const YAML::Node& node, Problems* problems)
    : file_(std::move(file)), node_(node), problems_(problems) {
  if (!node_.IsMap() && !node_.IsNull()) {
    problems_->Add(file_, shouwang::LineOf(node_), "expected 'key: value' entries here");
    node_ = YAML::Node(YAML::NodeType::Null);
  }
}

bool YamlMap::Has(std::string_view key) const {
  if (!node_.IsMap()) return false;
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return true;
  }
  return false;
}

int YamlMap::line() const { return shouwang::LineOf(node_); }

int YamlMap::LineOf(std::string_view key) const {
  return node_.IsMap() ? LineOfKey(node_, key) : line();
}

void YamlMap::Fault(std::string_view message, std::string_view key) const {
  problems_->Add(file_, key.empty() ? line() : LineOf(key), message);
}

YAML::Node YamlMap::Take(std::string_view key) {
  asked_.emplace(key);
  if (!node_.IsMap()) return YAML::Node(YAML::NodeType::Undefined);
  for (const auto& entry : node_) {
    if (entry.first.IsScalar() && entry.first.Scalar() == key) return entry.second;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

std::string YamlMap::Text(std::string_view key) {
  std::optional<std::string> text = OptionalText(key);
  if (!text && !Has(key)) Fault(fmt::format("'{}' is missing", key));
  if (text && text->empty()) Fault(fmt::format("'{}' is empty", key), key);
  return text.value_or("");
}

std::optional<std::string> YamlMap::OptionalText(std::string_view key) {
  const YAML::Node node = Take(key);
  if (!node.IsDefined()) return std::nullopt;
  if (!node.IsScalar()) {
    Fault(fmt::format("'{}' must be a single value", key), key);
    return std::nullopt;
  }
  return node.Scalar();
}

std::optional<int64_t> YamlMap::Integer(std::string_view key, int64_t min, int64_t max) {
  const std::optional<std::string> text = OptionalText(key);
  if (!text) return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size()) {
    Fault(fmt::format("'{}' is '{}'; a whole number is expected", key, *text), key);
    return std::nullopt;
  }
  if (number < min || number > max) {
    Fault(fmt::format("'{}' is {}; it must be {} to {}", key, number, min, max), key);
    return std::nullopt;
  }
  return number;
}

std::optional<double> YamlMap::Number(std::string_view key) {
  const std::optional<std::string> text = OptionalText(key);
  if (!text) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number != number) {
    Fault(fmt::format("'{}' is '{}'; a number is expected", key, *text), key);
    return std::nullopt;
  }
  return number;
}

std::optional<bool> YamlMap::Boolean(std::string_view key) {
  const std::optional<std::string> text = OptionalText(key);
  if (!text) return std::nullopt;
  if (*text == "true" || *text == "yes") return true;
  if (*text == "false" || *text == "no") return false;
  Fault(fmt::format("'{}' is '{}'; true or false is expected", key, *text), key);
  return std::nullopt;
}

std::vector<std::string> YamlMap::Texts(std::string_view key) {
  const YAML::Node node = Take(key);
  std::vector<std::string> texts;
  if (!node.IsDefined()) return texts;
  if (node.IsScalar()) return {node.Scalar()};
  if (!node.IsSequence()) {
    Fault(fmt::format("'{}' must be a list", key), key);
    return texts;
  }
  for (const auto& item : node) {
    if (item.IsScalar()) {
      texts.push_back(item.Scalar());
    } else {
      problems_->Add(file_, shouwang::LineOf(item),
                     fmt::format("'{}' must be a list of values", key));
    }
  }
  return texts;
}

std::optional<YamlMap> YamlMap::Map(std::string_view key) {
  const YAML::Node node = Take(key);
  if (!node.IsDefined()) return std::nullopt;
  return YamlMap(file_, node, problems_);
}

std::vector<YamlMap> YamlMap::Maps(std::string_view key) {
  const YAML::Node node = Take(key);
  std::vector<YamlMap> maps;
  if (!node.IsDefined() || node.IsNull()) return maps;
  if (!node.IsSequence()) {
    Fault(fmt::format("'{}' must be a list", key), key);
    return maps;
  }
  for (const auto& item : node) maps.emplace_back(file_, item, problems_);
  return maps;
}

std::vector<YamlMap::Entry> YamlMap::Entries() {
  std::vector<Entry> entries;
  if (!node_.IsMap()) return entries;
  for (const auto& entry : node_) {
    if (!entry.first.IsScalar() || !entry.second.IsScalar()) {
      problems_->Add(file_, shouwang::LineOf(entry.first), "expected a single value");
      continue;
    }
    asked_.insert(entry.first.Scalar());
    entries.push_back({entry.first.Scalar(), entry.second.Scalar(), shouwang::LineOf(entry.first)});
  }
  return entries;
}

void YamlMap::Done() {
  if (!node_.IsMap()) return;
  std::set<std::string, std::less<>> seen;
  for (const auto& entry : node_) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (!seen.insert(key).second) {
      problems_->Add(file_, shouwang::LineOf(entry.first), fmt::format("'{}' is given twice", key));
    } else if (!asked_.contains(key)) {
      problems_->Add(
          file_, shouwang::LineOf(entry.first),
          fmt::format("unknown key '{}' (known here: {})", key, fmt::join(asked_, ", ")));
    }
  }
}

YamlFile::YamlFile(std::string name, std::string text, Problems* problems)
    : name_(std::move(name)), text_(std::move(text)), problems_(problems) {}

YamlFile YamlFile::Read(const std::string& path, Problems* problems) {
  std::ifstream stream(path, std::ios::binary);
  std::string text;
  if (!stream) {
    problems->Add(path, 0, "can't be opened; does it exist and may it be read?");
    return YamlFile(path, "", problems);
  }
  text.resize(kMaxFileBytes + 1);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(stream.gcount()));
  if (text.size() > kMaxFileBytes) {
    problems->Add(path, 0, fmt::format("is over {} bytes", kMaxFileBytes));
    return YamlFile(path, "", problems);
  }
  return Parse(path, text, problems);
}

YamlFile YamlFile::Parse(std::string name, const std::string& text, Problems* problems) {
  YamlFile file(std::move(name), text, problems);
  try {
    file.root_ = YAML::Load(text);
  } catch (const YAML::Exception& e) {
    problems->Add(file.name_, e.mark.line + 1, e.msg);
  }
  return file;
}

}  // namespace shouwang
