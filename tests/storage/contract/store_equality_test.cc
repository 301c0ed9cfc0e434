// Random transactions, to the store in memory and to the one on disk: everything that can be asked
// is answered alike, whatever was compacted or reopened in between.
#include <map>
#include <random>

#include "tests/storage/contract/store_contract.h"
#include "tests/storage/lanes.h"
#include "tests/storage/rocks/automatic_compaction.h"

namespace shouwang {
namespace {

class RandomTransactions {
 public:
  explicit RandomTransactions(uint64_t seed) : random_(seed) {}

  Transaction Next(uint64_t batch) {
    Transaction transaction;
    transaction.batches.push_back({batch, "request " + std::to_string(batch), Township(), "c",
                                   Source::kCadreVisit, At(batch), At(batch), "receipt"});
    for (uint64_t n = Upto(60); n > 0; --n) {
      transaction.observations.push_back(AnObservation(batch));
      if (Upto(9) == 0) transaction.superseded.push_back({AnObservation(batch), At(Upto(99))});
    }
    for (uint64_t n = Upto(8); n > 0; --n) AddStates(&transaction);
    for (uint64_t n = Upto(6); n > 0; --n) {
      transaction.rollups.push_back({Place(), static_cast<IndicatorId>(Upto(3)), AMonth(),
                                     static_cast<int64_t>(Upto(5)) - 2,
                                     static_cast<int64_t>(Upto(2000)) - 1000});
      transaction.histograms.push_back(AHistogram());
      Tally tally;
      tally.place = Place();
      tally.households = static_cast<int64_t>(Upto(9)) - 4;
      tally.observations = static_cast<int64_t>(Upto(9'000'000'000));
      tally.latest_observed_on = ADate();
      tally.latest_known_at = At(Upto(1'000'000));
      for (uint64_t w = Upto(3); w > 0; --w) {
        tally.warnings.push_back(
            {Rule(), static_cast<Severity>(1 + Upto(3)), static_cast<int64_t>(Upto(5)) - 2});
      }
      transaction.tallies.push_back(tally);
    }
    return transaction;
  }

  uint64_t Upto(uint64_t n) { return random_() % n; }

  std::vector<Subject> AllSubjects() const {
    std::vector<Subject> all;
    for (const Division& village : Villages()) {
      for (const uint32_t number : Numbers()) {
        all.push_back(*Subject::Household(village, number));
        all.push_back(*Subject::Site(village, number));
      }
    }
    return all;
  }

 private:
  static Instant At(uint64_t ms) {
    return Instant(std::chrono::milliseconds(static_cast<int64_t>(ms)));
  }
  static std::vector<Division> Villages() {
    return {Div("520502001001"), Div("520502001002"), Div("520502002001"), Div("530102001001")};
  }
  static std::vector<uint32_t> Numbers() { return {1, 2, 255, 256, 70'000}; }

  Division Village() { return Villages()[Upto(4)]; }
  Division Township() { return Village().At(DivisionLevel::kTownship); }
  Subject ASubject() {
    const uint32_t number = Numbers()[Upto(5)];
    return Upto(4) == 0 ? *Subject::Site(Village(), number)
                        : *Subject::Household(Village(), number);
  }
  RollupPlace Place() {
    if (Upto(3) == 0) {
      const Subject site = *Subject::Site(Village(), 1);
      return {RollupView::kSite, site.In(DivisionLevel::kTownship), site};
    }
    return {static_cast<RollupView>(Upto(2)), Township(), {}};
  }
  PlaceHistogram AHistogram() {
    const RollupPlace place = Place();
    PlaceHistogram delta{
        {place.view, place.township, place.site}, static_cast<IndicatorId>(Upto(3)), AMonth(), {}};
    if (place.view != RollupView::kSite && Upto(2) == 0) {
      delta.place.division = place.township.At(DivisionLevel::kCounty);
    }
    for (uint64_t n = Upto(5); n > 0; --n) {
      delta.histogram.Add(BucketOf(static_cast<int64_t>(Upto(2'000)) - 1'000),
                          static_cast<int64_t>(Upto(7)) - 3);
    }
    return delta;
  }
  Month AMonth() { return Month::OfIndex(660 + static_cast<int32_t>(Upto(30))); }
  Date ADate() { return Date::OfDays(20'000 + static_cast<int32_t>(Upto(12) * 31)); }
  RuleId Rule() { return static_cast<RuleId>(1 + Upto(4)); }

  Observation AnObservation(uint64_t batch) {
    return {ASubject(),
            static_cast<IndicatorId>(1 + Upto(5)),
            ADate(),
            static_cast<int64_t>(Upto(2'000'000)) - 1'000'000,
            {At(Upto(4)), At(batch * 1'000), batch, static_cast<Source>(1 + Upto(3))}};
  }

  void AddStates(Transaction* transaction) {
    SubjectRisk risk;
    risk.subject = ASubject();
    risk.policy_fingerprint = random_();
    risk.evaluated_through = ADate();
    if (Upto(2) == 0) {
      risk.states.push_back({Rule(), ADate(), std::nullopt, false, Severity::kRed, RiskKind::kWater,
                             static_cast<uint32_t>(Upto(300'000))});
    }
    if (Upto(2) == 0) {
      risk.episodes.push_back({Rule(), ADate(), ADate(), Severity::kYellow, RiskKind::kIncome, 7});
    }
    transaction->risks.push_back(risk);
    transaction->residences.push_back(
        {ASubject(), *Subject::Site(Village(), 1), Village(), ADate()});
    Warning warning;
    warning.subject = ASubject();
    warning.rule = Rule();
    warning.opened_on = ADate();
    warning.known_at = At(Upto(1'000));
    (Upto(3) == 0 ? transaction->closed : transaction->opened).push_back(warning);
  }

  std::mt19937_64 random_;
};

using States = std::vector<
    std::pair<Subject, std::pair<std::optional<SubjectRisk>, std::optional<Residence>>>>;
States ScannedStates(const Store& store, const Division& region) {
  States states;
  const absl::Status status =
      store.ScanStates(region, [&](const Subject& subject, const SubjectState& state) {
        states.push_back({subject, {state.risk, state.residence}});
        return true;
      });
  EXPECT_TRUE(status.ok()) << status;
  return states;
}

// Of the store's own histories.
void ExpectWindowsSayWhatHistoriesSay(const Store& store, const std::vector<Subject>& subjects,
                                      DateRange range, size_t* filled) {
  const std::vector<IndicatorId> wanted = {1, 2, 4};
  const std::unique_ptr<WindowReader> reader = store.ReadWindows();
  std::map<SubjectGroup, std::vector<Subject>> groups;
  for (const Subject& subject : subjects) groups[SubjectGroup::Of(subject)].push_back(subject);
  for (const auto& [group, members] : groups) {
    Lanes expected;
    const auto histories = store.LoadHistories(members, range);
    ASSERT_TRUE(histories.ok()) << histories.status();
    for (const History& history : *histories) AddTo(history, range, &expected);
    std::erase_if(expected.values, [&](const auto& value) {
      return !std::ranges::binary_search(wanted, std::get<1>(value.first));
    });
    GroupWindow window(group);
    const absl::StatusOr<bool> fits = reader->Fill(range, wanted, &window);
    ASSERT_TRUE(fits.ok()) << fits.status();
    if (!*fits) continue;
    ++*filled;
    // Points of other indicators may be there, too.
    Lanes found = LanesOf(window, range);
    std::erase_if(found.values, [&](const auto& value) {
      return !std::ranges::binary_search(wanted, std::get<1>(value.first));
    });
    ASSERT_EQ(found, expected);
  }
}

void ExpectEqual(const Store& memory, const Store& rocks, RandomTransactions* random) {
  for (const std::string_view code : {"", "52", "520502001", "520502001002", "54"}) {
    const Division region = Div(code);
    const DateRange range{Date::OfDays(20'000 + static_cast<int32_t>(random->Upto(200))),
                          Date::OfDays(20'100 + static_cast<int32_t>(random->Upto(300)))};
    ASSERT_EQ(Scanned(memory, region), Scanned(rocks, region)) << code;
    ASSERT_EQ(Scanned(memory, region, range), Scanned(rocks, region, range)) << code;
    ASSERT_EQ(ScannedStates(memory, region), ScannedStates(rocks, region)) << code;
    ASSERT_EQ(OpenWarnings(memory, code), OpenWarnings(rocks, code)) << code;
    for (const RollupView view :
         {RollupView::kSettlement, RollupView::kOrigin, RollupView::kSite}) {
      ASSERT_EQ(*memory.ReadTallies(view, region), *rocks.ReadTallies(view, region)) << code;
      for (IndicatorId indicator = 0; indicator < 3; ++indicator) {
        const RollupQuery query{view,      region,        std::nullopt,
                                indicator, In("2025-03"), In("2026-11")};
        ASSERT_EQ(*memory.ReadRollups(query), *rocks.ReadRollups(query)) << code;
        for (const DivisionLevel level : {DivisionLevel::kCounty, DivisionLevel::kTownship}) {
          const HistogramQuery spread{view,      level,         region,       std::nullopt,
                                      indicator, In("2025-03"), In("2026-11")};
          ASSERT_EQ(*memory.ReadHistograms(spread), *rocks.ReadHistograms(spread)) << code;
        }
      }
    }
  }
  const std::vector<Subject> subjects = random->AllSubjects();
  size_t filled = 0;
  const DateRange months{Date::OfDays(20'000 + static_cast<int32_t>(random->Upto(200))),
                         Date::OfDays(20'150 + static_cast<int32_t>(random->Upto(100)))};
  ExpectWindowsSayWhatHistoriesSay(memory, subjects, months, &filled);
  ExpectWindowsSayWhatHistoriesSay(rocks, subjects, months, &filled);
  ASSERT_GT(filled, 0U);
  const auto in_memory = memory.LoadHistories(subjects, {On("2024-11-01"), On("2025-09-30")});
  const auto on_disk = rocks.LoadHistories(subjects, {On("2024-11-01"), On("2025-09-30")});
  ASSERT_TRUE(on_disk.ok()) << on_disk.status();
  for (size_t i = 0; i < subjects.size(); ++i) {
    ASSERT_EQ(RowsOf((*in_memory)[i]), RowsOf((*on_disk)[i]));
    ASSERT_EQ(*memory.LoadSuperseded(subjects[i]), *rocks.LoadSuperseded(subjects[i]));
  }
}

TEST(StoreEqualityTest, BothStoresAnswerAlikeAfterAnyTransactions) {
  for (const uint64_t seed : {1, 2, 3}) {
    RandomTransactions random(seed);
    TemporaryDirectory directory;
    MemoryStore memory;
    std::unique_ptr<RocksStore> rocks = OpenRocks(SmallRocks(directory.path()));
    std::unique_ptr<Snapshot> reader;
    for (uint64_t batch = 1; batch <= 120; ++batch) {
      const Transaction transaction = random.Next(batch);
      CommitOk(memory, transaction);
      CommitOk(*rocks, transaction);
      if (random.Upto(25) == 0) {
        ASSERT_TRUE(rocks->Compact().ok());
      }
      // One that RocksDB makes by itself leaves small piles, and parts that a reader still needs.
      if (random.Upto(5) == 0) AwaitACompactionOfBlocks(rocks->database());
      if (random.Upto(8) == 0) reader = rocks->TakeSnapshot();
      if (random.Upto(16) == 0) reader.reset();
      if (random.Upto(25) == 0) {
        reader.reset();
        rocks.reset();
        rocks = OpenRocks(SmallRocks(directory.path()));
      }
      if (random.Upto(15) == 0 || batch == 120) ExpectEqual(memory, *rocks, &random);
      if (HasFatalFailure()) FAIL() << "seed " << seed << ", batch " << batch;
    }
  }
}

}  // namespace
}  // namespace shouwang
