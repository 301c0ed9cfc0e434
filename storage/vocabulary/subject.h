// A subject (监测主体): what is observed. A household (农户) is named by its village and its number
// there; a site (集中安置点, a resettlement community) by its settlement division, which is a
// township or a village, and its number there. Neither carries a name or any personal number.
//
// Written "520502001001/17" (household) and "520502001/S3" or "520502001001/S3" (site). Subjects
// order by place, then kind, then number, so neighbours stand together.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/vocabulary/division.h"

namespace shouwang {

enum class SubjectKind : uint8_t { kHousehold = 0, kSite = 1 };

// "household" or "site".
std::string_view KindName(SubjectKind kind);

struct Subject {
  // 12 digits: the village, or a site's township followed by 000.
  uint64_t place = 0;
  SubjectKind kind = SubjectKind::kHousehold;
  // 1 to 4294967295; 0 names no subject.
  uint32_t number = 0;

  // InvalidArgument unless `village` is of village level and `number` > 0.
  static absl::StatusOr<Subject> Household(const Division& village, uint32_t number);
  // InvalidArgument unless `settlement` is of township or village level and `number` > 0.
  static absl::StatusOr<Subject> Site(const Division& settlement, uint32_t number);
  // InvalidArgument unless `text` is written as ToString writes it.
  static absl::StatusOr<Subject> Parse(std::string_view text);

  std::string ToString() const;
  // The division of `level` that the subject lies in.
  Division In(DivisionLevel level) const { return Division::OfVillageCode(place, level); }

  friend auto operator<=>(const Subject&, const Subject&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Subject& s) {
    return H::combine(std::move(h), s.place, s.kind, s.number);
  }
};

inline constexpr uint32_t kSubjectsPerGroup = 256;

// The subjects of one place and kind whose numbers share number / 256.
struct SubjectGroup {
  uint64_t place = 0;
  SubjectKind kind = SubjectKind::kHousehold;
  uint32_t group = 0;

  static SubjectGroup Of(const Subject& subject) {
    return {subject.place, subject.kind, subject.number / kSubjectsPerGroup};
  }
  // The subject's number within its group, 0 to 255.
  static uint8_t LowOf(const Subject& subject) {
    return static_cast<uint8_t>(subject.number % kSubjectsPerGroup);
  }
  // The subject with this number within the group.
  Subject At(uint8_t low) const { return {place, kind, group * kSubjectsPerGroup + low}; }
  friend auto operator<=>(const SubjectGroup&, const SubjectGroup&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const SubjectGroup& g) {
    return H::combine(std::move(h), g.place, g.kind, g.group);
  }
};

}  // namespace shouwang
