#include "tests/daemon/screening/simulated_county.h"

#include <fmt/format.h>

#include <cstdlib>
#include <optional>

#include "collectors/simulator/columns.h"
#include "collectors/simulator/household.h"
#include "collectors/simulator/random.h"
#include "daemon/screening/township_tally.h"

namespace shouwang::screening {
namespace {

constexpr int kVillages = 8;
constexpr double kLine = 8'800;
constexpr double kAtSite = 0.2;  // of the households of every other township

// What a reader of the sheet makes of a row.
void Report(const Catalogue& catalogue, Date date, const simulator::HouseholdReading& row,
            const Arrival& arrival, History* history) {
  for (size_t column = 0; column < row.size(); ++column) {
    if (row[column] == simulator::kMissing) continue;
    const Indicator* indicator = catalogue.Find(simulator::kHouseholdColumns[column].indicator);
    int64_t value = row[column];
    for (int decimals = indicator->decimals; decimals < 2; ++decimals) value /= 10;
    history->Put(indicator->id, date, value, arrival);
  }
}

class Township {
 public:
  Township(const SimulatedCounty& county, int index, Month last)
      : county_(county),
        code_(TownshipOf(index)),
        first_(last - (county.months - 1)),
        has_site_(index % 2 == 1),
        fabricator_(county.fabrications, code_, county.seed, kLine, last) {}

  std::vector<ReporterTally> Tally(const risk::Policy& policy, const Catalogue& catalogue) {
    const auto origin_of = [&](uint64_t batch) -> absl::StatusOr<std::optional<BatchOrigin>> {
      return BatchOrigin{"office", Source::kCadreVisit, SentAt(static_cast<int>(batch) - 1)};
    };
    const Month last = first_ + (county_.months - 1);
    TownshipTally tally(policy, catalogue, code_, {last - (county_.screened_months - 1), last},
                        origin_of);
    const int at_site = has_site_ ? static_cast<int>(county_.households * kAtSite) : 0;
    for (int i = 0; i < county_.households; ++i) {
      const bool relocated = i < at_site;
      const int village = relocated ? 1 : 2 + i % (kVillages - 1);
      if (!tally.Add(Simulate(village, static_cast<uint32_t>(i + 1), relocated, catalogue), {})
               .ok()) {
        std::abort();
      }
    }
    return tally.Finish();
  }

 private:
  Instant SentAt(int month) const {
    return Instant(std::chrono::hours(24 * (Date::LastOf(first_ + month).days() + 2)));
  }

  History Simulate(int village_number, uint32_t number, bool relocated,
                   const Catalogue& catalogue) {
    const uint64_t village = code_.FirstVillageCode() + static_cast<uint64_t>(village_number);
    simulator::Household household(county_.seed, village, number, relocated, first_,
                                   county_.months);
    History history({village, SubjectKind::kHousehold, number});
    for (int i = 0; i < county_.months; ++i) {
      const Month month = first_ + i;
      household.Step(month, simulator::WeatherOf(county_.seed, village, month));
      auto reported = household.Reported();
      if (!reported) continue;
      fabricator_.MakeUp(village, number, &*reported);
      const uint64_t mixed =
          simulator::Mix({county_.seed, village, static_cast<uint64_t>(month.index()), 0xDA});
      const Date visited = fabricator_.VisitDay(month).value_or(
          Date::FirstOf(month) + (11 + static_cast<int32_t>(mixed % 13)));
      Report(catalogue, visited, *reported,
             {SentAt(i), SentAt(i), static_cast<uint64_t>(i + 1), Source::kCadreVisit}, &history);
    }
    return history;
  }

  const SimulatedCounty& county_;
  const Division code_;
  const Month first_;
  const bool has_site_;
  simulator::Fabricator fabricator_;
};

}  // namespace

Division TownshipOf(int index) { return *Division::Parse(fmt::format("{:09}", 520502001 + index)); }

Comparison ScreenCounty(const SimulatedCounty& county, const risk::Policy& policy,
                        const Catalogue& catalogue) {
  std::vector<ReporterTally> tallies;
  for (int i = 0; i < county.townships; ++i) {
    Township township(county, i, *Month::Parse("2026-10"));
    for (ReporterTally& tally : township.Tally(policy, catalogue)) {
      tallies.push_back(std::move(tally));
    }
  }
  return Compare(tallies, *policy.screening);
}

}  // namespace shouwang::screening
