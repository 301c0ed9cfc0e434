#include "collectors/simulator/sheet.h"

#include <fmt/format.h>
#include <zlib.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace shouwang::simulator {
namespace {

constexpr size_t kFlushBytes = 64 << 10;

}  // namespace

struct Sheet::State {
  std::string path;
  std::string part;
  gzFile file = nullptr;  // writes plain bytes too
  std::string text;
  bool row_begun = false;
  absl::Status fault;

  ~State() {
    if (file == nullptr) return;
    gzclose(file);
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
  }

  void Separate() {
    if (row_begun) text += ',';
    row_begun = true;
  }

  void Flush() {
    if (fault.ok() && !text.empty() &&
        gzwrite(file, text.data(), static_cast<unsigned>(text.size())) == 0) {
      fault = absl::UnavailableError(
          fmt::format("{}: can't be written: {}", part, std::strerror(errno)));
    }
    text.clear();
  }
};

Sheet::Sheet(std::unique_ptr<State> state) : state_(std::move(state)) {}
Sheet::Sheet(Sheet&&) noexcept = default;
Sheet& Sheet::operator=(Sheet&&) noexcept = default;
Sheet::~Sheet() = default;

absl::StatusOr<Sheet> Sheet::Create(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->part = path + ".part";
  // "T" writes plain bytes; level 1 keeps pace with the simulation.
  state->file = gzopen(state->part.c_str(), path.ends_with(".gz") ? "wb1" : "wbT");
  if (state->file == nullptr) {
    return absl::UnavailableError(
        fmt::format("{}: can't be created: {}", state->part, std::strerror(errno)));
  }
  return Sheet(std::move(state));
}

void Sheet::Cell(std::string_view text) {
  state_->Separate();
  state_->text += text;
}

void Sheet::Number(uint64_t number) {
  state_->Separate();
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  state_->text.append(digits, end);
}

void Sheet::Hundredths(int64_t value) {
  if (value < 0) {
    Cell("-");
    value = -value;
    state_->row_begun = false;
  }
  const auto magnitude = static_cast<uint64_t>(value);
  Number(magnitude / 100);
  state_->row_begun = true;
  const auto tenths = static_cast<char>('0' + magnitude / 10 % 10);
  const auto hundredths = static_cast<char>('0' + magnitude % 10);
  if (magnitude % 100 == 0) return;
  state_->text += '.';
  state_->text += tenths;
  if (hundredths != '0') state_->text += hundredths;
}

void Sheet::EmptyCell() { state_->Separate(); }

void Sheet::EndRow() {
  state_->text += '\n';
  state_->row_begun = false;
  if (state_->text.size() >= kFlushBytes) state_->Flush();
}

absl::Status Sheet::Finish() {
  State& state = *state_;
  state.Flush();
  const gzFile file = std::exchange(state.file, nullptr);
  if (gzclose(file) != Z_OK && state.fault.ok()) {
    state.fault =
        absl::UnavailableError(fmt::format("{}: can't be written; is the disk full?", state.part));
  }
  std::error_code error;
  if (!state.fault.ok()) {
    std::filesystem::remove(state.part, error);
    return state.fault;
  }
  std::filesystem::rename(state.part, state.path, error);
  if (error) {
    return absl::UnavailableError(
        fmt::format("{}: can't be renamed to {}: {}", state.part, state.path, error.message()));
  }
  return absl::OkStatus();
}

}  // namespace shouwang::simulator
