#include "storage/rocks/format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "storage/blocks/bytes.h"
#include "storage/rocks/records.h"
#include "storage/rocks/rocks_case_book.h"
#include "storage/rocks/rocks_draw_book.h"
#include "storage/rocks/rocks_reporters.h"
#include "storage/vocabulary/reporting.h"
#include "tests/storage/contract/store_contract.h"
#include "tests/storage/rocks/format_sample.h"

namespace shouwang::rocks {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kStores[] = SHOUWANG_SOURCE_DIR "/tests/storage/rocks/";

std::unique_ptr<Database> OpenDatabase(const RocksOptions& options) {
  auto database = Database::Open(options);
  EXPECT_TRUE(database.ok()) << database.status();
  return database.ok() ? *std::move(database) : nullptr;
}

// Writes `value` where the format stands.
void SetFormat(const Database& database, std::string_view value) {
  rocksdb::WriteBatch batch;
  batch.Put(database.Handle(Family::kMeta), "format", SliceOf(value));
  ASSERT_TRUE(database.Write(&batch, "test").ok());
}
void SetFormat(const std::string& path, std::string_view value) {
  SetFormat(*OpenDatabase(SmallRocks(path)), value);
}

// Steps to formats 2 .. `to` that note in `taken` that they ran.
std::vector<FormatStep> StepsUpTo(int to, std::vector<int>* taken) {
  std::vector<FormatStep> steps;
  for (int format = 2; format <= to; ++format) {
    steps.push_back({format, "a test", /*old_is_readable=*/true, [taken, format](RocksStore&) {
                       taken->push_back(format);
                       return absl::OkStatus();
                     }});
  }
  return steps;
}

TEST(FormatTest, ANewStoreHasTheNewestFormat) {
  TemporaryDirectory directory;
  const auto database = OpenDatabase(SmallRocks(directory.path()));
  EXPECT_EQ(*StoredFormat(*database), NewestFormat(FormatSteps()));
}

TEST(FormatTest, TheStepsOfThisVersionFollowEachOther) {
  int format = 1;
  for (const FormatStep& step : FormatSteps()) {
    EXPECT_EQ(step.to, ++format);
    EXPECT_FALSE(step.what.empty());
  }
}

TEST(FormatTest, AnOlderStoreTakesEveryStepItLacksInOrderAndOnce) {
  TemporaryDirectory directory;
  const auto store = OpenRocks(SmallRocks(directory.path()));
  SetFormat(store->database(), "2");
  std::vector<int> taken;
  ASSERT_TRUE(BringToFormat(*store, StepsUpTo(4, &taken)).ok());
  EXPECT_THAT(taken, ElementsAre(3, 4));
  EXPECT_EQ(*StoredFormat(store->database()), 4);
  ASSERT_TRUE(BringToFormat(*store, StepsUpTo(4, &taken)).ok());
  EXPECT_THAT(taken, ElementsAre(3, 4));
}

TEST(FormatTest, AStepThatFailsKeepsTheStepsBeforeItAndRunsAgain) {
  TemporaryDirectory directory;
  const auto store = OpenRocks(SmallRocks(directory.path()));
  SetFormat(store->database(), "1");
  std::vector<int> taken;
  std::vector<FormatStep> steps = StepsUpTo(4, &taken);
  bool full = true;
  steps[1].rewrite = [&](RocksStore&) {
    taken.push_back(3);
    return full ? absl::UnavailableError("the disk is full") : absl::OkStatus();
  };
  const absl::Status failed = BringToFormat(*store, steps);
  EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(failed.message()),
              HasSubstr("bringing it to format 3 (a test): the disk is full"));
  EXPECT_EQ(*StoredFormat(store->database()), 2);
  full = false;
  ASSERT_TRUE(BringToFormat(*store, steps).ok());
  EXPECT_THAT(taken, ElementsAre(2, 3, 3, 4));
  EXPECT_EQ(*StoredFormat(store->database()), 4);
}

TEST(FormatTest, ANewerStoreIsRefusedInBothModesAndStaysAsItIs) {
  TemporaryDirectory directory;
  SetFormat(directory.path(), "99");
  for (const bool read_only : {false, true}) {
    RocksOptions options = SmallRocks(directory.path());
    options.read_only = read_only;
    const auto store = RocksStore::Open(options);
    EXPECT_EQ(store.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(store.status().message()),
                HasSubstr("it has format 99, this version knows up to " +
                          std::to_string(NewestFormat(FormatSteps())) +
                          "; use the version that wrote it, or a newer one"));
  }
}

TEST(FormatTest, AReaderTakesNoStepAndIsToldWhereOneIsNeeded) {
  TemporaryDirectory directory;
  SetFormat(directory.path(), "1");
  RocksOptions options = SmallRocks(directory.path());
  options.read_only = true;
  const auto store = OpenRocks(options);
  std::vector<int> taken;
  std::vector<FormatStep> steps = StepsUpTo(3, &taken);
  EXPECT_TRUE(BringToFormat(*store, steps).ok());
  steps[1].old_is_readable = false;
  const absl::Status refused = BringToFormat(*store, steps);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("must be brought to format 3"));
  EXPECT_TRUE(taken.empty());
}

TEST(FormatTest, ADamagedFormatIsDataLoss) {
  TemporaryDirectory directory;
  SetFormat(directory.path(), "one");
  const auto store = RocksStore::Open(SmallRocks(directory.path()));
  EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss);
}

// Of every format that there was: all of it is found, before and after its values are folded, and
// whoever opens it for reading finds it too.
class OldFormatTest : public testing::TestWithParam<int> {};

TEST_P(OldFormatTest, EverythingWrittenThenIsFoundNow) {
  TemporaryDirectory directory;
  std::filesystem::copy(kStores + ("format_" + std::to_string(GetParam())), directory.path(),
                        std::filesystem::copy_options::recursive);
  const auto store = OpenRocks(SmallRocks(directory.path()));
  ASSERT_NE(store, nullptr);
  ExpectSample(*store);
  ASSERT_TRUE(store->Compact().ok());
  ExpectSample(*store);
}

TEST(FormatTest, HistogramsOfAStoreOfFormat1AreCountedOnce) {
  TemporaryDirectory directory;
  std::filesystem::copy(kStores + std::string("format_1"), directory.path(),
                        std::filesystem::copy_options::recursive);
  const auto counts = [](const Store& store, RollupView view, DivisionLevel level) {
    HistogramQuery query;
    query.view = view;
    query.level = level;
    query.indicator = view == RollupView::kSettlement ? 1 : 7;
    query.from = In("2025-01");
    query.to = In("2026-12");
    const auto histograms = store.ReadHistograms(query);
    EXPECT_TRUE(histograms.ok()) << histograms.status();
    std::vector<std::string> counted;
    for (const PlaceHistogram& histogram : *histograms) {
      counted.push_back(histogram.place.division.ToString() + " " + histogram.month.ToString() +
                        " " + std::to_string(histogram.histogram.count()));
    }
    return counted;
  };
  for (int opening = 0; opening < 2; ++opening) {
    const auto store = OpenRocks(SmallRocks(directory.path()));
    ASSERT_NE(store, nullptr);
    EXPECT_EQ(*StoredFormat(store->database()), NewestFormat(FormatSteps()));
    EXPECT_THAT(counts(*store, RollupView::kSettlement, DivisionLevel::kTownship),
                ElementsAre("520502001 2025-12 1", "520502001 2026-01 2", "520502001 2026-02 1",
                            "520502002 2026-02 1"));
    EXPECT_THAT(counts(*store, RollupView::kSettlement, DivisionLevel::kCounty),
                ElementsAre("520502 2025-12 1", "520502 2026-01 2", "520502 2026-02 2"));
    EXPECT_THAT(counts(*store, RollupView::kOrigin, DivisionLevel::kCounty),
                ElementsAre("520502 2026-01 1"));
    EXPECT_THAT(counts(*store, RollupView::kSite, DivisionLevel::kTownship),
                ElementsAre("520502001 2026-01 2"))
        << "the site and who lives there";
  }
}

// 1, which stands since 2025-12, was corrected; the neighbour and the far one told of 2026-01, the
// one elsewhere of 2026-02. All of it became known in 2023, long before it was due.
TEST(FormatTest, ReportingOfAnOlderStoreIsCountedOnceAndItsReportersAreFound) {
  TemporaryDirectory directory;
  std::filesystem::copy(kStores + std::string("format_3"), directory.path(),
                        std::filesystem::copy_options::recursive);
  const auto counts = [](const Store& store, IndicatorId which) {
    RollupQuery query;
    query.indicator = which;
    query.from = In("2020-01");
    query.to = In("2026-12");
    std::vector<std::string> counted;
    const std::vector<RollupCell> cells = *store.ReadRollups(query);
    for (const RollupCell& cell : cells) {
      counted.push_back(cell.place.township.ToString() + " " + cell.month.ToString() + " " +
                        std::to_string(cell.count));
    }
    return counted;
  };
  const auto delays = [](const Store& store, DivisionLevel level) {
    HistogramQuery query;
    query.level = level;
    query.indicator = kAnyIndicator;
    query.from = In("2020-01");
    query.to = In("2026-12");
    std::vector<std::string> counted;
    const std::vector<PlaceHistogram> histograms = *store.ReadHistograms(query);
    for (const PlaceHistogram& histogram : histograms) {
      counted.push_back(histogram.place.division.ToString() + " " + histogram.month.ToString() +
                        " " + std::to_string(histogram.histogram.Below(0).least));
    }
    return counted;
  };
  for (int opening = 0; opening < 3; ++opening) {
    const auto store = OpenRocks(SmallRocks(directory.path()));
    ASSERT_NE(store, nullptr);
    EXPECT_THAT(counts(*store, kFirstReport),
                ElementsAre("520502001 2025-12 1", "520502001 2026-01 2", "520502002 2026-02 1"));
    EXPECT_THAT(counts(*store, kLastReport),
                ElementsAre("520502001 2026-01 2", "520502001 2026-02 1", "520502002 2026-02 1"));
    EXPECT_THAT(delays(*store, DivisionLevel::kTownship),
                ElementsAre("520502001 2025-12 1", "520502001 2026-01 3", "520502001 2026-02 1",
                            "520502002 2026-02 1"));
    EXPECT_THAT(delays(*store, DivisionLevel::kCounty),
                ElementsAre("520502 2025-12 1", "520502 2026-01 3", "520502 2026-02 2"));
    std::vector<std::string> heard;
    ASSERT_TRUE(RocksReporters(store.get())
                    .ScanReporters(Div(""), Reporter(),
                                   [&](const Reporter& reporter, const LastHeard& last) {
                                     heard.push_back(reporter.township.ToString() + " " +
                                                     reporter.collector + " " +
                                                     std::to_string(last.batch));
                                     return true;
                                   })
                    .ok());
    EXPECT_THAT(heard, ElementsAre("520502001 collector 一 1", "520502002 collector 一 3"));
    // A step that was cut off before its number was written runs again.
    if (opening == 1) SetFormat(store->database(), "4");
  }
}

// As formats before 6 kept a warning.
void PutSingleWarning(const Database& database, const Warning& warning) {
  std::string key = SubjectKey(warning.subject);
  AppendBigEndian(warning.rule, 2, &key);
  std::string value = "\1";
  value.push_back(static_cast<char>(warning.severity));
  value.push_back(static_cast<char>(warning.kind));
  AppendZigZag(warning.opened_on.days(), &value);
  AppendVarint(warning.policy_version, &value);
  AppendZigZag(warning.known_at.time_since_epoch().count(), &value);
  ASSERT_TRUE(database.db()
                  .Put(rocksdb::WriteOptions(), database.Handle(Family::kWarnings), key, value)
                  .ok());
}

size_t SingleWarnings(const Database& database) {
  size_t count = 0;
  EXPECT_TRUE(database
                  .Scan(Family::kWarnings, "", "\xff",
                        [&](std::string_view key, std::string_view) {
                          if (key.size() != kGroupKeyBytes) ++count;
                          return true;
                        })
                  .ok());
  return count;
}

TEST(FormatTest, SingleWarningsOfAnOlderStoreAreGatheredByGroups) {
  TemporaryDirectory directory;
  std::vector<Warning> warnings;
  for (int number = 1; number <= 600; ++number) {
    const std::string household = "520502001001/" + std::to_string(number);
    for (const RuleId rule : {RuleId{1}, RuleId{300}})
      warnings.push_back(WarningOf(household, rule, "2026-01-31"));
  }
  warnings.push_back(WarningOf("520502001/S3", 7, "2026-01-31"));
  {
    const auto store = OpenRocks(SmallRocks(directory.path()));
    for (const Warning& warning : warnings) PutSingleWarning(store->database(), warning);
    SetFormat(store->database(), "5");
  }
  const auto sort = [&warnings] {
    std::ranges::sort(warnings, {}, [](const Warning& w) { return std::tie(w.subject, w.rule); });
  };
  sort();
  {
    RocksOptions options = SmallRocks(directory.path());
    options.read_only = true;
    EXPECT_EQ(OpenWarnings(*OpenRocks(options), ""), warnings) << "who only reads finds them too";
  }
  {
    const auto store = OpenRocks(SmallRocks(directory.path()));
    EXPECT_EQ(SingleWarnings(store->database()), 0u);
    EXPECT_EQ(OpenWarnings(*store, ""), warnings);
    // Cut off on the way: a group that was gathered stays, one that was not follows, and what an
    // older version adds to the former comes to it.
    for (const char* household : {"520502009001/1", "520502001001/7"}) {
      warnings.push_back(WarningOf(household, 5, "2026-02-28"));
      PutSingleWarning(store->database(), warnings.back());
    }
    SetFormat(store->database(), "5");
  }
  const auto store = OpenRocks(SmallRocks(directory.path()));
  EXPECT_EQ(SingleWarnings(store->database()), 0u);
  sort();
  EXPECT_EQ(OpenWarnings(*store, ""), warnings);
}

TEST(FormatTest, ASingleWarningThatCannotBeReadStaysForAVerification) {
  TemporaryDirectory directory;
  const Warning sound = WarningOf("520502001001/1", 5, "2026-02-28");
  {
    const auto store = OpenRocks(SmallRocks(directory.path()));
    PutSingleWarning(store->database(), sound);
    std::string key = SubjectKey(Named("520502001001/2"));
    AppendBigEndian(5, 2, &key);
    ASSERT_TRUE(store->database()
                    .db()
                    .Put(rocksdb::WriteOptions(), store->database().Handle(Family::kWarnings), key,
                         "\1rubbish")
                    .ok());
    SetFormat(store->database(), "5");
  }
  const auto store = OpenRocks(SmallRocks(directory.path()));
  EXPECT_EQ(SingleWarnings(store->database()), 1u);
  std::vector<Warning> found;
  const absl::Status status = store->ScanWarnings(Div(""), {}, 0, [&](const Warning& warning) {
    found.push_back(warning);
    return true;
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(found, ElementsAre(sound));
}

// Between the two formats there were versions that kept histograms without saying so.
TEST(FormatTest, HistogramsThatAStoreOfFormat1HasAreNotCountedTwice) {
  TemporaryDirectory directory;
  PlaceHistogram histogram{{RollupView::kSettlement, Div("520502001"), {}}, 1, In("2026-01"), {}};
  histogram.histogram.Add(BucketOf(5), 1);
  CommitOk(*OpenRocks(SmallRocks(directory.path())),
           {.observations = {Observe("520502001001/1", 1, "2026-01-31", 5),
                             Observe("520502001001/2", 1, "2026-01-31", 5)},
            .histograms = {histogram}});
  SetFormat(directory.path(), "1");
  HistogramQuery query;
  query.level = DivisionLevel::kTownship;
  query.indicator = 1;
  query.from = query.to = In("2026-01");
  const auto counted = OpenRocks(SmallRocks(directory.path()))->ReadHistograms(query);
  ASSERT_TRUE(counted.ok()) << counted.status();
  ASSERT_EQ(counted->size(), 1u);
  histogram.histogram.Add(BucketOf(5), 1);
  EXPECT_EQ((*counted)[0].histogram, histogram.histogram);
}

TEST(FormatTest, WhoOnlyReadsAStoreOfFormat1IsToldToBringItUp) {
  TemporaryDirectory directory;
  std::filesystem::copy(kStores + std::string("format_1"), directory.path(),
                        std::filesystem::copy_options::recursive);
  RocksOptions options = SmallRocks(directory.path());
  options.read_only = true;
  const absl::Status refused = RocksStore::Open(options).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(refused.message()),
      HasSubstr("it lacks the part 'histograms', so an older version wrote it; start shouwangd "
                "on it once"));
}

INSTANTIATE_TEST_SUITE_P(Formats, OldFormatTest, testing::Values(1, 2, 3, 4, 5, 6),
                         [](const auto& format) { return std::to_string(format.param); });

// With SHOUWANG_KEEP_FORMAT_SAMPLE=FOLDER the store stays there: the next folder of old formats.
TEST(FormatTest, ThisVersionFindsWhatItWrote) {
  TemporaryDirectory directory;
  const char* keep = std::getenv("SHOUWANG_KEEP_FORMAT_SAMPLE");
  const std::string path = keep != nullptr ? keep : directory.path();
  {
    const auto store = OpenRocks(SmallRocks(path));
    FillWithSample(*store);
    // So that part is in data files, part in the log only.
    ASSERT_TRUE(store->Compact().ok());
    AddToSample(*store);
    const std::vector<CaseEvent> opening(1);
    RocksCaseBook book(store.get());
    ASSERT_TRUE(book.AddToCase(Named("520502001001/1"), 0, opening).ok());
    Draw draw;
    draw.township = Div("520502001");
    draw.month = In("2026-11");
    ASSERT_TRUE(RocksDrawBook(store.get()).AddDraw(draw).ok());
  }
  if (keep != nullptr) return;
  const auto store = OpenRocks(SmallRocks(path));
  ExpectSample(*store);
  const RocksCaseBook book(store.get());
  EXPECT_EQ(book.LoadCase(Named("520502001001/1"))->revision(), 1u);
  const RocksDrawBook draws(store.get());
  EXPECT_TRUE(draws.LoadDraw(Div("520502001"), In("2026-11"))->has_value());
}

}  // namespace
}  // namespace shouwang::rocks
