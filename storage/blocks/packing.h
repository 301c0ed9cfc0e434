// Bytes packed as one frame of zstd, which says how many they are. Each thread keeps what zstd
// works with, some 300 kB where it packs and 100 kB where it only unpacks. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace shouwang {

// `bytes` as one frame.
std::string Pack(std::string_view bytes);

// Puts what `frame` was made of into `bytes`, whose memory is kept. False unless it is one whole
// frame of at most `most` bytes; nothing is reserved for more.
bool Unpack(std::string_view frame, size_t most, std::vector<char>* bytes);

}  // namespace shouwang
