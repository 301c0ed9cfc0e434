#include "storage/audit/audit_chain.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>

namespace shouwang {
namespace {

// Fails only where memory is out.
AuditHash Digest(std::initializer_list<std::string_view> parts) {
  // One a thread: making one takes longer than hashing an entry.
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  AuditHash hash{};
  unsigned int size = 0;
  bool done = context != nullptr && EVP_DigestInit_ex2(context.get(), kSha256, nullptr) == 1;
  for (const std::string_view part : parts) {
    done = done && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  done = done && EVP_DigestFinal_ex(context.get(), hash.data(), &size) == 1;
  if (!done || size != hash.size()) throw std::bad_alloc();
  return hash;
}

std::string_view ViewOf(const AuditHash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace

AuditHash HashOfEntry(const AuditHash& previous, std::string_view key, std::string_view record) {
  return Digest({ViewOf(previous), key, record});
}

AuditHash Sha256(std::string_view bytes) { return Digest({bytes}); }

ChainEnd EndBehind(std::string_view key, std::string_view value) {
  ChainEnd end;
  if (const std::optional<AuditPosition> position = ReadAuditKey(key)) {
    end.sequence = position->sequence;
  }
  std::memcpy(end.hash.data(), value.data(), std::min(value.size(), end.hash.size()));
  if (value.size() > kAuditHashBytes) {
    if (const auto record = ReadAuditRecord(value.substr(kAuditHashBytes))) end.at = record->at;
  }
  return end;
}

StoredEntry LinkEntry(const AuditChain& chain, AuditRecord record, ChainEnd* end) {
  record.at = std::max(record.at, end->at);
  StoredEntry entry;
  entry.key = AuditKey(chain, end->sequence + 1);
  const std::string bytes = WriteAuditRecord(record);
  const AuditHash hash = HashOfEntry(end->hash, entry.key, bytes);
  entry.value.reserve(kAuditHashBytes + bytes.size());
  entry.value.append(ViewOf(hash));
  entry.value.append(bytes);
  *end = {end->sequence + 1, hash, record.at};
  return entry;
}

std::optional<AuditEntry> ReadAuditEntry(std::string_view key, std::string_view value,
                                         const AuditHash& previous) {
  const std::optional<AuditPosition> position = ReadAuditKey(key);
  if (!position || value.size() < kAuditHashBytes) return std::nullopt;
  std::optional<AuditRecord> record = ReadAuditRecord(value.substr(kAuditHashBytes));
  if (!record) return std::nullopt;
  AuditEntry entry;
  entry.chain = position->chain;
  entry.sequence = position->sequence;
  entry.previous = previous;
  std::memcpy(entry.hash.data(), value.data(), entry.hash.size());
  entry.record = *std::move(record);
  entry.bytes = value.substr(kAuditHashBytes);
  return entry;
}

AuditHash RootOf(std::span<const AuditHead> heads) {
  std::string lines;
  for (const AuditHead& head : heads) {
    lines += fmt::format("{} {} {}\n", head.chain.ToString(), head.sequence, HashText(head.hash));
  }
  return Sha256(lines);
}

}  // namespace shouwang
