#include "storage/blocks/checksum.h"

#include <array>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "storage/blocks/bytes.h"

namespace shouwang {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// Table t advances the remainder by one byte and t zero bytes after it, so that eight bytes can be
// taken at once.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t remainder = i;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ ((remainder & 1) != 0 ? 0x82F63B78U : 0U);
    }
    tables[0][i] = remainder;
  }
  for (size_t t = 1; t < tables.size(); ++t) {
    for (size_t i = 0; i < 256; ++i) {
      tables[t][i] = (tables[t - 1][i] >> 8) ^ tables[0][tables[t - 1][i] & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint32_t ByTable(std::string_view bytes) {
  uint32_t remainder = ~0U;
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  for (; end - at >= 8; at += 8) {
    const uint64_t word = LoadWord(at) ^ remainder;
    remainder = 0;
    for (size_t i = 0; i < 8; ++i) remainder ^= kTables[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (; at != end; ++at) {
    remainder = (remainder >> 8) ^ kTables[0][(remainder ^ static_cast<uint8_t>(*at)) & 0xff];
  }
  return ~remainder;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t ByInstruction(std::string_view bytes) {
  uint64_t remainder = 0xFFFFFFFFU;
  const char* at = bytes.data();
  const char* end = at + bytes.size();
  for (; end - at >= 8; at += 8) {
    remainder = _mm_crc32_u64(remainder, LoadWord(at));
  }
  auto tail = static_cast<uint32_t>(remainder);
  for (; at != end; ++at) tail = _mm_crc32_u8(tail, static_cast<uint8_t>(*at));
  return ~tail;
}
#endif

}  // namespace

uint32_t Crc32c(std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return ByInstruction(bytes);
#endif
  return ByTable(bytes);
}

void Seal(size_t begin, std::string* bytes) {
  const uint32_t checksum = Crc32c(std::string_view(*bytes).substr(begin));
  for (int shift = 0; shift < 32; shift += 8)
    bytes->push_back(static_cast<char>(checksum >> shift));
}

bool IsSealed(std::string_view bytes) {
  if (bytes.size() < kChecksumBytes) return false;
  const std::string_view sealed = bytes.substr(0, bytes.size() - kChecksumBytes);
  uint32_t checksum = 0;
  for (size_t i = 0; i < kChecksumBytes; ++i) {
    checksum |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[sealed.size() + i])) << (8 * i);
  }
  return Crc32c(sealed) == checksum;
}

}  // namespace shouwang
