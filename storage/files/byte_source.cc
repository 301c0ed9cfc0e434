#include "storage/files/byte_source.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace shouwang {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

absl::Status OpenFault(const std::string& path, int error) {
  const std::string text = fmt::format("{}: can't be opened: {}", path, std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(text);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(text);
    default:
      return absl::UnavailableError(text);
  }
}

}  // namespace

struct ByteSource::State {
  std::string path;
  std::FILE* file = nullptr;
  int64_t taken = 0;
  int64_t total = 0;
  bool gzip = false;
  bool inflating = false;  // whether `stream` is initialised
  bool in_member = false;  // inside a gzip member, whose end must come
  bool at_end = false;     // of the file
  z_stream stream{};
  std::array<unsigned char, kBufferBytes> in;
  size_t in_begin = 0;
  size_t in_end = 0;
  absl::Status fault;

  ~State() {
    if (inflating) inflateEnd(&stream);
    if (file != nullptr) std::fclose(file);
  }

  absl::Status Fill() {
    in_begin = 0;
    in_end = std::fread(in.data(), 1, in.size(), file);
    taken += static_cast<int64_t>(in_end);
    if (in_end < in.size()) {
      if (std::ferror(file) != 0) {
        return absl::UnavailableError(
            fmt::format("{}: can't be read past byte {}: {}", path, taken, std::strerror(errno)));
      }
      at_end = true;
    }
    return absl::OkStatus();
  }

  size_t TakePlain(std::span<char> buffer) {
    const size_t count = std::min(buffer.size(), in_end - in_begin);
    std::memcpy(buffer.data(), in.data() + in_begin, count);
    in_begin += count;
    return count;
  }

  absl::StatusOr<size_t> Inflate(std::span<char> buffer) {
    stream.next_in = in.data() + in_begin;
    stream.avail_in = static_cast<uInt>(in_end - in_begin);
    stream.next_out = reinterpret_cast<unsigned char*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    in_member = true;
    const int result = inflate(&stream, Z_NO_FLUSH);
    in_begin = in_end - stream.avail_in;
    if (result == Z_STREAM_END) {
      in_member = false;
      inflateReset(&stream);
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      fault = absl::DataLossError(
          fmt::format("{}: the gzip stream is damaged near byte {} of {} ({})", path,
                      taken - static_cast<int64_t>(stream.avail_in), total,
                      stream.msg == nullptr ? "unknown fault" : stream.msg));
    }
    return buffer.size() - stream.avail_out;
  }
};

ByteSource::ByteSource(std::unique_ptr<State> state) : state_(std::move(state)) {}
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;
ByteSource::~ByteSource() = default;

absl::StatusOr<ByteSource> ByteSource::Open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->file = std::fopen(path.c_str(), "rbe");
  if (state->file == nullptr) return OpenFault(path, errno);
  struct stat status {};
  if (fstat(fileno(state->file), &status) != 0) return OpenFault(path, errno);
  if (S_ISDIR(status.st_mode)) {
    return absl::InvalidArgumentError(fmt::format("{}: is a folder, not a file", path));
  }
  state->total = status.st_size;
  if (absl::Status filled = state->Fill(); !filled.ok()) return filled;
  state->gzip = state->in_end >= 2 && state->in[0] == 0x1f && state->in[1] == 0x8b;
  if (state->gzip) {
    // 16 on top of the largest window: a gzip wrapper is required and its checksum verified.
    if (inflateInit2(&state->stream, 16 + MAX_WBITS) != Z_OK) {
      return absl::ResourceExhaustedError(fmt::format("{}: no memory to decompress it", path));
    }
    state->inflating = true;
  }
  return ByteSource(std::move(state));
}

absl::StatusOr<size_t> ByteSource::Read(std::span<char> buffer) {
  State& state = *state_;
  if (!state.fault.ok()) return state.fault;
  if (buffer.empty()) return size_t{0};
  for (;;) {
    if (state.in_begin == state.in_end && !state.at_end) {
      state.fault = state.Fill();
      if (!state.fault.ok()) return state.fault;
    }
    const bool drained = state.in_begin == state.in_end;
    if (!state.gzip) return state.TakePlain(buffer);
    if (drained && !state.in_member) return size_t{0};
    absl::StatusOr<size_t> count = state.Inflate(buffer);
    if (*count > 0) return count;
    if (!state.fault.ok()) return state.fault;
    if (drained && state.in_member) {
      state.fault = absl::DataLossError(
          fmt::format("{}: the gzip stream is cut off after {} bytes; copy the file again",
                      state.path, state.taken));
      return state.fault;
    }
  }
}

int64_t ByteSource::bytes_read() const {
  return state_->taken - static_cast<int64_t>(state_->in_end - state_->in_begin);
}
int64_t ByteSource::bytes_total() const { return state_->total; }

}  // namespace shouwang
