// The bound on false discoveries, on provinces in which nothing happens: fixed seeds, literal
// bounds.
#include "tests/daemon/incidents/province.h"

namespace shouwang::incidents {
namespace {

using testing_province::MonthOf;
using testing_province::Province;
using testing_province::TestPolicy;

constexpr int kProvinces = 20;

// Months of all provinces in which anything was told.
template <typename Fill>
int MonthsWithAnIncident(Fill fill) {
  int months = 0;
  for (uint64_t seed = 1; seed <= kProvinces; ++seed) {
    Province province(MonthOf("2026-10"), {RiskKind::kDisaster, RiskKind::kIllness});
    province.SettleCounties(2, 3, 4, 40);
    fill(seed, &province);
    std::set<Month> told;
    for (const Incident& incident : province.Find().incidents) told.insert(incident.id.first);
    months += static_cast<int>(told.size());
  }
  return months;
}

// 20 provinces of 24 months: at a rate of 0.05, 24 months with something told are to be expected at
// most; the margin that counts being whole and the procedure being safe leave is told by these
// bounds.
TEST(QuietProvinceTest, PoissonCountsAreWithinTheBound) {
  EXPECT_LE(MonthsWithAnIncident([](uint64_t seed, Province* province) {
              province->WarnByChance(seed, 0.02);
              province->WarnByChance(seed + 100, 0.005, RiskKind::kIllness,
                                     [](const Division&, Month) { return 1.0; });
            }),
            3);
}

// Villages differ by a factor of up to 7, and each has better and worse months.
TEST(QuietProvinceTest, VillagesThatDifferAndVaryAreWithinTheBound) {
  EXPECT_LE(MonthsWithAnIncident([](uint64_t seed, Province* province) {
              const auto factor = [seed](const Division& village, Month month) {
                std::mt19937_64 own(seed * 1'000'003 + village.code());
                const double level = std::exp2(static_cast<double>(own() % 1000) / 357 - 1.4);
                std::mt19937_64 now(seed * 7 + village.code() * 31 +
                                    static_cast<uint64_t>(month.index()));
                return level * (0.5 + static_cast<double>(now() % 1000) / 1000);
              };
              province->WarnByChance(seed, 0.015, RiskKind::kDisaster, factor);
            }),
            5);
}

// A year's course that all share, with a peak that comes once a year, and a county of its own
// trend.
TEST(QuietProvinceTest, SharedSeasonsAreWithinTheBound) {
  EXPECT_LE(MonthsWithAnIncident([](uint64_t seed, Province* province) {
              const auto factor = [](const Division& village, Month month) {
                const double season = month.month_of_year() == 2 ? 5.0 : 0.7;
                const bool other =
                    village.At(DivisionLevel::kCounty) == testing_province::At("520502");
                return season * (other ? 1 + 0.02 * (month.index() - 640) : 1.0);
              };
              province->WarnByChance(seed, 0.01, RiskKind::kDisaster, factor);
            }),
            5);
}

}  // namespace
}  // namespace shouwang::incidents
