#include "storage/files/csv.h"

#include <csv.h>
#include <fmt/format.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "storage/files/byte_source.h"

namespace shouwang {
namespace {

constexpr size_t kMaxRowBytes = 1 << 20;
constexpr size_t kMaxColumns = 1000;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A blank belongs to its cell, as RFC 4180 has it; libcsv would cut it off.
int NeverSpace(unsigned char) { return 0; }

bool IsLineEnd(std::string_view text) { return text == "\n" || text == "\r\n"; }

}  // namespace

// The file is handed to libcsv line by line, so that each row's first line is known.
struct CsvReader::State {
  std::string path;
  ByteSource source;
  csv_parser parser{};
  bool parsing = false;  // whether `parser` is initialised

  std::array<char, 64 << 10> buffer;
  size_t begin = 0;
  size_t end = 0;

  std::string text;        // the line at hand, with its line feed
  int64_t lines = 0;       // read so far
  int64_t row_line = 1;    // where the row being parsed began
  size_t row_bytes = 0;    // of the row being parsed
  int64_t ready_line = 0;  // where the rows in `ready` began
  int64_t last_line = 0;   // of the row returned last
  bool finished = false;   // the last row was parsed
  absl::Status fault;      // returned from then on
  std::vector<std::string> heading;

  // Rows parsed but not returned; more than one only where a lone carriage return ends a row.
  // Strings are reused from row to row.
  std::vector<std::vector<std::string>> ready;
  size_t ready_begin = 0;
  size_t ready_end = 0;
  std::vector<std::string> cells;
  size_t cell_count = 0;

  State(std::string file, ByteSource bytes) : path(std::move(file)), source(std::move(bytes)) {}
  ~State() {
    if (parsing) csv_free(&parser);
  }

  static void OnCell(void* text, size_t size, void* self) {
    State& state = *static_cast<State*>(self);
    if (state.cell_count == state.cells.size()) state.cells.emplace_back();
    state.cells[state.cell_count++].assign(static_cast<const char*>(text), size);
  }

  static void OnRow(int, void* self) {
    State& state = *static_cast<State*>(self);
    state.cells.resize(state.cell_count);
    if (state.ready_end == state.ready.size()) state.ready.emplace_back();
    std::swap(state.ready[state.ready_end++], state.cells);
    state.cell_count = 0;
  }

  absl::Status Malformed(std::string_view what, int64_t line) const {
    return absl::InvalidArgumentError(fmt::format("{}:{}: {}", path, line, what));
  }

  absl::Status ReadLine();
  absl::Status ParseLine();
  absl::Status FillReady();
};

// Appends to `text` up to the next line feed or the file's end.
absl::Status CsvReader::State::ReadLine() {
  text.clear();
  for (;;) {
    if (begin == end) {
      absl::StatusOr<size_t> count = source.Read(buffer);
      if (!count.ok()) {
        return absl::Status(
            count.status().code(),
            fmt::format("{} (at line {})", std::string(count.status().message()), lines + 1));
      }
      begin = 0;
      end = *count;
      if (end == 0) break;
    }
    const char* const from = buffer.data() + begin;
    const auto* feed = static_cast<const char*>(std::memchr(from, '\n', end - begin));
    const size_t size = feed == nullptr ? end - begin : static_cast<size_t>(feed - from) + 1;
    text.append(from, size);
    begin += size;
    if (row_bytes + text.size() > kMaxRowBytes) {
      return Malformed(
          fmt::format("this row is over {} bytes; is a quote left open?", kMaxRowBytes), row_line);
    }
    if (feed != nullptr) break;
  }
  if (!text.empty()) ++lines;
  return absl::OkStatus();
}

absl::Status CsvReader::State::ParseLine() {
  const size_t parsed = csv_parse(&parser, text.data(), text.size(), OnCell, OnRow, this);
  if (parsed == text.size()) return absl::OkStatus();
  if (csv_error(&parser) != CSV_EPARSE) {
    return absl::ResourceExhaustedError(fmt::format("{}:{}: no memory for this row", path, lines));
  }
  return Malformed(fmt::format("a quote stands inside a cell near byte {} of the line; quote the "
                               "whole cell and double the quotes in it",
                               parsed + 1),
                   lines);
}

// Parses lines until a row is ready or the file is at its end.
absl::Status CsvReader::State::FillReady() {
  ready_begin = ready_end = 0;
  while (ready_end == 0 && !finished) {
    if (row_bytes == 0) row_line = lines + 1;
    if (absl::Status status = ReadLine(); !status.ok()) return status;
    if (lines == 1 && text.starts_with(kByteOrderMark)) text.erase(0, kByteOrderMark.size());
    if (row_bytes == 0 && IsLineEnd(text)) continue;
    ready_line = row_line;
    row_bytes += text.size();
    if (text.empty()) {
      finished = true;
      if (csv_fini(&parser, OnCell, OnRow, this) != 0) {
        return Malformed("the file ends inside a quoted cell of this row", row_line);
      }
    } else if (absl::Status status = ParseLine(); !status.ok()) {
      return status;
    }
    if (ready_end > 0) row_bytes = 0;
  }
  return absl::OkStatus();
}

CsvReader::CsvReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CsvReader::CsvReader(CsvReader&&) noexcept = default;
CsvReader& CsvReader::operator=(CsvReader&&) noexcept = default;
CsvReader::~CsvReader() = default;

absl::StatusOr<CsvReader> CsvReader::Open(const std::string& path) {
  absl::StatusOr<ByteSource> source = ByteSource::Open(path);
  if (!source.ok()) return source.status();
  auto state = std::make_unique<State>(path, *std::move(source));
  if (csv_init(&state->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
    return absl::ResourceExhaustedError(fmt::format("{}: no memory to parse it", path));
  }
  state->parsing = true;
  csv_set_space_func(&state->parser, NeverSpace);
  csv_set_blk_size(&state->parser, 4096);
  CsvReader reader(std::move(state));
  absl::StatusOr<bool> has_heading = reader.Next(&reader.state_->heading);
  if (!has_heading.ok()) return has_heading.status();
  if (!*has_heading) return reader.state_->Malformed("the file is empty; a heading is needed", 1);
  if (reader.heading().size() > kMaxColumns) {
    return reader.state_->Malformed(fmt::format("the heading has {} columns; at most {} are read",
                                                reader.heading().size(), kMaxColumns),
                                    reader.line());
  }
  return reader;
}

const std::vector<std::string>& CsvReader::heading() const { return state_->heading; }

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>* row) {
  State& state = *state_;
  if (state.ready_begin == state.ready_end) {
    if (state.fault.ok()) state.fault = state.FillReady();
    // Rows that the parser finished before the fault come first.
    if (!state.fault.ok() && state.ready_begin == state.ready_end) return state.fault;
    if (state.ready_begin == state.ready_end) return false;
  }
  std::swap(*row, state.ready[state.ready_begin++]);
  state.last_line = state.ready_line;
  return true;
}

int64_t CsvReader::line() const { return state_->last_line; }
int64_t CsvReader::bytes_read() const { return state_->source.bytes_read(); }
int64_t CsvReader::bytes_total() const { return state_->source.bytes_total(); }

}  // namespace shouwang
