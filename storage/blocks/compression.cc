#include "storage/blocks/compression.h"

#include <zstd.h>

#include <memory>
#include <new>
#include <span>

namespace shouwang {
namespace {

// README.md, "How are blocks compressed?"
constexpr int kLevel = 1;
// Of fewer bytes a table of their own would take more than it saves.
constexpr size_t kLeastAlone = 256;

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

std::string Compress(std::span<const std::string_view> kinds) {
  ZSTD_CCtx* const context = CompressingContext();
  if (context == nullptr) return {};
  size_t bytes = 0;
  for (const std::string_view kind : kinds) bytes += kind.size();
  // None of these fails between two frames.
  ZSTD_CCtx_reset(context, ZSTD_reset_session_only);
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setPledgedSrcSize(context, bytes);
  std::string frame(ZSTD_compressBound(bytes) + kinds.size() * kLeastBlockBytes, '\0');
  ZSTD_outBuffer out{frame.data(), frame.size(), 0};
  size_t in_block = 0;
  for (size_t i = 0; i < kinds.size(); ++i) {
    in_block += kinds[i].size();
    ZSTD_EndDirective then = ZSTD_e_continue;
    if (i + 1 == kinds.size()) {
      then = ZSTD_e_end;
    } else if (in_block >= kLeastAlone && kinds[i + 1].size() >= kLeastAlone) {
      then = ZSTD_e_flush;
      in_block = 0;
    }
    ZSTD_inBuffer in{kinds[i].data(), kinds[i].size(), 0};
    const size_t left = ZSTD_compressStream2(context, &out, &in, then);
    if (ZSTD_isError(left) != 0 || in.pos < in.size || (then != ZSTD_e_continue && left > 0)) {
      return {};
    }
  }
  frame.resize(out.pos);
  return frame;
}

bool Decompress(std::string_view frame, size_t most, std::vector<char>* bytes) {
  if (ZSTD_findFrameCompressedSize(frame.data(), frame.size()) != frame.size()) return false;
  // More than any `most` where it is not known; 0 of a frame that zstd would skip.
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size > most || size / kMostBytesOfBlock > frame.size() / kLeastBlockBytes) return false;
  ZSTD_DCtx* const context = DecompressingContext();
  // Sound bytes must not pass for damaged ones, which a fold would keep apart for good.
  if (context == nullptr) throw std::bad_alloc();
  bytes->resize(size);
  return ZSTD_decompressDCtx(context, bytes->data(), size, frame.data(), frame.size()) == size;
}

}  // namespace shouwang
