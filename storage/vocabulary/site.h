// Sites (集中安置点): resettlement communities, the divisions their households came from, and which
// household lives at which site. Immutable once built; safe on any thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/division.h"
#include "storage/vocabulary/subject.h"

namespace shouwang {

struct Site {
  Subject subject;  // of kind kSite; its place is the settlement division
  std::string name_zh;
  std::string name_en;
  std::vector<Division> origins;  // townships or villages
};

// A relocated household: where it lives now is its subject key, `site` the community it lives in,
// `origin` the township or village it came from.
struct Residence {
  Subject household;
  Subject site;
  Division origin;
  Date since;
  friend bool operator==(const Residence&, const Residence&) = default;
};

class SiteRegister {
 public:
  const Site* Find(const Subject& subject) const;
  const std::map<Subject, Site>& All() const { return sites_; }
  // InvalidArgument for a site given twice, a subject that is no site, or no origins.
  absl::Status Add(Site site);

 private:
  std::map<Subject, Site> sites_;
};

}  // namespace shouwang
