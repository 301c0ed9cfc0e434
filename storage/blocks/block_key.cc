#include "storage/blocks/block_key.h"

#include <fmt/format.h>

namespace shouwang {

void AppendBigEndian(uint64_t value, int bytes, std::string* out) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

uint64_t ReadBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes) value = (value << 8) | static_cast<uint8_t>(byte);
  return value;
}

void AppendGroupKey(const SubjectGroup& group, std::string* out) {
  AppendBigEndian(group.place, 5, out);
  AppendBigEndian(static_cast<uint8_t>(group.kind), 1, out);
  AppendBigEndian(group.group, 3, out);
}

std::optional<SubjectGroup> ParseGroupKey(std::string_view bytes) {
  if (bytes.size() < kGroupKeyBytes || static_cast<uint8_t>(bytes[5]) > 1) return std::nullopt;
  return SubjectGroup{ReadBigEndian(bytes.substr(0, 5)), static_cast<SubjectKind>(bytes[5]),
                      static_cast<uint32_t>(ReadBigEndian(bytes.substr(6, 3)))};
}

Date BlockKey::FirstDay() const { return Date::FirstOf(Month::OfIndex((year - 1970) * 12)); }

std::string BlockKey::ToString() const {
  return fmt::format("block {:012} {} {} to {}, {}", group.place, KindName(group.kind),
                     group.group * kSubjectsPerGroup,
                     group.group * kSubjectsPerGroup + kSubjectsPerGroup - 1, year);
}

void AppendBlockKey(const BlockKey& key, std::string* out) {
  AppendGroupKey(key.group, out);
  AppendBigEndian(static_cast<uint64_t>(key.year), 2, out);
}

std::optional<BlockKey> ParseBlockKey(std::string_view bytes) {
  const std::optional<SubjectGroup> group = ParseGroupKey(bytes);
  if (!group || bytes.size() != kBlockKeyBytes) return std::nullopt;
  return BlockKey{*group, static_cast<int32_t>(ReadBigEndian(bytes.substr(9, 2)))};
}

}  // namespace shouwang
