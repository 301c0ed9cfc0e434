// A small county for tests of the daemon: a register, a policy and a MemoryStore that hold a
// handful of households and one site, every figure of which is written out below.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/rulebook/rulebook.h"
#include "storage/memory/memory_store.h"

namespace shouwang::county {

inline Date Day(std::string_view text) { return Date::Parse(text).value(); }
inline Month MonthOf(std::string_view text) { return Month::Parse(text).value(); }
inline Division At(std::string_view code) { return Division::Parse(code).value(); }
inline Subject Of(std::string_view text) { return Subject::Parse(text).value(); }
inline Instant At(int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }
// 2026-11-15T04:00Z
inline constexpr int64_t kNowMs = 1'794'715'200'000;

inline constexpr IndicatorId kWage = 1;
inline constexpr IndicatorId kMedical = 2;
inline constexpr IndicatorId kSeats = 50;

inline constexpr std::string_view kPolicy = R"(
version: 202601
effective_from: 2026-01-01
title_zh: 测试政策
title_en: Test policy
constants:
  - {name: line, value: 600, unit: yuan, title_zh: 线, title_en: Line, citation: placeholder}
features:
  - {name: wage, kind: last, of: [wage_income], window_months: 12, unit: yuan, title_zh: 工资,
     title_en: Wage}
  - {name: medical, kind: sum, of: [medical_cost], window_months: 12, unit: yuan, title_zh: 医疗,
     title_en: Medical}
  - {name: seats, kind: last, of: [school_seats], window_months: 12, unit: seats, title_zh: 学位,
     title_en: Seats}
rules:
  - {id: 101, name: wage_low, kind: income, severity: red, applies_to: household,
     when: wage < line, hold_months: 0, title_zh: 工资低, title_en: Low wage,
     measure_zh: 就业, measure_en: Work, citation: placeholder}
  - {id: 102, name: medical_high, kind: illness, severity: yellow, applies_to: household,
     when: medical > 1000, hold_months: 0, title_zh: 医疗高, title_en: High medical cost,
     measure_zh: 救助, measure_en: Relief, citation: placeholder}
  - {id: 201, name: seats_short, kind: services, severity: orange, applies_to: site,
     when: seats < 100, hold_months: 0, title_zh: 学位缺, title_en: Seats short,
     measure_zh: 扩建, measure_en: Build, citation: placeholder}
)";

inline Register SmallRegister() {
  Register reg;
  std::vector<Indicator> indicators;
  indicators.push_back({.id = kWage,
                        .name = "wage_income",
                        .title_zh = "工资",
                        .title_en = "Wage",
                        .unit = "yuan",
                        .decimals = 2,
                        .min = 0,
                        .max = 100'000'000});
  indicators.push_back({.id = kMedical,
                        .name = "medical_cost",
                        .title_zh = "医疗",
                        .title_en = "Medical",
                        .unit = "yuan",
                        .decimals = 0,
                        .min = 0,
                        .max = 1'000'000});
  indicators.push_back({.id = kSeats,
                        .name = "school_seats",
                        .title_zh = "学位",
                        .title_en = "Seats",
                        .unit = "seats",
                        .decimals = 0,
                        .min = 0,
                        .max = 100'000,
                        .cadence = Cadence::kYearly,
                        .applies_to = SubjectKind::kSite,
                        .supplied_by = Source::kDepartmentScreening});
  reg.catalogue = Catalogue::Of(std::move(indicators)).value();
  const std::vector<std::pair<const char*, const char*>> divisions = {
      {"52", "贵州省"},          {"5203", "遵义市"},        {"520302", "红花岗区"},
      {"520302001", "老城街道"}, {"5205", "毕节市"},        {"520502", "七星关区"},
      {"520502001", "市西街道"}, {"520502002", "市东街道"}, {"520502001001", "一村"},
      {"520502001002", "二村"},  {"520502002001", "三村"},  {"520302001001", "四村"},
  };
  for (const auto& [code, name] : divisions) EXPECT_TRUE(reg.divisions.Add(At(code), name).ok());
  EXPECT_TRUE(reg.sites
                  .Add({.subject = Of("520502001/S3"),
                        .name_zh = "柏杨林",
                        .name_en = "Baiyanglin",
                        .origins = {At("520302001")}})
                  .ok());
  return reg;
}

// `more` are further sections of the policy.
inline std::shared_ptr<const Rulebook> SmallRulebook(std::string_view more = "") {
  auto rulebook = std::make_shared<Rulebook>();
  rulebook->reg = SmallRegister();
  const std::string path = testing::TempDir() + "/county_policy_" +
                           testing::UnitTest::GetInstance()->current_test_info()->name() + ".yaml";
  std::ofstream(path) << kPolicy << more;
  Problems problems;
  rulebook->policies = risk::PolicySet::Load({path}, rulebook->reg.catalogue, &problems);
  EXPECT_THAT(problems.messages(), testing::IsEmpty());
  return rulebook;
}

// Fills a store by hand: one Transaction per call, as ingest would write it.
class WatchedCounty {
 public:
  WatchedCounty() { EXPECT_TRUE(store_.BindCatalogue(SmallRegister().catalogue).ok()); }

  MemoryStore& store() { return store_; }

  void Observe(std::string_view subject, IndicatorId indicator, std::string_view date,
               int64_t value) {
    Transaction transaction;
    transaction.observations.push_back(
        {.subject = Of(subject),
         .indicator = indicator,
         .date = Day(date),
         .value = value,
         .arrival = {.reported_at = At(1'000), .known_at = At(2'000), .batch = 7}});
    SubjectRisk risk;
    risk.subject = Of(subject);
    transaction.risks.push_back(risk);
    Commit(transaction);
  }

  // A value of the past: known from `known_ms` on, until `until_ms`.
  void Supersede(std::string_view subject, IndicatorId indicator, std::string_view date,
                 int64_t value, int64_t known_ms, int64_t until_ms) {
    Transaction transaction;
    transaction.superseded.push_back(
        {{.subject = Of(subject),
          .indicator = indicator,
          .date = Day(date),
          .value = value,
          .arrival = {.reported_at = At(500), .known_at = At(known_ms), .batch = 3}},
         At(until_ms)});
    Commit(transaction);
  }

  void Open(std::string_view subject, RuleId rule, Severity severity, RiskKind kind,
            std::string_view since, int64_t known_ms = 3'000) {
    Transaction transaction;
    transaction.opened.push_back({.subject = Of(subject),
                                  .rule = rule,
                                  .severity = severity,
                                  .kind = kind,
                                  .opened_on = Day(since),
                                  .cleared_on = {},
                                  .policy_version = 202601,
                                  .known_at = At(known_ms)});
    Commit(transaction);
  }

  void Count(RollupPlace place, IndicatorId indicator, std::string_view month, int64_t count,
             int64_t sum) {
    Transaction transaction;
    transaction.rollups.push_back({place, indicator, MonthOf(month), count, sum});
    Commit(transaction);
  }

  // `values` are scaled; of a township, or of the county that it lies in.
  void Spread(const Division& division, IndicatorId indicator, std::string_view month,
              const std::vector<int64_t>& values) {
    Transaction transaction;
    PlaceHistogram& delta = transaction.histograms.emplace_back();
    delta.place = {RollupView::kSettlement, division, {}};
    delta.indicator = indicator;
    delta.month = MonthOf(month);
    for (const int64_t value : values) delta.histogram.Add(BucketOf(value), 1);
    Commit(transaction);
  }

  void Tell(const Tally& tally) {
    Transaction transaction;
    transaction.tallies.push_back(tally);
    Commit(transaction);
  }

  void Settle(std::string_view household, std::string_view site, std::string_view origin) {
    Transaction transaction;
    transaction.residences.push_back({Of(household), Of(site), At(origin), Day("2020-05-01")});
    Commit(transaction);
  }

 private:
  void Commit(const Transaction& transaction) {
    const absl::Status committed = store_.Commit(transaction);
    EXPECT_TRUE(committed.ok()) << std::string(committed.message());
  }

  MemoryStore store_;
};

inline RollupPlace Settlement(std::string_view township) {
  return {.view = RollupView::kSettlement, .township = At(township), .site = {}};
}
inline RollupPlace Origin(std::string_view township) {
  return {.view = RollupView::kOrigin, .township = At(township), .site = {}};
}
inline RollupPlace SitePlace(std::string_view township, std::string_view site) {
  return {.view = RollupView::kSite, .township = At(township), .site = Of(site)};
}

}  // namespace shouwang::county
