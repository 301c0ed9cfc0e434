// CRC-32C (Castagnoli), as iSCSI and RocksDB use it: every change of up to 32 bits in a row is
// found. Uses the CPU's instruction where there is one. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shouwang {

// 0xE3069283 for "123456789".
uint32_t Crc32c(std::string_view bytes);

inline constexpr size_t kChecksumBytes = 4;
// Appends the checksum of `bytes` from `begin` on, low byte first.
void Seal(size_t begin, std::string* bytes);
// Whether `bytes` end with the checksum of what is before it.
bool IsSealed(std::string_view bytes);

}  // namespace shouwang
