// The stores that the contract suite runs on, and words to write its tests with.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "storage/memory/memory_store.h"
#include "storage/rocks/rocks_store.h"
#include "tests/temporary_directory.h"

namespace shouwang {

inline RocksOptions SmallRocks(const std::string& path) {
  RocksOptions options;
  options.path = path;
  options.cache_bytes = 8 << 20;
  // Small enough that the suite's longer tests flush and compact.
  options.write_buffer_bytes = 256 << 10;
  return options;
}

inline std::unique_ptr<RocksStore> OpenRocks(const RocksOptions& options) {
  absl::StatusOr<std::unique_ptr<RocksStore>> store = RocksStore::Open(options);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

// A store to test, with what it needs to live.
class MemoryUnderTest {
 public:
  Store& store() { return store_; }
  // Closes and opens again, where the store outlives its object.
  void Reopen() {}

 private:
  MemoryStore store_;
};

class RocksUnderTest {
 public:
  Store& store() { return *store_; }
  void Reopen() {
    store_.reset();
    store_ = OpenRocks(SmallRocks(directory_.path()));
  }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<RocksStore> store_ = OpenRocks(SmallRocks(directory_.path()));
};

template <typename UnderTest>
class StoreContractTest : public testing::Test {
 protected:
  Store& store() { return under_test_.store(); }
  // The promises hold before and after closing; call it in the middle of a test.
  void Reopen() { under_test_.Reopen(); }

 private:
  UnderTest under_test_;
};

using Stores = testing::Types<MemoryUnderTest, RocksUnderTest>;
inline Date On(std::string_view text) { return *Date::Parse(text); }
inline Month In(std::string_view text) { return *Month::Parse(text); }
inline Division Div(std::string_view code) { return *Division::Parse(code); }
inline Subject Named(std::string_view text) { return *Subject::Parse(text); }
inline Instant At(int64_t ms) { return Instant(std::chrono::milliseconds(ms)); }

inline Arrival ArrivedAt(int64_t ms, uint64_t batch = 1, Source source = Source::kCadreVisit) {
  return {At(ms), At(ms + 60'000), batch, source};
}
inline Observation Observe(std::string_view subject, IndicatorId indicator, std::string_view date,
                           int64_t value, const Arrival& arrival = ArrivedAt(1'000)) {
  return {Named(subject), indicator, On(date), value, arrival};
}
inline Warning WarningOf(std::string_view subject, RuleId rule, std::string_view opened_on) {
  Warning warning;
  warning.subject = Named(subject);
  warning.rule = rule;
  warning.severity = Severity::kOrange;
  warning.kind = RiskKind::kIllness;
  warning.opened_on = On(opened_on);
  warning.policy_version = 202601;
  warning.known_at = At(77'000);
  return warning;
}
inline RollupPlace Settled(std::string_view township) {
  return {RollupView::kSettlement, Div(township), {}};
}

inline void CommitOk(Store& store, const Transaction& transaction) {
  const absl::Status status = store.Commit(transaction);
  ASSERT_TRUE(status.ok()) << status;
}

// A history as plain rows, since how arrivals are numbered is the store's affair.
using Row = std::tuple<std::string, IndicatorId, std::string, int64_t, Arrival>;
inline std::vector<Row> RowsOf(const History& history) {
  std::vector<Row> rows;
  for (const IndicatorId indicator : history.indicators()) {
    for (const Point& point : history.Of(indicator)) {
      rows.emplace_back(history.subject().ToString(), indicator, point.date.ToString(), point.value,
                        history.ArrivalOf(point));
    }
  }
  return rows;
}
inline std::vector<Row> Scanned(const Store& store, const Division& region, DateRange range = {}) {
  std::vector<Row> rows;
  const absl::Status status = store.ScanHistories(region, range, [&](const History& history) {
    for (Row& row : RowsOf(history)) rows.push_back(std::move(row));
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return rows;
}
inline std::vector<std::string> ScannedSubjects(const Store& store, std::string_view region,
                                                DateRange range = {}) {
  std::vector<std::string> subjects;
  const absl::Status status = store.ScanHistories(Div(region), range, [&](const History& history) {
    subjects.push_back(history.subject().ToString());
    return true;
  });
  EXPECT_TRUE(status.ok()) << status;
  return subjects;
}
inline std::vector<Warning> OpenWarnings(const Store& store, std::string_view region,
                                         const Subject& from = {}, RuleId rule = 0) {
  std::vector<Warning> warnings;
  const absl::Status status =
      store.ScanWarnings(Div(region), from, rule, [&](const Warning& warning) {
        warnings.push_back(warning);
        return true;
      });
  EXPECT_TRUE(status.ok()) << status;
  return warnings;
}

}  // namespace shouwang
