// Adds up how subjects stand under two policy sets, by place, rule and risk kind, and puts the sums
// on the wire.
//
// A value, owned by one thread; those of several threads are added up with Merge.
#pragma once

#include <shouwang/v1/whatif.pb.h>

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/query/whatif_question.h"
#include "daemon/risk/contrast.h"
#include "storage/vocabulary/subject.h"
#include "storage/vocabulary/warning.h"

namespace shouwang::query {

// Rows of a message at most.
inline constexpr int kWhatIfRowsInMessage = 1'000;

class WhatIfCounts {
 public:
  // `question` outlives the counts.
  explicit WhatIfCounts(const WhatIfQuestion& question);

  // Whether anything enters or leaves.
  bool Add(const Subject& subject, const risk::Standing& standing);
  // For a household with a change, once more, where it lives at a site.
  void AddAtSite(const Subject& site, const Subject& household, const risk::Standing& standing);
  void Merge(WhatIfCounts other);

  // All messages of the answer, the summary in the last.
  std::vector<v1::WhatIfResponse> ToAnswer(uint64_t took_ms);

 private:
  struct Sum {
    uint64_t entering = 0;
    uint64_t leaving = 0;
    uint64_t staying = 0;
    uint64_t visits = 0;
    uint64_t households_entering = 0;
    uint64_t households_leaving = 0;
    // Whether any rule enters, leaves or stays.
    bool any() const { return (entering | leaving | staying) != 0; }
    // So many subjects that each have these.
    void Add(const Sum& other, uint64_t times = 1);
    void Fill(v1::WhatIfCounts* out) const;
  };
  struct Place {
    Sum sum;
    std::array<Sum, kRiskKinds> kinds;  // as AllRiskKinds
    void Add(const Place& other, uint64_t times = 1);
  };
  struct Change {
    std::vector<RuleId> entering;
    std::vector<RuleId> leaving;
  };

  using Rules = std::span<const RuleId>;

  // One subject's own sums, into place_ and change_.
  void Sort(SubjectKind kind, Rules before, Rules after);
  void FindChange(Rules before, Rules after);
  // Counts what was gathered of the township at hand. To be called before anything is read.
  void Settle();
  void FillPlaces(std::vector<v1::WhatIfResponse>* answer) const;
  void FillRules(std::vector<v1::WhatIfResponse>* answer) const;
  void FillSubjects(std::vector<v1::WhatIfResponse>* answer) const;
  void FillSummary(uint64_t took_ms, v1::WhatIfSummary* out) const;
  std::string NameOf(RuleId rule) const;

  const WhatIfQuestion* question_;
  // By the latest policy of the set that has the rule, as positions in Place::kinds.
  absl::flat_hash_map<RuleId, size_t> kinds_before_;
  absl::flat_hash_map<RuleId, size_t> kinds_after_;
  std::map<Division, Place> townships_;
  std::map<Subject, Place> sites_;
  std::map<RuleId, Sum> rules_;
  std::map<Subject, Change> changes_;  // the first list_limit
  uint64_t households_ = 0;
  uint64_t site_count_ = 0;
  uint64_t not_reached_ = 0;
  uint64_t changed_ = 0;
  // Of the township at hand, how many subjects have which rules before and after: few differ from
  // all others. A key is the subject's kind, how many rules before, those, and those after.
  Division township_;
  absl::flat_hash_map<std::vector<RuleId>, uint64_t> outcomes_;
  std::vector<RuleId> key_;
  // Of the subject at hand.
  Place place_;
  Change change_;
};

}  // namespace shouwang::query
