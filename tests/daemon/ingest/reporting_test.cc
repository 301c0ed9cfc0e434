// Completeness and timeliness against a naive model that is told only what was sent and when, never
// what the store made of it: reports in random order over the days, corrections, re-sends, moves
// between sites, restarts.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "daemon/reporting/completeness.h"
#include "storage/rocks/rocks_store.h"
#include "tests/daemon/ingest/arrivals.h"
#include "tests/daemon/ingest/census.h"
#include "tests/daemon/ingest/fixture.h"
#include "tests/temporary_directory.h"

namespace shouwang::ingest {
namespace {

constexpr int kDueDay = 20;
constexpr int kGivenUpMonths = 4;
constexpr std::string_view kReporting = R"(
reporting:
  households: {cadence_months: 1, due_day: 20, grace_days: 5, given_up_months: 4, citation: test}
)";

// What was heard of each household, by whoever sent it.
class Model {
 public:
  void Hear(const Subject& household, Date date, Date known_on) {
    Heard& heard = heard_[household];
    heard.first_known.try_emplace(date.month(), known_on);
    heard.first = std::min(heard.first, date);
    heard.last = std::max(heard.last, date);
  }

  // expected, reported, on time of a division in a month.
  std::tuple<int64_t, int64_t, int64_t> Of(const Division& division, Month month) const {
    const Date due = Date::FirstOf(month + 1) + (kDueDay - 1);
    int64_t expected = 0;
    int64_t reported = 0;
    int64_t on_time = 0;
    for (const auto& [household, heard] : heard_) {
      if (!division.Contains(household.In(DivisionLevel::kVillage))) continue;
      const bool begun = heard.first.month() <= month;
      const bool given_up = heard.last.month() < month - kGivenUpMonths;
      expected += begun && !given_up ? 1 : 0;
      const auto known = heard.first_known.find(month);
      if (known == heard.first_known.end()) continue;
      ++reported;
      on_time += known->second <= due ? 1 : 0;
    }
    return {expected, reported, on_time};
  }

  int64_t SilentBefore(const Division& division, Month month, Month given_up) const {
    return std::ranges::count_if(heard_, [&](const auto& entry) {
      const Month last = entry.second.last.month();
      return division.Contains(entry.first.In(DivisionLevel::kVillage)) && last < month &&
             last >= given_up;
    });
  }

 private:
  struct Heard {
    std::map<Month, Date> first_known;
    Date first = Date::Max();
    Date last = Date::Min();
  };
  std::map<Subject, Heard> heard_;
};

class ReportingPropertyTest : public testing::TestWithParam<uint32_t>, protected Arrivals {
 protected:
  ReportingPropertyTest() : Arrivals(GetParam()) {
    rulebook_ = MakeRulebook(1000, kReporting);
    current_.Set(rulebook_);
    // Commits of one day are a millisecond apart.
    clock_ = [this] { return Instant(EndOf(today_)) - std::chrono::hours(12); };
    options_.path = folder_.path() + "/store";
  }

  // New batches, and some that were sent before, as they were or under another request id.
  std::vector<v1::Batch> OfToday() {
    std::vector<v1::Batch> batches;
    for (int i = Pick(1, 4); i > 0 && next_ < fresh_.size(); --i) {
      batches.push_back(fresh_[next_++]);
      // Not always in the order of what is reported.
      batches.back().set_reported_at_ms(
          At((today_ - Pick(0, 9)).ToString()).time_since_epoch().count());
    }
    if (!sent_.empty() && Pick(0, 1) == 0) {
      const auto any = [&] { return sent_[static_cast<size_t>(Pick(0, 99)) % sent_.size()]; };
      batches.push_back(any());
      batches.push_back(any());
      batches.back().set_request_id("again-" + std::to_string(next_));
    }
    return batches;
  }

  void SendOverTheDays() {
    while (next_ < fresh_.size()) {
      today_ = today_ + Pick(1, 40);
      const std::vector<v1::Batch> batches = OfToday();
      const auto store = RocksStore::Open(options_);
      ASSERT_TRUE(store.ok()) << store.status();
      ASSERT_TRUE((*store)->BindCatalogue(rulebook_->reg.catalogue).ok());
      Take(batches, Pick(0, 1) == 0 ? 1 : 1 << 19, store->get());
      for (const v1::Batch& batch : batches) {
        // A repeat is answered by the first receipt, even where more of it would be taken by now.
        if (!taken_.insert(batch.request_id()).second) continue;
        const auto checked = CheckBatch(batch, *rulebook_, clock_(), IngestBounds());
        ASSERT_TRUE(checked.ok()) << checked.status();
        for (const ObservationList::Report& report : checked->observations.reports()) {
          if (report.subject.kind != SubjectKind::kHousehold) continue;
          model_.Hear(report.subject, report.date, today_);
        }
        sent_.push_back(batch);
      }
    }
  }

  void ExpectMonths(const Store& store, DivisionLevel level) {
    reporting::CompletenessQuery query;
    query.level = level;
    query.from = *Month::Parse("2024-12");
    query.to = *Month::Parse("2026-12");
    const auto rows = reporting::ReadCompleteness(store, *rulebook_, query);
    ASSERT_TRUE(rows.ok()) << rows.status();
    int64_t reported = 0;
    for (const reporting::MonthReporting& row : *rows) {
      EXPECT_EQ(std::tuple(*row.expected, row.reported, *row.on_time),
                model_.Of(row.division, row.period))
          << row.division.ToString() << " " << row.period.ToString();
      EXPECT_EQ(row.heard, row.reported);
      reported += row.reported;
    }
    int64_t all = 0;
    for (Month month = query.from; month <= query.to; month = month + 1) {
      all += std::get<1>(model_.Of(Division(), month));
    }
    EXPECT_GT(all, 0);
    EXPECT_EQ(reported, all);
  }

  void ExpectSilence(const Store& store, Date on) {
    const risk::Expectation& expected = rulebook_->policies.All()[0].reporting->households;
    const auto silent =
        reporting::CountSilent(store, Division(), DivisionLevel::kTownship, expected, on);
    ASSERT_TRUE(silent.ok()) << silent.status();
    for (const auto& [division, count] : *silent) {
      EXPECT_EQ(count.silent, model_.SilentBefore(division, expected.SilentBefore(on),
                                                  expected.GivenUpBefore(on)))
          << division.ToString() << " on " << on.ToString();
    }
  }

  TemporaryDirectory folder_;
  RocksOptions options_;
  Date today_ = Day("2025-02-01");
  Model model_;
  const std::vector<v1::Batch> fresh_ = RandomBatches(40);
  size_t next_ = 0;
  std::vector<v1::Batch> sent_;
  std::set<std::string> taken_;
};

TEST_P(ReportingPropertyTest, CompletenessTimelinessAndSilenceAreThoseOfANaiveRecount) {
  SendOverTheDays();
  const auto store = RocksStore::Open(options_);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ(CountsOf(**store), Recount(**store));
  for (const DivisionLevel level :
       {DivisionLevel::kProvince, DivisionLevel::kCounty, DivisionLevel::kTownship}) {
    ExpectMonths(**store, level);
  }
  for (const char* day : {"2026-01-20", "2026-01-26", "2026-02-26", "2026-06-01", "2027-06-01"}) {
    ExpectSilence(**store, Day(day));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReportingPropertyTest, testing::Range(1u, 9u));

}  // namespace
}  // namespace shouwang::ingest
