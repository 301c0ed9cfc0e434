// The audit trail tells exactly what became of values and warnings: random batches over several
// lives of a shard, against a model that a child could check, on both stores.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <tuple>

#include "daemon/ingest/reevaluate.h"
#include "storage/audit/audit_query.h"
#include "storage/audit/verification.h"
#include "storage/memory/memory_store.h"
#include "storage/rocks/rocks_audit_log.h"
#include "storage/rocks/rocks_store.h"
#include "tests/daemon/ingest/arrivals.h"
#include "tests/daemon/ingest/fixture.h"
#include "tests/temporary_directory.h"

namespace shouwang::ingest {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;

using Cell = std::tuple<Subject, std::string, Date>;

// Which report of a cell stands, and what that did to the one before: batch by batch.
class Model {
 public:
  // "SUBJECT INDICATOR DATE VALUE stood|outdated STANDING" of each value that does not stand.
  std::vector<std::string> corrections;

  void Take(const v1::Batch& batch, const std::vector<Row>& rows) {
    struct Lost {
      Row row;
      int64_t value;
      bool stood;
    };
    std::vector<Lost> lost;
    for (const Row& row : rows) {
      const Arrival arrival{Instant(std::chrono::milliseconds(batch.reported_at_ms())),
                            {},
                            0,
                            static_cast<Source>(batch.source())};
      const auto [it, is_new] = cells_.try_emplace(CellOf(row), Standing{row.value, arrival});
      if (is_new) continue;
      Standing& standing = it->second;
      if (!Supersedes(arrival, row.value, standing.arrival, standing.value)) {
        if (standing.value != row.value) lost.push_back({row, row.value, false});
        continue;
      }
      if (standing.value != row.value) lost.push_back({row, standing.value, true});
      standing = {row.value, arrival};
    }
    for (const Lost& each : lost) {
      corrections.push_back(
          TextOf(each.row.subject, each.row.indicator, each.row.date, each.value, each.stood,
                 each.stood ? std::optional(cells_.at(CellOf(each.row)).value) : std::nullopt));
    }
  }

  static std::string TextOf(const Subject& subject, const std::string& indicator, Date date,
                            int64_t value, bool stood, std::optional<int64_t> standing) {
    return subject.ToString() + " " + indicator + " " + date.ToString() + " " +
           std::to_string(value) + (stood ? " stood " : " outdated ") +
           (standing ? std::to_string(*standing) : "-");
  }

 private:
  struct Standing {
    int64_t value;
    Arrival arrival;
  };
  static Cell CellOf(const Row& row) { return {row.subject, row.indicator, row.date}; }
  std::map<Cell, Standing> cells_;
};

std::vector<AuditEntry> EntriesOf(const AuditLog& log) {
  std::vector<AuditEntry> entries;
  const absl::Status status = ReadAudit(log, {}, {}, [&](const AuditEntry& entry, bool) {
    entries.push_back(entry);
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return entries;
}

std::vector<std::string> CorrectionsOf(std::span<const AuditEntry> entries,
                                       const Catalogue& catalogue) {
  std::vector<std::string> texts;
  for (const AuditEntry& entry : entries) {
    for (const AuditCorrection& c : entry.record.corrections) {
      texts.push_back(Model::TextOf(c.subject, catalogue.Get(c.indicator)->name, c.date, c.value,
                                    c.stood, c.standing));
    }
  }
  std::ranges::sort(texts);
  return texts;
}

// The warnings that are open once all that the trail tells has happened, in its order. An entry
// that could not have happened then is a failure.
std::set<std::string> OpenAfter(std::span<const AuditEntry> entries) {
  using Kind = AuditTransition::Kind;
  std::map<std::pair<Subject, RuleId>, std::string> open;
  for (const AuditEntry& entry : entries) {
    for (const AuditTransition& t : entry.record.transitions) {
      const auto key = std::pair(t.subject, t.rule);
      EXPECT_EQ(open.contains(key), t.kind != Kind::kOpened)
          << t.subject.ToString() << " rule " << t.rule << " is " << TransitionName(t.kind)
          << " in entry " << entry.sequence;
      if (t.kind == Kind::kCleared) {
        open.erase(key);
      } else {
        open[key] = t.opened_on.ToString() + " " + std::string(SeverityName(t.severity)) + " " +
                    std::to_string(t.policy_version);
      }
    }
  }
  std::set<std::string> texts;
  for (const auto& [key, text] : open) {
    texts.insert(key.first.ToString() + " " + std::to_string(key.second) + " " + text);
  }
  return texts;
}

std::set<std::string> OpenIn(const Store& store) {
  std::set<std::string> texts;
  const absl::Status status = store.ScanWarnings(Division(), {}, 0, [&](const Warning& warning) {
    texts.insert(warning.subject.ToString() + " " + std::to_string(warning.rule) + " " +
                 warning.opened_on.ToString() + " " + std::string(SeverityName(warning.severity)) +
                 " " + std::to_string(warning.policy_version));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return texts;
}

void ExpectSound(const AuditLog& log) {
  const auto verified = VerifyAudit(log, {}, [](uint64_t) { return true; });
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_TRUE(verified->sound());
}

class AuditTest : public testing::TestWithParam<uint32_t>, protected Arrivals {
 protected:
  // A clock that moves on, as the daemon's instants do: nothing is known at the same one as before.
  AuditTest() : Arrivals(GetParam()) {
    clock_ = [this] { return At("2026-06-15", ticks_++); };
  }

  // Random batches in which no cell comes twice, taken in one by one over several lives.
  void TakeRandom(int count, Store* store, Model* model) {
    std::vector<v1::Batch> batches;
    for (int i = 0; i < count; ++i) {
      std::vector<Row> rows;
      std::set<Cell> taken;
      for (int r = Pick(1, 25); r > 0; --r) {
        const Row row = RandomRow();
        if (taken.insert({row.subject, row.indicator, row.date}).second) rows.push_back(row);
      }
      v1::Batch batch =
          MakeBatch("batch-" + std::to_string(next_id_++), rows, At("2026-03-01", Pick(0, 5)),
                    static_cast<v1::Source>(Pick(1, 3)));
      model->Take(batch, rows);
      batches.push_back(batch);
    }
    Take(batches, 1, store);
  }

  // As after a reload with another monitoring line.
  void Reevaluate(int line, Store* store) {
    rulebook_ = MakeRulebook(line);
    current_.Set(rulebook_);
    IngestBounds bounds;
    prometheus::Registry registry;
    IngestMetrics metrics(registry, bounds, rulebook_->policies);
    const Shard::Surroundings surroundings{*store, current_, clock_, bounds, metrics, nullptr};
    risk::Evaluator evaluator(rulebook_->policies, rulebook_->reg.catalogue);
    const auto done = ReevaluateTownship(*Division::Parse(kTownship), surroundings, *rulebook_,
                                         evaluator, clock_(), {});
    ASSERT_TRUE(done.ok()) << done.status();
  }

  int next_id_ = 0;
  std::atomic<int> ticks_ = 0;  // asked by the shard's thread, too
};

TEST_P(AuditTest, TellsEveryCorrectionAndEveryTransition) {
  MemoryStore store;
  Model model;
  TakeRandom(40, &store, &model);
  const std::vector<AuditEntry> entries = EntriesOf(store.audit());
  std::ranges::sort(model.corrections);
  EXPECT_THAT(model.corrections, Not(IsEmpty()));
  EXPECT_THAT(CorrectionsOf(entries, rulebook_->reg.catalogue),
              ElementsAreArray(model.corrections));
  EXPECT_THAT(OpenIn(store), Not(IsEmpty()));
  EXPECT_EQ(OpenAfter(entries), OpenIn(store));
  ExpectSound(store.audit());
}

TEST_P(AuditTest, APolicyChangeIsToldWarningByWarning) {
  MemoryStore store;
  Model model;
  TakeRandom(20, &store, &model);
  Reevaluate(1'500, &store);
  const std::vector<AuditEntry> entries = EntriesOf(store.audit());
  EXPECT_EQ(entries.back().record.kind, AuditKind::kJudgement);
  EXPECT_THAT(entries.back().record.batches, IsEmpty());
  EXPECT_EQ(OpenAfter(entries), OpenIn(store));
}

TEST_P(AuditTest, OnDiskAcrossRestartsTheSameIsTold) {
  const TemporaryDirectory folder;
  RocksOptions options;
  options.path = folder.path() + "/store";
  Model model;
  for (int life = 0; life < 3; ++life) {
    const auto store = RocksStore::Open(options);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->BindCatalogue(rulebook_->reg.catalogue).ok());
    TakeRandom(12, store->get(), &model);
    if (life == 1) Reevaluate(1'500, store->get());
  }
  const auto store = RocksStore::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  const RocksAuditLog log(store->get());
  const std::vector<AuditEntry> entries = EntriesOf(log);
  std::ranges::sort(model.corrections);
  EXPECT_THAT(CorrectionsOf(entries, rulebook_->reg.catalogue),
              ElementsAreArray(model.corrections));
  EXPECT_EQ(OpenAfter(entries), OpenIn(**store));
  ExpectSound(log);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AuditTest, testing::Range(1u, 7u));

}  // namespace
}  // namespace shouwang::ingest
