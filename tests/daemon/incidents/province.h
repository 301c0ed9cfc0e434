// An invented province of counts for tests: households of villages, and on which month how many of
// them are newly warned. Chance comes from a seed alone.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/incidents/detection.h"

namespace shouwang::incidents::testing_province {

inline Division At(std::string_view code) { return Division::Parse(code).value(); }
inline Month MonthOf(std::string_view text) { return Month::Parse(text).value(); }
inline IncidentId IdOf(std::string_view text) { return IncidentId::Parse(text).value(); }

inline risk::IncidentPolicy TestPolicy() {
  return {.settle_months = 0,
          .half_life_months = 12,
          .least_past_months = 6,
          .kept_months = 24,
          .false_discovery_rate = 0.05,
          .min_members = 5,
          .min_ratio = 2,
          .shared_by = 0.3,
          .hold_months = 3,
          .citation = "placeholder"};
}

class Province {
 public:
  static constexpr int kMonths = 48;

  explicit Province(Month last, std::vector<RiskKind> kinds = {RiskKind::kDisaster})
      : last_(last), kinds_(std::move(kinds)) {}

  Month first() const { return last_ - (kMonths - 1); }

  // Households 1 to `count` of the village, reporting every month from `since` on.
  void Settle(std::string_view village, int count) {
    for (int number = 1; number <= count; ++number) {
      const Subject household =
          Subject::Household(At(village), static_cast<uint32_t>(number)).value();
      risks_[household].subject = household;
      risks_[household].evaluated_through = Date::LastOf(last_);
    }
    villages_[At(village)] = count;
  }
  // `count` counties of 5205.. each with townships and villages of so many households.
  void SettleCounties(int counties, int townships, int villages, int households) {
    for (int c = 1; c <= counties; ++c) {
      for (int t = 1; t <= townships; ++t) {
        for (int v = 1; v <= villages; ++v) Settle(Code(c, t, v), households);
      }
    }
  }
  static std::string Code(int county, int township, int village) {
    return fmt::format("5205{:02}{:03}{:03}", county, township, village);
  }

  // Households from number `from` on, `count` of them, are newly warned in the month; each for a
  // month.
  void Warn(std::string_view village, Month month, int count, int from = 1,
            RiskKind kind = RiskKind::kDisaster) {
    for (int i = 0; i < count; ++i) {
      const Subject household =
          Subject::Household(At(village), static_cast<uint32_t>(from + i)).value();
      ASSERT_TRUE(risks_.contains(household)) << household.ToString();
      const Date on = Date::FirstOf(month) + 10;
      risks_[household].episodes.push_back({.rule = static_cast<RuleId>(kind),
                                            .opened_on = on,
                                            .cleared_on = on + 5,
                                            .severity = Severity::kOrange,
                                            .kind = kind});
    }
  }
  // Every household of every village at `rate` a month, times what `factor` says of village and
  // month.
  template <typename Factor>
  void WarnByChance(uint64_t seed, double rate, RiskKind kind, Factor factor) {
    std::mt19937_64 random(seed);
    for (const auto& [village, households] : villages_) {
      for (int m = 0; m < kMonths; ++m) {
        const double chance = std::min(1.0, rate * factor(village, first() + m));
        for (int number = 1; number <= households; ++number) {
          // Not std::bernoulli_distribution: libraries differ.
          if (static_cast<double>(random() >> 11) * 0x1.0p-53 < chance) {
            Warn(village.ToString(), first() + m, 1, number, kind);
          }
        }
      }
    }
  }
  void WarnByChance(uint64_t seed, double rate) {
    WarnByChance(seed, rate, RiskKind::kDisaster, [](const Division&, Month) { return 1.0; });
  }
  // Lives at the site from now on.
  void Move(std::string_view village, int from, int count, std::string_view site) {
    for (int i = 0; i < count; ++i) {
      sites_[Subject::Household(At(village), static_cast<uint32_t>(from + i)).value()] =
          Subject::Parse(site).value();
    }
  }
  // Of a township's households so many reported in the month; default: all.
  void Reported(std::string_view township, Month month, int households) {
    reported_[{At(township), month}] = households;
  }
  void StartsReporting(std::string_view township, Month month) {
    since_.insert_or_assign(At(township), month);
  }
  // The households of the village have not reported since.
  void SilentAfter(std::string_view village, Month month) {
    for (auto& [household, risk] : risks_) {
      if (household.In(DivisionLevel::kVillage) == At(village)) {
        risk.evaluated_through = Date::LastOf(month);
      }
    }
  }

  OnsetTable Table(int settle_months = 0, bool backwards = false) const {
    OnsetTableBuilder builder(
        {.first = first(), .months = kMonths, .settle_months = settle_months, .kinds = kinds_});
    const auto add = [&](const auto& entry) {
      const auto site = sites_.find(entry.first);
      const absl::Status added =
          builder.Add(entry.first, entry.second, site == sites_.end() ? Subject() : site->second);
      EXPECT_TRUE(added.ok()) << std::string(added.message());
    };
    if (backwards) {
      for (auto it = risks_.rbegin(); it != risks_.rend(); ++it) add(*it);
    } else {
      for (const auto& entry : risks_) add(entry);
    }
    AddReports(&builder, settle_months);
    return std::move(builder).Close();
  }
  Findings Find(const risk::IncidentPolicy& policy = TestPolicy()) const {
    return FindIncidents(Table(policy.settle_months), policy, {});
  }

 private:
  void AddReports(OnsetTableBuilder* builder, int settle_months) const {
    std::map<Division, int> townships;
    for (const auto& [village, count] : villages_) townships[village.Parent()] += count;
    std::map<Subject, int> at_site;
    for (const auto& [household, site] : sites_) ++at_site[site];
    for (Month month = first() - settle_months; month <= last_; month = month + 1) {
      for (const auto& [township, count] : townships) {
        const auto since = since_.find(township);
        if (since != since_.end() && month < since->second) continue;
        const auto reported = reported_.find({township, month});
        builder->AddReported(township, month,
                             reported == reported_.end() ? count : reported->second);
      }
      for (const auto& [site, count] : at_site) builder->AddReportedAtSite(site, month, count);
    }
  }

  const Month last_;
  const std::vector<RiskKind> kinds_;
  std::map<Subject, SubjectRisk> risks_;
  std::map<Subject, Subject> sites_;
  std::map<Division, int> villages_;
  std::map<Division, Month> since_;
  std::map<std::pair<Division, Month>, int> reported_;
};

inline std::vector<std::string> IdsOf(const Findings& findings) {
  std::vector<std::string> ids;
  for (const Incident& incident : findings.incidents) ids.push_back(incident.id.ToString());
  return ids;
}

}  // namespace shouwang::incidents::testing_province
