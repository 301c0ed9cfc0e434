#include "collectors/simulator/simulation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "collectors/simulator/columns.h"
#include "collectors/simulator/fabrication.h"
#include "collectors/simulator/household.h"
#include "collectors/simulator/sheet.h"
#include "collectors/simulator/site.h"

namespace shouwang::simulator {
namespace {

constexpr std::string_view kNature = "数据性质";
constexpr std::string_view kSimulated = "模拟";
constexpr size_t kMaxFabrications = 100;

absl::Status CheckPlan(const DivisionTree& divisions, const SimulationPlan& plan) {
  const auto outside = [](std::string_view what, double value, double min, double max) {
    return absl::InvalidArgumentError(
        fmt::format("{} {} is outside {} to {}", what, value, min, max));
  };
  if (plan.households_per_township < 1 || plan.households_per_township > 200'000) {
    return outside("households per township:", plan.households_per_township, 1, 200'000);
  }
  if (plan.months < 1 || plan.months > 240) return outside("months:", plan.months, 1, 240);
  if (!(plan.sites_share >= 0 && plan.sites_share <= 1)) {
    return outside("share of townships with a site:", plan.sites_share, 0, 1);
  }
  if (!(plan.relocated_share >= 0 && plan.relocated_share <= 1)) {
    return outside("share of relocated households:", plan.relocated_share, 0, 1);
  }
  for (const Shock& shock : plan.shocks) {
    const bool there = std::ranges::any_of(plan.townships, [&](const Division& township) {
      return township.Contains(shock.division) || shock.division.Contains(township);
    });
    if (!there || shock.month > plan.last_month || shock.month <= plan.last_month - plan.months) {
      return absl::InvalidArgumentError(
          fmt::format("a shock at {} in {} strikes nobody: place or month is not simulated",
                      shock.division.ToString(), shock.month.ToString()));
    }
  }
  if (plan.fabrications.size() > kMaxFabrications) {
    return outside("fabrications:", static_cast<double>(plan.fabrications.size()), 0,
                   kMaxFabrications);
  }
  if (!(plan.line >= 1 && plan.line <= 1'000'000)) return outside("line:", plan.line, 1, 1e6);
  for (const Fabrication& fabrication : plan.fabrications) {
    if (std::ranges::find(plan.townships, fabrication.township) != plan.townships.end()) continue;
    return absl::InvalidArgumentError(fmt::format("fabrication of township {}: it is not simulated",
                                                  fabrication.township.ToString()));
  }
  std::set<Division> seen;
  for (const Division& township : plan.townships) {
    if (!seen.insert(township).second) {
      return absl::InvalidArgumentError(
          fmt::format("township {} is given twice", township.ToString()));
    }
    if (township.level() != DivisionLevel::kTownship) {
      return absl::InvalidArgumentError(
          fmt::format("'{}' is not the 9-digit code of a township", township.ToString()));
    }
    if (!divisions.Has(township)) {
      return absl::InvalidArgumentError(
          fmt::format("township {} is not among the divisions", township.ToString()));
    }
    if (divisions.CountWithin(township, DivisionLevel::kVillage) == 0) {
      return absl::InvalidArgumentError(
          fmt::format("township {} has no villages", township.ToString()));
    }
  }
  return absl::OkStatus();
}

// One township: its villages with their households, and its site, if it has one.
class Township {
 public:
  Township(const DivisionTree& divisions, const SimulationPlan& plan, const Division& code);

  const Division& code() const { return code_; }
  bool has_site() const { return site_.has_value(); }
  const std::vector<Division>& origins() const { return origins_; }
  size_t household_count() const { return households_.size(); }
  absl::Status Write(SimulationCounts* counts);

 private:
  struct Village {
    Division code;
    size_t begin = 0;  // of its households in households_
    size_t end = 0;
  };
  void PickOrigins(const DivisionTree& divisions);
  void Populate(const DivisionTree& divisions);
  void WriteHeading(Sheet* sheet) const;
  void WriteVillage(const Village& village, Month month, Sheet* sheet, SimulationCounts* counts);
  absl::Status WriteSites(const std::vector<std::pair<Date, SiteReading>>& readings,
                          SimulationCounts* counts) const;
  Date VisitDay(const Village& village, Month month) const;

  const SimulationPlan& plan_;
  Division code_;
  Month first_month_;
  std::vector<Village> villages_;  // where there is a site, the first one is its community
  std::vector<Household> households_;
  std::optional<ResettlementSite> site_;
  std::vector<Division> origins_;
  std::vector<Division> origin_villages_;
  Fabricator fabricator_;
};

Township::Township(const DivisionTree& divisions, const SimulationPlan& plan, const Division& code)
    : plan_(plan),
      code_(code),
      first_month_(plan.last_month - (plan.months - 1)),
      fabricator_(plan.fabrications, code, plan.seed, plan.line, plan.last_month) {
  Random chance(Mix({plan.seed, code.code(), 0x70}));
  if (plan.relocated_share > 0 && chance.Chance(plan.sites_share)) {
    PickOrigins(divisions);
    if (!origin_villages_.empty()) site_.emplace(plan.seed, code.FirstVillageCode());
  }
  Populate(divisions);
}

// Up to three other townships of the county, else the township itself.
void Township::PickOrigins(const DivisionTree& divisions) {
  std::vector<Division> others =
      divisions.Within(code_.At(DivisionLevel::kCounty), DivisionLevel::kTownship);
  std::erase_if(others, [&](const Division& other) {
    return other == code_ || divisions.CountWithin(other, DivisionLevel::kVillage) == 0;
  });
  if (others.empty()) others.push_back(code_);
  Random random(Mix({plan_.seed, code_.code(), 0x0121}));
  while (origins_.size() < 3 && !others.empty()) {
    const auto at = random.Between(0, static_cast<int>(others.size()) - 1);
    origins_.push_back(others[static_cast<size_t>(at)]);
    others.erase(others.begin() + at);
  }
  std::ranges::sort(origins_);
  for (const Division& origin : origins_) {
    const auto villages = divisions.Within(origin, DivisionLevel::kVillage);
    origin_villages_.insert(origin_villages_.end(), villages.begin(), villages.end());
  }
}

void Township::Populate(const DivisionTree& divisions) {
  const std::vector<Division> codes = divisions.Within(code_, DivisionLevel::kVillage);
  const auto all = static_cast<size_t>(plan_.households_per_township);
  size_t at_site = 0;
  if (site_) {
    at_site = static_cast<size_t>(std::lround(static_cast<double>(all) * plan_.relocated_share));
    at_site = codes.size() == 1 ? all : std::clamp<size_t>(at_site, 1, all);
  }
  households_.reserve(all);
  const size_t ordinary = codes.size() - (site_ ? 1 : 0);
  for (size_t i = 0; i < codes.size(); ++i) {
    const bool community = site_.has_value() && i == 0;
    size_t count = at_site;
    if (!community) {
      const size_t position = site_ ? i - 1 : i;
      const size_t rest = all - at_site;
      count = rest * (position + 1) / ordinary - rest * position / ordinary;
    }
    const Village village{codes[i], households_.size(), households_.size() + count};
    for (size_t number = 1; number <= count; ++number) {
      households_.emplace_back(plan_.seed, codes[i].code(), static_cast<uint32_t>(number),
                               community, first_month_, plan_.months);
    }
    villages_.push_back(village);
  }
}

// Villages report by the 20th, some a little later.
Date Township::VisitDay(const Village& village, Month month) const {
  if (const std::optional<Date> made_up = fabricator_.VisitDay(month)) return *made_up;
  const uint64_t mixed =
      Mix({plan_.seed, village.code.code(), static_cast<uint64_t>(month.index()), 0xDA});
  return Date::FirstOf(month) + (11 + static_cast<int32_t>(mixed % 13));
}

void Township::WriteHeading(Sheet* sheet) const {
  for (std::string_view heading : {"村代码", "户编号", "上报日期", "安置点", "原籍", "入住日期"}) {
    sheet->Cell(heading);
  }
  for (const Column& column : kHouseholdColumns) sheet->Cell(column.heading);
  sheet->Cell(kNature);
  sheet->EndRow();
}

void Township::WriteVillage(const Village& village, Month month, Sheet* sheet,
                            SimulationCounts* counts) {
  const VillageMonth weather = WeatherOf(plan_.seed, village.code.code(), month);
  const std::string code = village.code.ToString();
  const std::string date = VisitDay(village, month).ToString();
  const std::string site = code_.ToString() + "/S1";
  for (size_t i = village.begin; i < village.end; ++i) {
    Household& household = households_[i];
    for (const Shock& shock : plan_.shocks) {
      if (shock.month == month && shock.Strikes(plan_.seed, household.village(), household.number(),
                                                household.relocated())) {
        household.Strike(shock.kind);
      }
    }
    household.Step(month, weather);
    std::optional<HouseholdReading> reported = household.Reported();
    if (!reported) continue;
    fabricator_.MakeUp(household.village(), household.number(), &*reported);
    sheet->Cell(code);
    sheet->Number(household.number());
    sheet->Cell(date);
    if (household.relocated()) {
      const uint64_t own = Mix({household.village(), household.number(), 2});
      sheet->Cell(site);
      sheet->Cell(origin_villages_[own % origin_villages_.size()].ToString());
      // The large moves of 2018 to 2020.
      sheet->Cell((Date::OfDays(17'700) + static_cast<int32_t>(own / 7 % 900)).ToString());
    } else {
      for (int cell = 0; cell < 3; ++cell) sheet->EmptyCell();
    }
    for (const int64_t value : *reported) {
      if (value == kMissing) {
        sheet->EmptyCell();
        continue;
      }
      sheet->Hundredths(value);
      ++counts->values;
    }
    sheet->Cell(kSimulated);
    sheet->EndRow();
    ++counts->rows;
  }
}

absl::Status Township::WriteSites(const std::vector<std::pair<Date, SiteReading>>& readings,
                                  SimulationCounts* counts) const {
  auto sheet = Sheet::Create(fmt::format("{}/sites-{}.csv", plan_.folder, code_.ToString()));
  if (!sheet.ok()) return sheet.status();
  for (std::string_view heading : {"安置地代码", "安置点编号", "上报日期"}) sheet->Cell(heading);
  for (const Column& column : kSiteColumns) sheet->Cell(column.heading);
  sheet->Cell(kNature);
  sheet->EndRow();
  for (const auto& [date, reading] : readings) {
    sheet->Cell(code_.ToString());
    sheet->Number(1);
    sheet->Cell(date.ToString());
    for (const int64_t value : reading) {
      if (value == kMissing) {
        sheet->EmptyCell();
        continue;
      }
      sheet->Hundredths(value);
      ++counts->values;
    }
    sheet->Cell(kSimulated);
    sheet->EndRow();
    ++counts->rows;
  }
  return sheet->Finish();
}

absl::Status Township::Write(SimulationCounts* counts) {
  auto sheet = Sheet::Create(fmt::format("{}/households-{}.csv{}", plan_.folder, code_.ToString(),
                                         plan_.gzip ? ".gz" : ""));
  if (!sheet.ok()) return sheet.status();
  WriteHeading(&*sheet);
  std::vector<std::pair<Date, SiteReading>> site_readings;
  for (int i = 0; i < plan_.months; ++i) {
    const Month month = first_month_ + i;
    for (const Village& village : villages_) WriteVillage(village, month, &*sheet, counts);
    if (!site_) continue;
    const Village& community = villages_.front();
    site_->Step(month, std::span(households_).subspan(0, community.end));
    site_readings.emplace_back(VisitDay(community, month), site_->reading());
  }
  if (absl::Status written = sheet->Finish(); !written.ok()) return written;
  return site_ ? WriteSites(site_readings, counts) : absl::OkStatus();
}

void WriteSiteEntry(const DivisionTree& divisions, const Township& township, std::string* text) {
  std::vector<std::string> origins;
  for (const Division& origin : township.origins()) origins.push_back(origin.ToString());
  const std::string code = township.code().ToString();
  *text += fmt::format(
      "  - settlement: {}\n    number: 1\n    name_zh: {}集中安置点（模拟）\n"
      "    name_en: Simulated site of {}\n    origins: [{}]\n",
      code, *divisions.NameOf(township.code()), code, fmt::join(origins, ", "));
}

}  // namespace

absl::StatusOr<std::vector<Division>> PickTownships(const DivisionTree& divisions,
                                                    const Division& region, int count) {
  std::vector<Division> all = divisions.Within(region, DivisionLevel::kTownship);
  std::erase_if(all, [&](const Division& township) {
    return divisions.CountWithin(township, DivisionLevel::kVillage) == 0;
  });
  if (count < 1 || static_cast<size_t>(count) > all.size()) {
    return absl::InvalidArgumentError(fmt::format("townships: {} asked for; region {} has 1 to {}",
                                                  count, region.ToString(), all.size()));
  }
  std::vector<Division> picked;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    picked.push_back(all[(2 * i + 1) * all.size() / (2 * static_cast<size_t>(count))]);
  }
  return picked;
}

absl::StatusOr<SimulationCounts> Simulate(const DivisionTree& divisions, const SimulationPlan& plan,
                                          const SimulationProgress& progress) {
  if (absl::Status sound = CheckPlan(divisions, plan); !sound.ok()) return sound;
  std::error_code error;
  std::filesystem::create_directories(plan.folder, error);
  if (error) {
    return absl::UnavailableError(
        fmt::format("{}: can't be created: {}", plan.folder, error.message()));
  }
  SimulationCounts counts;
  std::string sites = "# Simulated sites, for demonstrations: they describe no real place.\nsites:";
  for (const Division& code : plan.townships) {
    Township township(divisions, plan, code);
    if (absl::Status written = township.Write(&counts); !written.ok()) return written;
    ++counts.townships;
    counts.households += township.household_count();
    if (township.has_site()) {
      sites += counts.sites++ == 0 ? "\n" : "";
      WriteSiteEntry(divisions, township, &sites);
    }
    progress(counts);
  }
  if (counts.sites == 0) sites += " []\n";
  auto file = Sheet::Create(plan.folder + "/sites.yaml");
  if (!file.ok()) return file.status();
  sites.pop_back();
  file->Cell(sites);
  file->EndRow();
  if (absl::Status written = file->Finish(); !written.ok()) return written;
  return counts;
}

}  // namespace shouwang::simulator
