#include "collectors/submit/rejected_file.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>
#include <utility>

namespace shouwang {
namespace {

std::string Quoted(std::string_view text) {
  // A sheet program takes these for a formula; what was refused must never be run.
  const bool formula = !text.empty() && std::string_view("=@").find(text[0]) != text.npos;
  if (!formula && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = formula ? "\"'" : "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace

RejectedFile::RejectedFile(std::string path) : path_(std::move(path)) {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

void RejectedFile::Add(std::string_view file, int64_t row, std::string_view column,
                       std::string_view value, std::string_view reason) {
  if (count_++ == 0) {
    stream_.open(path_, std::ios::binary | std::ios::trunc);
    stream_ << "file,row,column,value,reason\n";
  }
  stream_ << Quoted(file) << ',' << (row > 0 ? std::to_string(row) : "") << ',' << Quoted(column)
          << ',' << Quoted(value) << ',' << Quoted(reason) << '\n';
}

absl::Status RejectedFile::Close() {
  if (count_ == 0) return absl::OkStatus();
  stream_.close();
  if (stream_.good()) return absl::OkStatus();
  return absl::UnavailableError(
      fmt::format("{}: the rejected rows can't be written there; is the disk full, or the folder "
                  "read-only?",
                  path_));
}

}  // namespace shouwang
