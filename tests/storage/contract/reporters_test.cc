// What any Reporters promises, of both stores, whose batches are the same.
#include "storage/contract/reporters.h"

#include "storage/memory/memory_reporters.h"
#include "storage/rocks/rocks_reporters.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ReportersTest : public testing::Test {
 protected:
  BatchRecord Next(std::string_view township, Source source, const std::string& collector,
                   int64_t known_ms) {
    BatchRecord batch;
    batch.number = ++batches_;
    batch.township = Div(township);
    batch.source = source;
    batch.collector = collector;
    batch.known_at = At(known_ms);
    return batch;
  }
  void SendTogether(const std::vector<BatchRecord>& batches) {
    CommitOk(memory_, {.batches = batches});
    CommitOk(*rocks_, {.batches = batches});
  }
  void Send(std::string_view township, Source source, const std::string& collector,
            int64_t known_ms) {
    SendTogether({Next(township, source, collector, known_ms)});
  }

  // "520502001 cadre_visit pc-1 at 5 by 3", the same of both.
  std::vector<std::string> Scan(std::string_view region, const Reporter& from = {},
                                size_t most = 100) {
    const auto scan = [&](const Reporters& reporters) {
      std::vector<std::string> lines;
      const absl::Status status = reporters.ScanReporters(
          Div(region), from, [&](const Reporter& reporter, const LastHeard& heard) {
            lines.push_back(reporter.township.ToString() + " " +
                            std::string(SourceName(reporter.source)) + " " + reporter.collector +
                            " at " + std::to_string(heard.known_at.time_since_epoch().count()) +
                            " by " + std::to_string(heard.batch));
            return lines.size() < most;
          });
      EXPECT_TRUE(status.ok()) << status;
      return lines;
    };
    const std::vector<std::string> lines = scan(RocksReporters(rocks_.get()));
    EXPECT_EQ(scan(MemoryReporters(&memory_)), lines);
    return lines;
  }

  MemoryStore memory_;
  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> rocks_ = OpenRocks(SmallRocks(directory_.path()));
  uint64_t batches_ = 0;
};

TEST_F(ReportersTest, NobodyIsThereBeforeABatchIs) { EXPECT_THAT(Scan(""), IsEmpty()); }

TEST_F(ReportersTest, EachCollectorOfATownshipAndSourceIsThereOnceWithItsLatestBatch) {
  Send("520502002", Source::kCadreVisit, "pc-1", 1);
  Send("520502001", Source::kCadreVisit, "pc-2", 2);
  Send("520502001", Source::kCadreVisit, "pc-1", 3);
  Send("520502001", Source::kSelfDeclaration, "pc-2", 4);
  Send("520502001", Source::kCadreVisit, "pc-1", 5);
  const std::vector<std::string> all = {
      "520502001 self_declaration pc-2 at 4 by 4", "520502001 cadre_visit pc-1 at 5 by 5",
      "520502001 cadre_visit pc-2 at 2 by 2", "520502002 cadre_visit pc-1 at 1 by 1"};
  EXPECT_EQ(Scan(""), all);
  EXPECT_EQ(Scan("5205"), all);
  EXPECT_THAT(Scan("520502002"), ElementsAre(all[3]));
  EXPECT_THAT(Scan("5203"), IsEmpty());
  EXPECT_THAT(Scan("", {Div("520502001"), Source::kCadreVisit, "pc-2"}),
              ElementsAre(all[2], all[3]));
  EXPECT_THAT(Scan("", {}, 2), ElementsAre(all[0], all[1]));
  // Folded, and after a restart.
  ASSERT_TRUE(rocks_->Compact().ok());
  rocks_.reset();
  rocks_ = OpenRocks(SmallRocks(directory_.path()));
  EXPECT_EQ(Scan(""), all);
}

TEST_F(ReportersTest, OfSeveralBatchesOfOneCommitTheLastOneStands) {
  SendTogether({Next("520502002", Source::kCadreVisit, "pc-1", 7),
                Next("520502001", Source::kCadreVisit, "pc-1", 7),
                Next("520502002", Source::kCadreVisit, "pc-1", 8)});
  EXPECT_THAT(Scan(""), ElementsAre("520502001 cadre_visit pc-1 at 7 by 2",
                                    "520502002 cadre_visit pc-1 at 8 by 3"));
}

TEST_F(ReportersTest, ABatchOfNoTownshipHasNoReporter) {
  Send("520502", Source::kCadreVisit, "pc-1", 1);
  EXPECT_THAT(Scan(""), IsEmpty());
}

}  // namespace
}  // namespace shouwang
