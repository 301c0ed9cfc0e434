#include "storage/blocks/packing.h"

#include <zstd.h>

#include <memory>
#include <new>

namespace shouwang {
namespace {

// README.md, "How are blocks packed?"
constexpr int kLevel = 3;

template <auto kFree>
struct Freeing {
  template <typename Context>
  void operator()(Context* context) const {
    kFree(context);
  }
};

template <typename Context>
Context* Made(Context* context) {
  if (context == nullptr) throw std::bad_alloc();
  return context;
}

ZSTD_CCtx* PackingContext() {
  thread_local const std::unique_ptr<ZSTD_CCtx, Freeing<&ZSTD_freeCCtx>> context(
      Made(ZSTD_createCCtx()));
  return context.get();
}

ZSTD_DCtx* UnpackingContext() {
  thread_local const std::unique_ptr<ZSTD_DCtx, Freeing<&ZSTD_freeDCtx>> context(
      Made(ZSTD_createDCtx()));
  return context.get();
}

}  // namespace

std::string Pack(std::string_view bytes) {
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size = ZSTD_compressCCtx(PackingContext(), frame.data(), frame.size(), bytes.data(),
                                        bytes.size(), kLevel);
  // With room for the bound, only memory can be wanting.
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();
  frame.resize(size);
  return frame;
}

bool Unpack(std::string_view frame, size_t most, std::vector<char>* bytes) {
  // Beyond `most` where it is not known, or no frame begins here.
  const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size > most) return false;
  bytes->resize(size);
  return ZSTD_decompressDCtx(UnpackingContext(), bytes->data(), bytes->size(), frame.data(),
                             frame.size()) == size;
}

}  // namespace shouwang
