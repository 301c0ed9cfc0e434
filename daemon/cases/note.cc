#include "daemon/cases/note.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/contract/case_book.h"

namespace shouwang::cases {
namespace {

constexpr size_t kShortestNumber = 11;
constexpr char32_t kWideZero = U'０';

// nullopt for bytes that are no UTF-8.
std::optional<std::u32string> Decode(std::string_view text) {
  std::u32string characters;
  for (size_t at = 0; at < text.size();) {
    const auto lead = static_cast<uint8_t>(text[at]);
    const size_t length = lead < 0x80             ? 1
                          : (lead & 0xe0) == 0xc0 ? 2
                          : (lead & 0xf0) == 0xe0 ? 3
                          : (lead & 0xf8) == 0xf0 ? 4
                                                  : 0;
    if (length == 0 || text.size() - at < length) return std::nullopt;
    char32_t character = length == 1 ? lead : lead & (0x7fU >> length);
    for (size_t i = 1; i < length; ++i) {
      const auto byte = static_cast<uint8_t>(text[at + i]);
      if ((byte & 0xc0) != 0x80) return std::nullopt;
      character = character << 6 | (byte & 0x3f);
    }
    constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
    if (character < kLeast[length] || character > 0x10ffff ||
        (character >= 0xd800 && character < 0xe000)) {
      return std::nullopt;
    }
    characters.push_back(character);
    at += length;
  }
  return characters;
}

// A digit's character '0' to '9', whatever its width; 0 for anything else.
char DigitOf(char32_t character) {
  if (character >= U'0' && character <= U'9') return static_cast<char>(character);
  if (character >= kWideZero && character < kWideZero + 10) {
    return static_cast<char>('0' + (character - kWideZero));
  }
  return 0;
}

// What people write between the groups of one number: blanks, hyphens and dashes of either width.
bool IsSeparator(char32_t character) {
  return character == U' ' || character == U'\u00a0' || character == U'\u3000' ||
         character == U'-' || character == U'\uff0d' || character == U'\u2212' ||
         (character >= U'\u2010' && character <= U'\u2014');
}

// Groups of digits that only blanks and hyphens part: "138 1234 5678" is one run of three.
std::vector<std::vector<std::string>> RunsOfDigits(const std::u32string& text) {
  std::vector<std::vector<std::string>> runs;
  bool in_group = false;
  bool in_run = false;
  for (const char32_t character : text) {
    if (const char digit = DigitOf(character); digit != 0) {
      if (!in_run) runs.emplace_back();
      if (!in_group) runs.back().emplace_back();
      runs.back().back().push_back(digit);
      in_group = in_run = true;
      continue;
    }
    in_run = in_run && IsSeparator(character);
    in_group = false;
  }
  return runs;
}

// Whether groups from `at` on have these lengths.
bool SplitAs(const std::vector<std::string>& run, size_t at, const std::vector<size_t>& lengths) {
  if (run.size() - at < lengths.size()) return false;
  for (size_t i = 0; i < lengths.size(); ++i) {
    if (run[at + i].size() != lengths[i]) return false;
  }
  return true;
}

bool HasPersonalNumber(const std::u32string& text) {
  for (const std::vector<std::string>& run : RunsOfDigits(text)) {
    for (size_t at = 0; at < run.size(); ++at) {
      if (run[at].size() >= kShortestNumber) return true;
      const char first = run[at].front();
      if (first == '1' && (SplitAs(run, at, {3, 4, 4}) || SplitAs(run, at, {3, 8}))) return true;
      if (first == '0' && (SplitAs(run, at, {3, 7}) || SplitAs(run, at, {3, 8}) ||
                           SplitAs(run, at, {4, 7}) || SplitAs(run, at, {4, 8}))) {
        return true;
      }
      // The last of an ID card's four may be an X.
      if (SplitAs(run, at, {6, 8, 4}) || SplitAs(run, at, {6, 8, 3}) ||
          SplitAs(run, at, {4, 4, 4, 4})) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

absl::Status CheckNote(std::string_view text) {
  const std::optional<std::u32string> characters = Decode(text);
  if (!characters) return absl::InvalidArgumentError("is no UTF-8 text");
  if (characters->size() > kMaxNoteCharacters || text.size() > kMaxNoteBytes) {
    return absl::InvalidArgumentError(
        fmt::format("has {} characters; {} at most", characters->size(), kMaxNoteCharacters));
  }
  const auto is_control = [](char32_t c) { return (c < 0x20 && c != U'\n') || c == 0x7f; };
  if (std::ranges::any_of(*characters, is_control)) {
    return absl::InvalidArgumentError("has a control character");
  }
  if (HasPersonalNumber(*characters)) {
    return absl::InvalidArgumentError(
        "has what looks like the number of an ID card, a telephone or an account; none is kept "
        "here");
  }
  return absl::OkStatus();
}

absl::Status CheckActor(std::string_view account) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-@").find(c) != std::string_view::npos;
  };
  if (account.empty() || account.size() > kMaxActorBytes ||
      !std::ranges::all_of(account, allowed)) {
    return absl::InvalidArgumentError(fmt::format(
        "is not an account: 1 to {} of letters, digits, '.', '_', '-' and '@'", kMaxActorBytes));
  }
  return CheckNote(account);
}

}  // namespace shouwang::cases
