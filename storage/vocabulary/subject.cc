#include "storage/vocabulary/subject.h"

#include <fmt/format.h>

#include <charconv>

namespace shouwang {

std::string_view KindName(SubjectKind kind) {
  return kind == SubjectKind::kSite ? "site" : "household";
}

absl::StatusOr<Subject> Subject::Household(const Division& village, uint32_t number) {
  if (village.level() != DivisionLevel::kVillage) {
    return absl::InvalidArgumentError(fmt::format(
        "household in '{}': a household's place is a village of 12 digits", village.ToString()));
  }
  if (number == 0) return absl::InvalidArgumentError("household number 0: numbers start at 1");
  return Subject{village.code(), SubjectKind::kHousehold, number};
}

absl::StatusOr<Subject> Subject::Site(const Division& settlement, uint32_t number) {
  if (settlement.level() != DivisionLevel::kVillage &&
      settlement.level() != DivisionLevel::kTownship) {
    return absl::InvalidArgumentError(
        fmt::format("site in '{}': a site's settlement is a township (9 digits) or a village (12)",
                    settlement.ToString()));
  }
  if (number == 0) return absl::InvalidArgumentError("site number 0: numbers start at 1");
  return Subject{settlement.FirstVillageCode(), SubjectKind::kSite, number};
}

absl::StatusOr<Subject> Subject::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format(
        "subject '{}': write VILLAGE/NUMBER for a household, SETTLEMENT/SNUMBER for a site",
        text.substr(0, 60)));
  }
  auto place = Division::Parse(text.substr(0, slash));
  if (!place.ok()) return place.status();
  std::string_view digits = text.substr(slash + 1);
  const bool site = digits.starts_with('S');
  if (site) digits.remove_prefix(1);
  uint32_t number = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return absl::InvalidArgumentError(
        fmt::format("subject '{}': its number must be 1 to 4294967295", text.substr(0, 60)));
  }
  return site ? Site(*place, number) : Household(*place, number);
}

std::string Subject::ToString() const {
  if (kind == SubjectKind::kHousehold) return fmt::format("{:012}/{}", place, number);
  const bool township = place % 1000 == 0;
  return fmt::format("{:0{}}/S{}", township ? place / 1000 : place, township ? 9 : 12, number);
}

}  // namespace shouwang
