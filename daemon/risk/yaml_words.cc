#include "daemon/risk/yaml_words.h"

namespace shouwang::risk {

std::optional<Term> TakeTerm(YamlMap* map, const std::string& prefix) {
  const std::string days = prefix + "_days";
  const std::string working_days = prefix + "_working_days";
  if (map->Has(days) && map->Has(working_days)) {
    map->Fault(fmt::format("'{}' and '{}' are both given; one of them must go", days, working_days),
               working_days);
  }
  const auto plain = map->Integer(days, 1, kMaxTermDays);
  const auto working = map->Integer(working_days, 1, kMaxTermDays);
  if (plain) return Term{static_cast<int>(*plain), /*working=*/false};
  if (working) return Term{static_cast<int>(*working), /*working=*/true};
  return std::nullopt;
}

}  // namespace shouwang::risk
