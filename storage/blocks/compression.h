// Bytes compressed as one frame of zstd, which says how many they were. Each thread keeps what zstd
// works with: some 100 kB where it only decompresses, a megabyte where it compresses. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace shouwang {

// `bytes` as one frame; empty where there is no memory to make it.
std::string Compress(std::string_view bytes);

// Puts what `frame` was made of into `bytes`, whose memory is kept. False unless it is one frame,
// and no more, of at most `most` bytes; memory is taken for no more bytes than so long a frame can
// hold.
bool Decompress(std::string_view frame, size_t most, std::vector<char>* bytes);

}  // namespace shouwang
