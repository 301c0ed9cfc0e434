// How small and how fast: a panel of households shaped like the field's (monthly income in round
// yuan, costs that are mostly zero, counts that rarely change), village by village and month by
// month, one commit each. SHOUWANG_PANEL_HOUSEHOLDS and SHOUWANG_PANEL_MONTHS make it larger.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <random>

#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

constexpr uint32_t kHouseholdsPerVillage = 250;
constexpr IndicatorId kIndicators = 20;

int FromEnvironment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

struct Household {
  int64_t wage = 0;     // whole yuan a month; changes with the job
  int64_t size = 0;     // persons
  int64_t flags = 0;    // insured, safe house, safe water, ...
  int64_t pension = 0;  // the same each month, adjusted each January
};

class Panel {
 public:
  explicit Panel(uint32_t households) : random_(17), households_(households) {
    for (Household& household : households_) {
      household = {Round(Upto(5'000), 100), Upto(6) + 1, Upto(16), Round(Upto(1'500), 5)};
    }
  }

  // The values of one household and month, by indicator 1 to 20, scaled by its decimals.
  void Report(uint32_t index, int month, std::array<int64_t, kIndicators>* values) {
    Household& household = households_[index];
    if (Upto(20) == 0) household.wage = Round(Upto(5'000), 100);
    if (Upto(60) == 0) household.size = Upto(6) + 1;
    if (Upto(60) == 0) household.flags = Upto(16);
    if (month % 12 == 0) household.pension += 5;
    values->fill(0);
    auto& v = *values;
    v[0] = household.wage * 100;
    v[1] = month % 12 == 9 ? Round(Upto(20'000), 50) * 100 : 0;  // the harvest
    v[2] = household.pension * 100;
    v[3] = month % 3 == 0 ? household.size * 12'000 : 0;
    v[4] = month % 12 == 3 ? Round(Upto(4'000), 10) * 100 : 0;  // seed and fertiliser
    v[5] = Upto(12) == 0 ? Upto(2'000'000) : 0;                 // medical, to the fen
    v[6] = month % 12 == 8 ? household.size * 40'000 : 0;       // school
    v[7] = Upto(80) == 0 ? Round(Upto(9'000), 100) * 100 : 0;   // disaster
    v[8] = household.size;
    v[9] = household.size / 2;
    v[10] = household.wage > 0 ? household.size / 2 : 0;
    v[11] = household.wage > 1'000 ? 1 : 0;
    for (size_t flag = 0; flag < 4; ++flag) v[12 + flag] = household.flags >> flag & 1;
    v[16] = Upto(25) == 0 ? 1 : 0;
    v[19] = household.wage > 0 ? 20 + Upto(8) : 0;  // days worked
  }

 private:
  int64_t Upto(uint64_t n) { return static_cast<int64_t>(random_() % n); }
  static int64_t Round(int64_t value, int64_t to) { return value / to * to; }

  std::mt19937_64 random_;
  std::vector<Household> households_;
};

uint64_t BytesOfDataFiles(const std::string& path) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() == ".sst") bytes += entry.file_size();
  }
  return bytes;
}

// Of this thread's CPU, so that a busy machine does not blur the figures; waiting for the disk is
// left out.
double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

Transaction MonthOf(Panel* panel, uint32_t first, uint32_t last, int month, uint64_t batch) {
  Transaction transaction;
  const Date date = Date::LastOf(In("2023-01") + month);
  const Arrival arrival{
      At(1'700'000'000'000 + month * 2'592'000'000LL),
      At(1'700'000'100'000 + month * 2'592'000'000LL + static_cast<int64_t>(batch)), batch,
      Source::kCadreVisit};
  std::array<int64_t, kIndicators> values;
  for (uint32_t index = first; index < last; ++index) {
    const Subject subject{520502001001u + index / kHouseholdsPerVillage, SubjectKind::kHousehold,
                          index % kHouseholdsPerVillage + 1};
    panel->Report(index, month, &values);
    for (IndicatorId i = 0; i < kIndicators; ++i) {
      transaction.observations.push_back(
          {subject, static_cast<IndicatorId>(i + 1), date, values[i], arrival});
    }
  }
  return transaction;
}

TEST(PanelTest, AValueTakesAThirdOfAByte) {
  const auto households = static_cast<uint32_t>(FromEnvironment("SHOUWANG_PANEL_HOUSEHOLDS", 500));
  const int months = FromEnvironment("SHOUWANG_PANEL_MONTHS", 24);
  TemporaryDirectory directory;
  RocksOptions options;
  options.path = directory.path();
  const std::unique_ptr<RocksStore> store = OpenRocks(options);
  Panel panel(households);
  double committing = 0;
  double waiting = 0;
  double loading = 0;
  uint64_t values = 0;
  uint64_t loaded = 0;
  uint64_t batch = 0;
  for (int month = 0; month < months; ++month) {
    for (uint32_t first = 0; first < households; first += kHouseholdsPerVillage) {
      const uint32_t last = std::min(first + kHouseholdsPerVillage, households);
      const Transaction transaction = MonthOf(&panel, first, last, month, ++batch);
      const double begin = CpuSeconds();
      const auto begin_waiting = std::chrono::steady_clock::now();
      CommitOk(*store, transaction);
      committing += CpuSeconds() - begin;
      waiting +=
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_waiting).count();
      values += transaction.observations.size();
      std::vector<Subject> subjects;
      for (size_t i = 0; i < transaction.observations.size(); i += kIndicators) {
        subjects.push_back(transaction.observations[i].subject);
      }
      const Date date = transaction.observations[0].date;
      const double begin_load = CpuSeconds();
      const auto histories = store->LoadHistories(subjects, {date.PlusMonths(-12), date});
      loading += CpuSeconds() - begin_load;
      for (const History& history : *histories) loaded += history.PointCount();
    }
  }
  ASSERT_TRUE(store->Compact().ok());
  double begin = CpuSeconds();
  uint64_t scanned = 0;
  ASSERT_TRUE(store
                  ->ScanHistories(Div(""), {},
                                  [&](const History& history) {
                                    scanned += history.PointCount();
                                    return true;
                                  })
                  .ok());
  const double scanning = CpuSeconds() - begin;
  begin = CpuSeconds();
  constexpr int kReads = 200;
  for (uint32_t i = 0; i < kReads; ++i) {
    const uint32_t index = i * 7919 % households;
    const Subject subject{520502001001u + index / kHouseholdsPerVillage, SubjectKind::kHousehold,
                          index % kHouseholdsPerVillage + 1};
    ASSERT_TRUE(store->LoadHistories(std::vector<Subject>{subject}, {}).ok());
  }
  const double reading = (CpuSeconds() - begin) / kReads;
  const double bytes_per_value =
      static_cast<double>(BytesOfDataFiles(directory.path())) / static_cast<double>(values);
  fmt::print(
      "{} values: {:.3f} bytes a value; per second of CPU: commit {:.1f} M values, load for "
      "evaluation {:.1f} M, scan {:.1f} M; one history {:.0f} us; a commit waits {:.2f} ms\n",
      values, bytes_per_value, static_cast<double>(values) / committing / 1e6,
      static_cast<double>(loaded) / loading / 1e6, static_cast<double>(scanned) / scanning / 1e6,
      reading * 1e6, waiting / static_cast<double>(batch) * 1e3);
  EXPECT_EQ(scanned, values);
  EXPECT_LT(bytes_per_value, 0.35);
}

}  // namespace
}  // namespace shouwang
