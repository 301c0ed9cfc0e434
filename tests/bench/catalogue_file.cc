#include "tests/bench/catalogue_file.h"

#include "daemon/wire/convert.h"
#include "storage/register/register.h"

namespace shouwang::bench {

absl::StatusOr<std::vector<v1::Indicator>> ReadCatalogueFile(const std::string& path) {
  Problems problems;
  const Catalogue catalogue = LoadCatalogue(path, &problems);
  if (!problems.empty()) return problems.ToStatus();
  std::vector<v1::Indicator> indicators;
  for (const Indicator& indicator : catalogue.All()) indicators.push_back(wire::ToProto(indicator));
  return indicators;
}

}  // namespace shouwang::bench
