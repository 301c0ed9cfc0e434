// The register: what may be stored. Indicators, divisions and sites, read from files and immutable
// from then on.
//
//   catalogue.yaml   indicators: [{id, name, title_zh, title_en, unit, decimals, min, max, cadence,
//                    applies_to, supplied_by}]; min and max are written in the unit, e.g. 1234.50
//   divisions        a CSV file, plain or .gz, with the columns code,name (others are ignored), or
//                    a folder with provinces.csv, cities.csv, areas.csv, streets.csv, villages.csv
//                    as npm's china-division ships them; `regions` keeps only those inside (or
//                    above)
//   sites.yaml       sites: [{settlement, number, name_zh, name_en, origins: [codes]}]
//
// Every fault goes to `problems` with file and line; the result is then incomplete and must not be
// used.
#pragma once

#include <string>
#include <vector>

#include "storage/files/yaml.h"
#include "storage/vocabulary/division_tree.h"
#include "storage/vocabulary/indicator.h"
#include "storage/vocabulary/site.h"

namespace shouwang {

struct Register {
  Catalogue catalogue;
  DivisionTree divisions;
  SiteRegister sites;
};

Catalogue LoadCatalogue(const std::string& path, Problems* problems);
DivisionTree LoadDivisions(const std::string& path, const std::vector<Division>& regions,
                           Problems* problems);
// A settlement or an origin that is not in `divisions` is a problem.
SiteRegister LoadSites(const std::string& path, const DivisionTree& divisions, Problems* problems);

}  // namespace shouwang
