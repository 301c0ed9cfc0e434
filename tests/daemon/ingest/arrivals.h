// Random batches for a shard: reports of few households, instants and values, so that they meet in
// every way, sent over several lives of it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "daemon/ingest/shard.h"
#include "tests/daemon/ingest/fixture.h"
#include "tests/daemon/ingest/reply_to.h"

namespace shouwang::ingest {

class Arrivals {
 protected:
  explicit Arrivals(uint32_t seed) : random_(seed) {}

  int Pick(int from, int to) { return std::uniform_int_distribution(from, to)(random_); }

  Row RandomRow() {
    static const std::vector<std::string> kIndicators = {"wage_income", "medical_cost", "insured",
                                                         "household_size"};
    Date date = Date::LastOf(Month::OfIndex((2025 - 1970) * 12 + Pick(0, 13)));
    if (Pick(0, 3) == 0) date = date - Pick(1, 27);
    if (Pick(0, 9) == 0) return {SiteOf(3), date, "school_seats", Pick(80, 120)};
    const Subject household = Household(static_cast<uint32_t>(Pick(1, 3)), Pick(1, 2));
    const std::string& indicator = kIndicators[static_cast<size_t>(Pick(0, 3))];
    const int64_t value = indicator == "wage_income"    ? Pick(0, 4) * 50000
                          : indicator == "medical_cost" ? Pick(0, 3) * 200000
                          : indicator == "insured"      ? Pick(0, 1)
                                                        : Pick(1, 4);
    return {household, date, indicator, value};
  }

  // Few instants and all sources, so that reports of one cell meet in every way.
  std::vector<v1::Batch> RandomBatches(int count) {
    std::vector<v1::Batch> batches;
    for (int i = 0; i < count; ++i) {
      std::vector<Row> rows;
      for (int r = Pick(1, 25); r > 0; --r) rows.push_back(RandomRow());
      v1::Batch batch = MakeBatch("batch-" + std::to_string(i), rows, At("2026-03-01", Pick(0, 5)),
                                  static_cast<v1::Source>(Pick(1, 3)));
      if (Pick(0, 2) == 0) {
        const bool third = Pick(0, 1) == 0;
        AddResidence(&batch, Household(static_cast<uint32_t>(Pick(1, 3)), Pick(1, 2)),
                     SiteOf(third ? 3 : 4), third ? "520502002" : "520502003",
                     Pick(0, 1) == 0 ? "2021-05-01" : "2023-05-01");
      }
      batches.push_back(batch);
    }
    return batches;
  }

  // Sends the batches in this order, over several lives of the shard.
  void Take(const std::vector<v1::Batch>& batches, int bunch_values, Store* store) {
    size_t next = 0;
    while (next < batches.size()) {
      IngestBounds bounds;
      bounds.bunch_values = bunch_values;
      prometheus::Registry registry;
      IngestMetrics metrics(registry, bounds, rulebook_->policies);
      Shard shard(0, {*store, current_, clock_, bounds, metrics, nullptr});
      const size_t end = std::min(batches.size(), next + static_cast<size_t>(Pick(1, 20)));
      for (; next < end; ++next) Push(batches[next], bounds, &shard);
      shard.Stop();
    }
  }

  void Push(const v1::Batch& batch, const IngestBounds& bounds, Shard* shard) {
    auto pending = std::make_unique<PendingBatch>();
    pending->message = MessageOf(batch);
    pending->rulebook = rulebook_;
    absl::StatusOr<CheckedBatch> checked = CheckBatch(batch, *rulebook_, clock_(), bounds);
    ASSERT_TRUE(checked.ok()) << checked.status();
    pending->checked = *std::move(checked);
    pending->reply = std::make_unique<ReplyTo>([](const v1::Receipt& receipt) {
      EXPECT_FALSE(receipt.has_error()) << receipt.error().message();
    });
    shard->Push(std::move(pending), [] {});
  }

  std::mt19937 random_;
  std::shared_ptr<const Rulebook> rulebook_ = MakeRulebook();
  CurrentRulebook current_{rulebook_};
  std::function<Instant()> clock_ = [] { return At("2026-06-15"); };
};

}  // namespace shouwang::ingest
