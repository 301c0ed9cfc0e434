// The small county with three years of reports: 40 households of one village, 20 of its neighbour
// in the township, 40 of a village in another township, a few of them newly warned now and then,
// and in October 2026 20 of the first village at once (households 1 to 20), of whom 8 live at site
// S3.
#pragma once

#include "tests/daemon/watched_county.h"

namespace shouwang {

inline constexpr std::string_view kIncidentSection = R"(
incidents:
  settle_months: 0
  half_life_months: 6
  least_past_months: 6
  kept_months: 23
  false_discovery_rate: 0.05
  min_members: 5
  min_ratio: 2
  shared_by: 0.3
  hold_months: 3
  citation: placeholder
)";

class FloodedCounty {
 public:
  // `calm`: without what happened in October.
  explicit FloodedCounty(bool with_policy = true, bool calm = false)
      : rulebook_(county::SmallRulebook(with_policy ? kIncidentSection : "")), current_(rulebook_) {
    EXPECT_TRUE(store_.BindCatalogue(rulebook_->reg.catalogue).ok());
    Report("520502001", 60);
    Report("520502002", 40);
    for (int number = 1; number <= 40; ++number) {
      const bool flooded = !calm && number <= 20;
      Judge("520502001001", number, flooded ? "2026-10-12" : "", number <= 8);
    }
    for (int number = 1; number <= 20; ++number) {
      Judge("520502001002", number, number == 1 ? "2026-10-12" : "", false);
    }
    for (int number = 1; number <= 40; ++number) {
      Judge("520502002001", number, number == 1 ? "2026-10-12" : "", false);
    }
    EXPECT_TRUE(store_.Commit(transaction_).ok());
  }

  Store& store() { return store_; }
  const Store& store() const { return store_; }
  const Rulebook& rulebook() const { return *rulebook_; }
  const CurrentRulebook& current() const { return current_; }
  const risk::IncidentPolicy& policy() const { return *rulebook_->policies.All()[0].incidents; }
  // 2026-11-15T04:00Z
  static Instant Now() { return county::At(county::kNowMs); }

  // As one that a re-evaluation has not reached.
  void JudgeByAnotherPolicy(std::string_view household) {
    Transaction transaction;
    SubjectRisk risk;
    risk.subject = county::Of(household);
    risk.evaluated_through = county::Day("2026-11-10");
    risk.policy_fingerprint = 1;
    transaction.risks.push_back(risk);
    EXPECT_TRUE(store_.Commit(transaction).ok());
  }

 private:
  // All households, from 2024-01 to 2026-11; eight of the first township live at the site.
  void Report(std::string_view township, int64_t households) {
    for (Month month = county::MonthOf("2024-01"); month <= county::MonthOf("2026-11");
         month = month + 1) {
      transaction_.rollups.push_back(
          {county::Settlement(township), kAnyIndicator, month, households, 0});
      if (township != "520502001") continue;
      transaction_.rollups.push_back(
          {county::SitePlace("520502001", "520502001/S3"), kAnyIndicator, month, 8, 0});
    }
  }
  // Each household had one warning in the years before, in a month of its own.
  void Judge(std::string_view village, int number, std::string_view opened_on, bool at_site) {
    SubjectRisk risk;
    risk.subject = Subject::Household(county::At(village), static_cast<uint32_t>(number)).value();
    risk.evaluated_through = county::Day("2026-11-10");
    risk.policy_fingerprint = rulebook_->policies.fingerprint();
    const Month before = county::MonthOf("2024-01") + number * 7 % 31;
    risk.episodes.push_back({.rule = 101,
                             .opened_on = Date::FirstOf(before) + 9,
                             .cleared_on = Date::FirstOf(before) + 15,
                             .severity = Severity::kRed,
                             .kind = RiskKind::kIncome,
                             .policy_version = 202601});
    if (!opened_on.empty()) {
      RuleState state;
      state.rule = 101;
      state.opened_on = county::Day(opened_on);
      state.severity = Severity::kRed;
      state.kind = RiskKind::kIncome;
      state.policy_version = 202601;
      risk.states.push_back(state);
    }
    transaction_.risks.push_back(risk);
    if (at_site) {
      transaction_.residences.push_back({risk.subject, county::Of("520502001/S3"),
                                         county::At("520302001"), county::Day("2020-05-01")});
    }
  }

  std::shared_ptr<const Rulebook> rulebook_;
  CurrentRulebook current_;
  MemoryStore store_;
  Transaction transaction_;
};

}  // namespace shouwang
