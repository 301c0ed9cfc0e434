// Configuration files, read strictly: a key that nobody asked for is a fault, and all faults of all
// files are reported together, each with file and line, so that an author mends them in one go.
//
//   Problems problems;
//   YamlFile file = YamlFile::Read("policy.yaml", &problems);
//   YamlMap root = file.Root();
//   std::string name = root.Text("name");             // required; "" and a problem if absent
//   int64_t window = root.Integer("window_months", 1, 120).value_or(12);
//   for (YamlMap& rule : root.Maps("rules")) { ...; rule.Done(); }
//   root.Done();                                       // unknown keys become problems
//   if (!problems.empty()) return problems.ToStatus();
//
// Single-threaded. yaml-cpp's exceptions end here.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace shouwang {

// Faults found so far, in the order found. `line` counts from 1; 0 where no line applies.
class Problems {
 public:
  void Add(std::string_view file, int line, std::string_view message);
  // For a status whose message names file and line itself, as CsvReader's do.
  void Add(const absl::Status& status);
  bool empty() const { return messages_.empty(); }
  size_t size() const { return messages_.size(); }
  // "file:line: message".
  const std::vector<std::string>& messages() const { return messages_; }
  // OK, or InvalidArgument with one line per problem (at most 100, then how many more).
  absl::Status ToStatus() const;

 private:
  std::vector<std::string> messages_;
};

class YamlMap {
 public:
  YamlMap(std::string file, const YAML::Node& node, Problems* problems);

  bool Has(std::string_view key) const;
  int line() const;
  // Of `key` in this map; the map's where it has no such key.
  int LineOf(std::string_view key) const;
  // Reports a problem at this map's line, or at the line of `key` in it.
  void Fault(std::string_view message, std::string_view key = "") const;

  // Required scalars: absent or of the wrong form is a problem, and the result is empty.
  std::string Text(std::string_view key);
  // Optional ones: nullopt where absent; a problem and nullopt where of the wrong form.
  std::optional<std::string> OptionalText(std::string_view key);
  // Both ends included; outside them is a problem that names the limits.
  std::optional<int64_t> Integer(std::string_view key, int64_t min, int64_t max);
  std::optional<double> Number(std::string_view key);
  std::optional<bool> Boolean(std::string_view key);
  std::vector<std::string> Texts(std::string_view key);  // a list of scalars, or one scalar
  // A map under `key`; nullopt where absent.
  std::optional<YamlMap> Map(std::string_view key);
  // A list of maps under `key`; empty where absent.
  std::vector<YamlMap> Maps(std::string_view key);
  // All scalar entries of a map of free keys, in file order (constants, labels).
  struct Entry {
    std::string key;
    std::string value;
    int line = 0;
  };
  std::vector<Entry> Entries();

  // Call last: every key that was not asked for becomes a problem that lists the known ones.
  void Done();

 private:
  YAML::Node Take(std::string_view key);

  std::string file_;
  YAML::Node node_;
  Problems* problems_;
  std::set<std::string, std::less<>> asked_;
};

class YamlFile {
 public:
  // A file that can't be read or parsed is a problem, and Root() is empty. Files over 8 MiB are
  // refused.
  static YamlFile Read(const std::string& path, Problems* problems);
  static YamlFile Parse(std::string name, const std::string& text, Problems* problems);

  YamlMap Root() const { return YamlMap(name_, root_, problems_); }
  const std::string& text() const { return text_; }

 private:
  YamlFile(std::string name, std::string text, Problems* problems);

  std::string name_;
  std::string text_;
  YAML::Node root_;
  Problems* problems_;
};

}  // namespace shouwang
