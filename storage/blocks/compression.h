// Bytes compressed as one frame of zstd, which says how many they were. Each thread keeps what zstd
// works with: some 100 kB where it only decompresses, a megabyte where it compresses. Any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace shouwang {

// The bytes of all `kinds`, one after another, as one frame; empty where there is no memory to make
// it. Kinds that are long enough are coded by themselves, which makes them shorter.
std::string Compress(std::span<const std::string_view> kinds);
inline std::string Compress(std::string_view bytes) { return Compress({&bytes, 1}); }

// Puts what `frame` was made of into `bytes`, whose memory is kept. False unless it is one frame,
// and no more, of at most `most` bytes; memory is taken for no more bytes than so long a frame can
// hold.
// Throws std::bad_alloc where there is none, as any container does.
bool Decompress(std::string_view frame, size_t most, std::vector<char>* bytes);

}  // namespace shouwang
