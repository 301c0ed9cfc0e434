#include "storage/blocks/compression.h"

#include <zstd.h>

#include <memory>

namespace shouwang {
namespace {

// README.md, "How are blocks compressed?"
constexpr int kLevel = 3;

// A block of zstd's format takes 4 bytes at least and holds 128 KiB at most.
constexpr size_t kLeastBlockBytes = 4;
constexpr size_t kMostBytesOfBlock = size_t{128} << 10;

template <auto kFree>
struct Freeing {
  template <typename Context>
  void operator()(Context* context) const {
    kFree(context);
  }
};

// Both nullptr without memory.
ZSTD_CCtx* CompressingContext() {
  thread_local std::unique_ptr<ZSTD_CCtx, Freeing<&ZSTD_freeCCtx>> context;
  if (context == nullptr) context.reset(ZSTD_createCCtx());
  return context.get();
}

ZSTD_DCtx* DecompressingContext() {
  thread_local std::unique_ptr<ZSTD_DCtx, Freeing<&ZSTD_freeDCtx>> context;
  if (context == nullptr) context.reset(ZSTD_createDCtx());
  return context.get();
}

}  // namespace

std::string Compress(std::string_view bytes) {
  ZSTD_CCtx* const context = CompressingContext();
  if (context == nullptr) return {};
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size =
      ZSTD_compressCCtx(context, frame.data(), frame.size(), bytes.data(), bytes.size(), kLevel);
  frame.resize(ZSTD_isError(size) != 0 ? 0 : size);
  return frame;
}

bool Decompress(std::string_view frame, size_t most, std::vector<char>* bytes) {
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) return false;
  // More than any `most` where it is not known; 0 of a frame that zstd would skip.
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size > most || size / kMostBytesOfBlock > frame.size() / kLeastBlockBytes) return false;
  ZSTD_DCtx* const context = DecompressingContext();
  if (context == nullptr) return false;
  bytes->resize(size);
  return ZSTD_decompressDCtx(context, bytes->data(), size, frame.data(), frame.size()) == size;
}

}  // namespace shouwang
