#include "tests/daemon/ingest/fixture.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "tests/temporary_directory.h"

namespace shouwang::ingest {
namespace {

Indicator Make(IndicatorId id, const std::string& name, const std::string& unit, int decimals,
               int64_t min, int64_t max, SubjectKind kind = SubjectKind::kHousehold) {
  Indicator indicator;
  indicator.id = id;
  indicator.name = name;
  indicator.title_zh = name;
  indicator.title_en = name;
  indicator.unit = unit;
  indicator.decimals = decimals;
  indicator.min = min;
  indicator.max = max;
  indicator.applies_to = kind;
  return indicator;
}

DivisionTree MakeDivisions() {
  DivisionTree tree;
  for (const char* code : {"52", "5205", "520502", "520502001", "520502001001", "520502001002",
                           "520502002", "520502002001", "520502003", "520502003001"}) {
    const absl::Status status = tree.Add(*Division::Parse(code), code);
    EXPECT_TRUE(status.ok()) << status;
  }
  return tree;
}

constexpr std::string_view kPolicy = R"(
version: {0}
effective_from: 2020-01-01
title_zh: 测试政策
title_en: Test policy
constants:
  - {{name: wage_line, value: {0}, unit: yuan, title_zh: 线, title_en: Line, citation: test}}
features:
  - {{name: wage, kind: mean, of: [wage_income], window_months: 3, at_least: 2, unit: yuan,
     title_zh: 工资, title_en: Wage}}
  - {{name: medical, kind: sum, of: [medical_cost], window_months: 6, unit: yuan,
     title_zh: 医疗, title_en: Medical}}
  - {{name: is_insured, kind: last, of: [insured], window_months: 12, unit: yes_no,
     title_zh: 参保, title_en: Insured}}
  - {{name: seats, kind: last, of: [school_seats], window_months: 12, unit: seats,
     title_zh: 学位, title_en: Seats}}
rules:
  - {{id: 1, name: low_wage, kind: income, severity: red, applies_to: household,
     when: wage < wage_line, clear_when: wage >= wage_line, hold_months: 2,
     title_zh: 工资低, title_en: Low wage, measure_zh: 帮扶, measure_en: Support, citation: test}}
  - {{id: 2, name: medical_burden, kind: illness, severity: orange, applies_to: household,
     when: medical > 5000, hold_months: 0,
     title_zh: 医疗, title_en: Medical, measure_zh: 帮扶, measure_en: Support, citation: test}}
  - {{id: 3, name: uninsured, kind: illness, severity: yellow, applies_to: household,
     when: is_insured < 1, hold_months: 0,
     title_zh: 未参保, title_en: Uninsured, measure_zh: 参保, measure_en: Insure, citation: test}}
  - {{id: 9, name: seats_missing, kind: services, severity: orange, applies_to: site,
     when: seats < 100, hold_months: 0,
     title_zh: 学位不足, title_en: Seats missing, measure_zh: 建校, measure_en: Build,
     citation: test}}
)";

risk::PolicySet MakePolicies(const Catalogue& catalogue, int line, std::string_view more) {
  const TemporaryDirectory folder;
  const std::string path = folder.path() + "/policy.yaml";
  std::ofstream(path) << fmt::format(kPolicy, line) << more;
  Problems problems;
  risk::PolicySet policies = risk::PolicySet::Load({path}, catalogue, &problems);
  EXPECT_TRUE(problems.empty()) << problems.ToStatus();
  return policies;
}

}  // namespace

std::shared_ptr<const Rulebook> MakeRulebook(int line, std::string_view more) {
  auto rulebook = std::make_shared<Rulebook>();
  rulebook->reg.catalogue =
      *Catalogue::Of({Make(kWage, "wage_income", "yuan", 2, 0, 100'000'000),
                      Make(kSize, "household_size", "persons", 0, 1, 30),
                      Make(kMedical, "medical_cost", "yuan", 2, 0, 10'000'000'000),
                      Make(kInsured, "insured", "yes_no", 0, 0, 1),
                      Make(kSeats, "school_seats", "seats", 0, 0, 10'000, SubjectKind::kSite)});
  rulebook->reg.divisions = MakeDivisions();
  Site third{SiteOf(3),
             "三号",
             "Third",
             {*Division::Parse("520502002"), *Division::Parse("520502003001")}};
  Site fourth{SiteOf(4), "四号", "Fourth", {*Division::Parse("520502003")}};
  EXPECT_TRUE(rulebook->reg.sites.Add(third).ok());
  EXPECT_TRUE(rulebook->reg.sites.Add(fourth).ok());
  rulebook->policies = MakePolicies(rulebook->reg.catalogue, line, more);
  return rulebook;
}

Date Day(std::string_view text) { return *Date::Parse(text); }

Instant At(std::string_view day, int ms) {
  return Instant(std::chrono::days(Day(day).days()) + std::chrono::milliseconds(ms));
}

Subject Household(uint32_t number, int village) {
  return Subject{520502001000ULL + static_cast<uint64_t>(village), SubjectKind::kHousehold, number};
}

Subject SiteOf(uint32_t number) { return Subject{520502001000ULL, SubjectKind::kSite, number}; }

v1::Batch MakeBatch(const std::string& request_id, const std::vector<Row>& rows,
                    Instant reported_at, v1::Source source) {
  struct Report {
    uint32_t number;
    Date date;
    std::map<std::string, int64_t> values;
  };
  v1::Batch batch;
  batch.set_request_id(request_id);
  batch.set_township(std::string(kTownship));
  batch.set_collector("test");
  batch.set_source(source);
  batch.set_reported_at_ms(reported_at.time_since_epoch().count());
  std::map<std::pair<uint64_t, SubjectKind>, std::vector<Report>> places;
  std::map<std::string, uint32_t> indicators;
  for (const Row& row : rows) {
    if (indicators.try_emplace(row.indicator, static_cast<uint32_t>(indicators.size())).second) {
      batch.add_indicators(row.indicator);
    }
    std::vector<Report>& reports = places[{row.subject.place, row.subject.kind}];
    auto free = std::ranges::find_if(reports, [&](const Report& report) {
      return report.number == row.subject.number && report.date == row.date &&
             !report.values.contains(row.indicator);
    });
    if (free == reports.end()) {
      reports.push_back({row.subject.number, row.date, {}});
      free = reports.end() - 1;
    }
    free->values[row.indicator] = row.value;
  }
  for (const auto& [place, reports] : places) {
    v1::Section* section = batch.add_sections();
    const bool site = place.second == SubjectKind::kSite;
    section->set_kind(site ? v1::SUBJECT_KIND_SITE : v1::SUBJECT_KIND_HOUSEHOLD);
    section->set_place(site && place.first % 1000 == 0 ? fmt::format("{}", place.first / 1000)
                                                       : fmt::format("{}", place.first));
    for (const Report& report : reports) {
      section->add_numbers(report.number);
      section->add_dates(report.date.days());
    }
    for (int i = 0; i < batch.indicators_size(); ++i) {
      v1::Column column;
      column.set_indicator(static_cast<uint32_t>(i));
      std::string present((reports.size() + 7) / 8, '\0');
      for (size_t r = 0; r < reports.size(); ++r) {
        const auto value = reports[r].values.find(batch.indicators(i));
        if (value == reports[r].values.end()) continue;
        present[r / 8] = static_cast<char>(present[r / 8] | 1 << (r % 8));
        column.add_values(value->second);
      }
      if (column.values_size() == 0) continue;
      if (static_cast<size_t>(column.values_size()) < reports.size()) column.set_present(present);
      *section->add_columns() = column;
    }
  }
  return batch;
}

std::vector<CheckedBatch> CheckAll(std::span<const v1::Batch> batches, const Rulebook& rulebook,
                                   Instant now) {
  std::vector<CheckedBatch> checked;
  for (const v1::Batch& batch : batches) {
    absl::StatusOr<CheckedBatch> made = CheckBatch(batch, rulebook, now, IngestBounds());
    EXPECT_TRUE(made.ok()) << made.status();
    checked.push_back(*std::move(made));
  }
  return checked;
}

std::string MessageOf(const v1::Batch& batch) {
  v1::SubmitRequest request;
  *request.mutable_batch() = batch;
  return request.SerializeAsString();
}

v1::Residence* AddResidence(v1::Batch* batch, const Subject& household, const Subject& site,
                            const std::string& origin, std::string_view since) {
  v1::Residence* residence = batch->add_residences();
  residence->set_household(household.ToString());
  residence->set_site(site.ToString());
  residence->set_origin(origin);
  residence->set_since(Day(since).days());
  return residence;
}

std::string Describe(const History& history) {
  std::string text = history.subject().ToString() + ":";
  for (const IndicatorId indicator : history.indicators()) {
    for (const Point& point : history.Of(indicator)) {
      const Arrival& arrival = history.ArrivalOf(point);
      text +=
          fmt::format(" {}@{}={}({},{})", indicator, point.date.ToString(), point.value,
                      SourceName(arrival.source), arrival.reported_at.time_since_epoch().count());
    }
  }
  return text;
}

}  // namespace shouwang::ingest
