#include "daemon/query/page_token.h"

#include "absl/strings/escaping.h"

namespace shouwang::query {
namespace {

constexpr char kVersion = 1;
constexpr size_t kMaxPosition = 64;
constexpr size_t kHead = 1 + 8;
constexpr size_t kCheck = 4;
constexpr size_t kWarningPosition = 8 + 1 + 4 + 2;

void PutLittleEndian(uint64_t value, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

uint64_t GetLittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return value;
}

uint32_t CheckOf(std::string_view bytes) {
  return static_cast<uint32_t>(Fingerprint(bytes) & 0xffffffffU);
}

}  // namespace

uint64_t Fingerprint(std::string_view bytes) {
  uint64_t hash = 14695981039346656037ULL;
  for (char c : bytes) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return hash;
}

std::string EncodePageToken(uint64_t listing, std::string_view position) {
  std::string bytes(1, kVersion);
  PutLittleEndian(listing, 8, &bytes);
  bytes.append(position);
  PutLittleEndian(CheckOf(bytes), kCheck, &bytes);
  return absl::WebSafeBase64Escape(bytes);
}

std::optional<std::string> DecodePageToken(uint64_t listing, std::string_view token) {
  std::string bytes;
  if (token.size() > 2 * (kHead + kMaxPosition + kCheck)) return std::nullopt;
  if (!absl::WebSafeBase64Unescape(std::string(token), &bytes)) return std::nullopt;
  if (bytes.size() < kHead + kCheck || bytes[0] != kVersion) return std::nullopt;
  const std::string_view all(bytes);
  const std::string_view body = all.substr(0, all.size() - kCheck);
  if (GetLittleEndian(all.substr(body.size())) != CheckOf(body)) return std::nullopt;
  if (GetLittleEndian(body.substr(1, 8)) != listing) return std::nullopt;
  return std::string(body.substr(kHead));
}

std::string EncodePosition(const WarningPosition& position) {
  std::string bytes;
  PutLittleEndian(position.subject.place, 8, &bytes);
  PutLittleEndian(static_cast<uint64_t>(position.subject.kind), 1, &bytes);
  PutLittleEndian(position.subject.number, 4, &bytes);
  PutLittleEndian(position.rule, 2, &bytes);
  return bytes;
}

std::optional<WarningPosition> DecodePosition(std::string_view bytes) {
  if (bytes.size() != kWarningPosition) return std::nullopt;
  if (bytes[8] != 0 && bytes[8] != 1) return std::nullopt;
  WarningPosition position;
  position.subject.place = GetLittleEndian(bytes.substr(0, 8));
  position.subject.kind = static_cast<SubjectKind>(GetLittleEndian(bytes.substr(8, 1)));
  position.subject.number = static_cast<uint32_t>(GetLittleEndian(bytes.substr(9, 4)));
  position.rule = static_cast<RuleId>(GetLittleEndian(bytes.substr(13, 2)));
  return position;
}

std::string EncodeDeliveryPosition(const DeliveryPosition& position) {
  std::string bytes;
  PutLittleEndian(static_cast<uint64_t>(position.sent_at.time_since_epoch().count()), 8, &bytes);
  PutLittleEndian(position.tie, 8, &bytes);
  return bytes;
}

std::optional<DeliveryPosition> DecodeDeliveryPosition(std::string_view bytes) {
  if (bytes.size() != 16) return std::nullopt;
  const auto ms = static_cast<int64_t>(GetLittleEndian(bytes.substr(0, 8)));
  return DeliveryPosition{Instant(std::chrono::milliseconds(ms)),
                          GetLittleEndian(bytes.substr(8, 8))};
}

}  // namespace shouwang::query
