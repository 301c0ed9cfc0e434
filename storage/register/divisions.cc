#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/files/csv.h"
#include "storage/register/register.h"

namespace shouwang {
namespace {

// Past these a file is taken for something else and no longer read.
constexpr size_t kMaxFaultsPerFile = 50;
constexpr size_t kMaxDivisions = 2'000'000;

struct LevelFile {
  std::string_view name;
  DivisionLevel level;
};
constexpr std::array<LevelFile, 5> kFolderFiles = {{{"provinces.csv", DivisionLevel::kProvince},
                                                    {"cities.csv", DivisionLevel::kPrefecture},
                                                    {"areas.csv", DivisionLevel::kCounty},
                                                    {"streets.csv", DivisionLevel::kTownship},
                                                    {"villages.csv", DivisionLevel::kVillage}}};

struct ListedDivision {
  Division division;
  std::string name;
  int line = 0;
  uint8_t file = 0;
};

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool IsWanted(const Division& division, const std::vector<Division>& regions) {
  if (regions.empty()) return true;
  return std::ranges::any_of(regions, [&](const Division& region) {
    return region.Contains(division) || division.Contains(region);
  });
}

// Reads division files, then builds the tree from all of them. Faults name file and line.
class DivisionReader {
 public:
  DivisionReader(const std::vector<Division>& regions, Problems* problems)
      : regions_(regions), problems_(problems) {}

  // With `level`, every row must be of that level.
  void Read(const std::string& path, std::optional<DivisionLevel> level);
  DivisionTree Build();

 private:
  // False where the file is not one of divisions.
  bool FindColumns(const CsvReader& reader);
  void ReadRow(const std::vector<std::string>& row, int line, std::optional<DivisionLevel> level);
  void Fault(uint8_t file, int line, std::string_view message);

  const std::vector<Division>& regions_;
  Problems* problems_;
  std::vector<std::string> paths_;
  std::vector<ListedDivision> listed_;
  size_t code_column_ = 0;
  size_t name_column_ = 0;
  size_t faults_ = 0;  // since the last file was opened
};

// Counts all faults, reports a bounded number of them.
void DivisionReader::Fault(uint8_t file, int line, std::string_view message) {
  ++faults_;
  if (faults_ <= kMaxFaultsPerFile) problems_->Add(paths_[file], line, message);
  if (faults_ == kMaxFaultsPerFile) {
    problems_->Add(paths_[file], 0, "has more faults; further ones are not shown");
  }
}

bool DivisionReader::FindColumns(const CsvReader& reader) {
  const std::vector<std::string>& heading = reader.heading();
  const auto code = std::ranges::find(heading, "code");
  const auto name = std::ranges::find(heading, "name");
  code_column_ = static_cast<size_t>(code - heading.begin());
  name_column_ = static_cast<size_t>(name - heading.begin());
  return code != heading.end() && name != heading.end();
}

void DivisionReader::ReadRow(const std::vector<std::string>& row, int line,
                             std::optional<DivisionLevel> level) {
  const auto file = static_cast<uint8_t>(paths_.size() - 1);
  if (row.size() <= std::max(code_column_, name_column_)) {
    return Fault(file, line, fmt::format("{} cells; code and name are not among them", row.size()));
  }
  const absl::StatusOr<Division> division = Division::Parse(Trimmed(row[code_column_]));
  if (!division.ok()) return Fault(file, line, std::string(division.status().message()));
  if (level && division->level() != *level) {
    return Fault(file, line,
                 fmt::format("division '{}' is no {}, whose code has {} digits",
                             division->ToString(), LevelName(*level), static_cast<int>(*level)));
  }
  if (!IsWanted(*division, regions_)) return;
  const std::string_view name = Trimmed(row[name_column_]);
  if (name.empty()) {
    return Fault(file, line, fmt::format("division {} has no name", division->ToString()));
  }
  listed_.push_back({*division, std::string(name), line, file});
}

void DivisionReader::Read(const std::string& path, std::optional<DivisionLevel> level) {
  paths_.push_back(path);
  faults_ = 0;
  absl::StatusOr<CsvReader> reader = CsvReader::Open(path);
  if (!reader.ok()) return problems_->Add(reader.status());
  const auto file = static_cast<uint8_t>(paths_.size() - 1);
  if (!FindColumns(*reader)) {
    return Fault(file, static_cast<int>(reader->line()),
                 fmt::format("the columns 'code' and 'name' are needed; the heading is '{}'",
                             fmt::join(reader->heading(), ",")));
  }
  std::vector<std::string> row;
  for (;;) {
    const absl::StatusOr<bool> more = reader->Next(&row);
    if (!more.ok()) return problems_->Add(more.status());
    if (!*more || faults_ > kMaxFaultsPerFile) return;
    const auto line = static_cast<int>(reader->line());
    if (listed_.size() >= kMaxDivisions) {
      return Fault(file, line,
                   fmt::format("over {} divisions; is the right file named?", kMaxDivisions));
    }
    ReadRow(row, line, level);
  }
}

DivisionTree DivisionReader::Build() {
  DivisionTree tree;
  faults_ = 0;
  // Level by level, so that parents come first, and in code order, which is cheap to add.
  const auto order = [](const ListedDivision& d) {
    return std::tuple(d.division.level(), d.division.code(), d.file, d.line);
  };
  if (!std::ranges::is_sorted(listed_, {}, order)) std::ranges::sort(listed_, {}, order);
  for (ListedDivision& listed : listed_) {
    const absl::Status added = tree.Add(listed.division, std::move(listed.name));
    if (!added.ok()) Fault(listed.file, listed.line, std::string(added.message()));
  }
  return tree;
}

// The file itself, or the same under ".gz".
std::string PlainOrGzip(const std::filesystem::path& path) {
  std::error_code ignored;
  const std::string gzip = path.string() + ".gz";
  return !std::filesystem::exists(path, ignored) && std::filesystem::exists(gzip, ignored)
             ? gzip
             : path.string();
}

}  // namespace

DivisionTree LoadDivisions(const std::string& path, const std::vector<Division>& regions,
                           Problems* problems) {
  const size_t faults_before = problems->size();
  DivisionReader reader(regions, problems);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    for (const LevelFile& file : kFolderFiles) {
      reader.Read(PlainOrGzip(std::filesystem::path(path) / file.name), file.level);
    }
  } else {
    reader.Read(path, std::nullopt);
  }
  DivisionTree tree = reader.Build();
  if (problems->size() > faults_before) return tree;
  if (tree.size() == 0 && regions.empty()) problems->Add(path, 0, "lists no divisions");
  for (const Division& region : regions) {
    if (region.level() != DivisionLevel::kNation && !tree.Has(region)) {
      problems->Add(path, 0,
                    fmt::format("region {} is not among the divisions", region.ToString()));
    }
  }
  return tree;
}

}  // namespace shouwang
