// Promise 3, over the real ingest: what an as-of answer says was known at an instant is what a
// model that keeps every report says, and what the daemon answered at that instant.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "daemon/ingest/shard.h"
#include "daemon/query/history_answer.h"
#include "daemon/query/warnings_answer.h"
#include "daemon/wire/convert.h"
#include "tests/daemon/ingest/fixture.h"
#include "tests/daemon/ingest/reply_to.h"
#include "tests/storage/contract/store_contract.h"

namespace shouwang::query {
namespace {

using ingest::Household;
using ingest::Row;
using ingest::SiteOf;
using testing::IsSupersetOf;
using testing::Not;
using testing::SizeIs;

using Lines = std::vector<std::string>;
using Cell = std::tuple<Subject, IndicatorId, Date>;

Instant Plus(Instant instant, int64_t ms) { return instant + std::chrono::milliseconds(ms); }

std::vector<Subject> Everybody() {
  std::vector<Subject> subjects = {SiteOf(3)};
  for (int village = 1; village <= 2; ++village) {
    for (uint32_t number = 1; number <= 3; ++number) subjects.push_back(Household(number, village));
  }
  return subjects;
}

// Every report ever taken in, in the order of the commits. Nothing is ever replaced in it.
class EveryReport {
 public:
  void Keep(const Observation& report) { reports_.push_back(report); }

  // What stood in each cell, gone through from the start up to `instant`.
  std::map<Cell, Observation> At(Instant instant) const {
    std::map<Cell, Observation> cells;
    for (const Observation& report : reports_) {
      if (report.arrival.known_at > instant) continue;
      const auto [it, fresh] =
          cells.try_emplace({report.subject, report.indicator, report.date}, report);
      if (fresh || Rank(report) <= Rank(it->second)) continue;
      const Arrival before = it->second.arrival;
      const bool confirms = it->second.value == report.value;
      it->second = report;
      if (!confirms) continue;
      it->second.arrival.known_at = before.known_at;
      it->second.arrival.batch = before.batch;
    }
    return cells;
  }

 private:
  static std::tuple<Instant, Source, int64_t> Rank(const Observation& report) {
    return {report.arrival.reported_at, report.arrival.source, report.value};
  }

  std::vector<Observation> reports_;
};

class AsOfAnswers : public testing::TestWithParam<uint32_t> {
 protected:
  struct Sent {
    v1::Batch batch;
    std::vector<Row> rows;
    Instant reported_at;
    Source source = Source::kCadreVisit;
  };
  // What the daemon said at an instant, about that instant.
  struct Moment {
    Instant at;
    Lines history;
    Lines warnings;
  };

  int Pick(int from, int to) { return std::uniform_int_distribution(from, to)(random_); }

  Row RandomRow() {
    Date date = Date::LastOf(Month::OfIndex((2025 - 1970) * 12 + Pick(0, 7)));
    if (Pick(0, 3) == 0) date = date - Pick(1, 27);
    const Subject subject = Everybody()[static_cast<size_t>(Pick(0, 6))];
    if (subject.kind == SubjectKind::kSite) return {subject, date, "school_seats", Pick(80, 120)};
    switch (Pick(0, 2)) {
      case 0:
        return {subject, date, "wage_income", int64_t{Pick(0, 4)} * 50'000};
      case 1:
        return {subject, date, "medical_cost", int64_t{Pick(0, 3)} * 200'000};
      default:
        return {subject, date, "insured", Pick(0, 1)};
    }
  }

  // Few instants, all sources and few values, so that corrections, confirmations, late and tied
  // reports of one cell are frequent.
  Sent RandomBatch(int number) {
    Sent sent{{}, {}, ingest::At("2025-12-01", Pick(0, 5)), static_cast<Source>(Pick(1, 3))};
    std::vector<Row>& rows = sent.rows;
    std::set<std::tuple<Subject, Date, std::string>> taken;
    if (number == 0) {
      for (const Subject& subject : Everybody()) {
        const bool site = subject.kind == SubjectKind::kSite;
        rows.push_back({subject, ingest::Day("2024-12-31"), site ? "school_seats" : "insured", 1});
      }
    }
    for (int r = Pick(1, 25); r > 0; --r) {
      const Row row = RandomRow();
      if (taken.insert({row.subject, row.date, row.indicator}).second) rows.push_back(row);
    }
    sent.batch = ingest::MakeBatch(fmt::format("batch-{}", number), rows, sent.reported_at,
                                   wire::ToProto(sent.source));
    if (Pick(0, 3) == 0) {
      const bool third = Pick(0, 1) == 0;
      ingest::AddResidence(&sent.batch, Household(static_cast<uint32_t>(Pick(1, 3)), Pick(1, 2)),
                           SiteOf(third ? 3 : 4), third ? "520502002" : "520502003",
                           Pick(0, 1) == 0 ? "2021-05-01" : "2023-05-01");
    }
    return sent;
  }

  // Takes in these batches, some of them bunched, with the clock at now_, and keeps their reports.
  void Take(const std::vector<Sent>& batches, Store* store) {
    ingest::IngestBounds bounds;
    bounds.bunch_values = Pick(0, 1) == 0 ? 1 : 1 << 19;
    prometheus::Registry registry;
    ingest::IngestMetrics metrics(registry, bounds, rulebook_->policies);
    std::vector<v1::Receipt> receipts(batches.size());
    {
      ingest::Shard shard(0, {*store, current_, clock_, bounds, metrics, nullptr});
      for (size_t i = 0; i < batches.size(); ++i) {
        auto pending = std::make_unique<ingest::PendingBatch>();
        pending->message = ingest::MessageOf(batches[i].batch);
        pending->rulebook = rulebook_;
        auto checked = ingest::CheckBatch(batches[i].batch, *rulebook_, now_, bounds);
        ASSERT_TRUE(checked.ok()) << checked.status();
        pending->checked = *std::move(checked);
        pending->reply = std::make_unique<ingest::ReplyTo>(
            [&receipts, i](const v1::Receipt& receipt) { receipts[i] = receipt; });
        shard.Push(std::move(pending), [] {});
      }
      shard.Stop();
    }
    for (size_t i = 0; i < batches.size(); ++i) {
      ASSERT_FALSE(receipts[i].has_error()) << receipts[i].error().message();
      ASSERT_EQ(receipts[i].rejections_size(), 0);
      const Instant known_at = Instant(std::chrono::milliseconds(receipts[i].known_at_ms()));
      if (!receipts[i].repeated()) KeepReports(batches[i], known_at, receipts[i].batch());
      arrivals_.push_back(known_at);
    }
  }

  void KeepReports(const Sent& sent, Instant known_at, uint64_t number) {
    for (const Row& row : sent.rows) {
      reports_.Keep({row.subject, rulebook_->reg.catalogue.Find(row.indicator)->id, row.date,
                     row.value, Arrival{sent.reported_at, known_at, number, sent.source}});
    }
  }

  // "subject indicator date value batch known_at", and the last report where `confirmed`.
  Lines HistoryLines(const Store& store, std::optional<Instant> as_of, bool confirmed = false) {
    v1::GetHistoryRequest request;
    for (const Subject& subject : Everybody()) request.add_subjects(subject.ToString());
    if (as_of) request.set_as_of_ms(as_of->time_since_epoch().count());
    v1::GetHistoryResponse response;
    const absl::Status status = AnswerHistory(store, *rulebook_, now_, request, &response);
    EXPECT_TRUE(status.ok()) << status;
    Lines lines;
    for (const v1::SubjectHistory& history : response.histories()) {
      EXPECT_FALSE(as_of && history.has_residence());
      for (const v1::Series& series : history.series()) {
        for (const v1::Point& p : series.points()) {
          lines.push_back(fmt::format("{} {} {} {} {} {}", history.subject(), series.indicator(),
                                      p.date(), p.value(), p.batch(), p.known_at_ms()));
          if (confirmed) lines.back() += fmt::format(" {} {}", p.source(), p.reported_at_ms());
        }
      }
    }
    std::ranges::sort(lines);
    return lines;
  }

  // "subject rule severity risk opened_on policy", page by page.
  Lines WarningLines(const Store& store, const Rulebook& rulebook, std::optional<Instant> as_of,
                     const std::string& region = "", uint32_t page_size = 1000) {
    v1::ListWarningsRequest request;
    request.mutable_filter()->set_region(region);
    request.set_page_size(page_size);
    if (as_of) request.set_as_of_ms(as_of->time_since_epoch().count());
    Lines lines;
    do {
      v1::ListWarningsResponse response;
      const absl::Status status = AnswerWarnings(
          store, rulebook, now_, request, [] { return false; }, &response);
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_LE(response.warnings_size(), static_cast<int>(page_size));
      for (const v1::Warning& w : response.warnings()) {
        lines.push_back(fmt::format("{} {} {} {} {} {}", w.subject(), w.rule(),
                                    static_cast<int>(w.severity()), w.risk_kind(), w.opened_on(),
                                    w.policy_version()));
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return lines;
  }

  Lines ModelHistory(Instant instant) {
    Lines lines;
    for (const auto& [cell, standing] : reports_.At(instant)) {
      lines.push_back(fmt::format("{} {} {} {} {} {}", standing.subject.ToString(),
                                  rulebook_->reg.catalogue.Get(standing.indicator)->name,
                                  standing.date.days(), standing.value, standing.arrival.batch,
                                  standing.arrival.known_at.time_since_epoch().count()));
    }
    std::ranges::sort(lines);
    return lines;
  }

  Lines ModelWarnings(const Rulebook& rulebook, Instant instant) {
    std::map<Subject, History> histories;
    for (const auto& [cell, standing] : reports_.At(instant)) {
      History& history =
          histories.try_emplace(standing.subject, History(standing.subject)).first->second;
      history.Put(standing.indicator, standing.date, standing.value, standing.arrival);
    }
    risk::Evaluator evaluator(rulebook.policies, rulebook.reg.catalogue);
    Lines lines;
    for (const auto& [subject, history] : histories) {
      for (const RuleState& state : evaluator.Replay(history).states) {
        if (!state.opened_on) continue;
        lines.push_back(
            fmt::format("{} {} {} {} {} {}", subject.ToString(),
                        rulebook.policies.InForce(*state.opened_on).FindRule(state.rule)->name,
                        static_cast<int>(state.severity), RiskKindName(state.kind),
                        state.opened_on->days(), state.policy_version));
      }
    }
    return lines;
  }

  // Forty batches over some weeks, a tenth of them sent again, and what the daemon said after each
  // few.
  template <typename UnderTest>
  std::vector<Moment> Live(UnderTest* store) {
    EXPECT_TRUE(store->store().BindCatalogue(rulebook_->reg.catalogue).ok());
    std::vector<Moment> moments;
    std::vector<Sent> sent;
    while (sent.size() < 40) {
      std::vector<Sent> batches;
      for (int i = Pick(1, 4); i > 0; --i) {
        batches.push_back(RandomBatch(static_cast<int>(sent.size())));
        sent.push_back(batches.back());
        if (Pick(0, 9) > 0) continue;
        batches.push_back(sent[static_cast<size_t>(Pick(0, static_cast<int>(sent.size()) - 1))]);
        // Under its own request id it is a repeat; under another one it comes in as a batch.
        if (Pick(0, 1) == 0)
          batches.back().batch.set_request_id(fmt::format("again-{}", sent.size()));
      }
      now_ += std::chrono::minutes(Pick(1, 3000));
      Take(batches, &store->store());
      const Instant at = Plus(now_, 500);
      moments.push_back({at, HistoryLines(store->store(), std::nullopt),
                         WarningLines(store->store(), *rulebook_, std::nullopt)});
      if (Pick(0, 9) == 0) store->Reopen();
    }
    now_ += std::chrono::hours(48);
    return moments;
  }

  // The answers about every moment, and about instants before, at and between the arrivals.
  void Check(const Store& store, const std::vector<Moment>& moments) {
    for (const Moment& moment : moments) {
      SCOPED_TRACE(ToString(moment.at));
      EXPECT_EQ(HistoryLines(store, moment.at), moment.history);
      EXPECT_EQ(WarningLines(store, *rulebook_, moment.at), moment.warnings);
    }
    std::vector<Instant> instants = {Plus(arrivals_.front(), -1)};
    for (int i = 0; i < 12; ++i) {
      const Instant arrival =
          arrivals_[static_cast<size_t>(Pick(0, static_cast<int>(arrivals_.size()) - 1))];
      instants.push_back(Plus(arrival, Pick(-1, 1)));
      instants.push_back(Plus(arrival, int64_t{60'000} * Pick(0, 3000)));
    }
    for (const Instant& instant : instants) {
      SCOPED_TRACE(ToString(instant));
      EXPECT_EQ(HistoryLines(store, instant), ModelHistory(instant));
      const Lines warnings = ModelWarnings(*rulebook_, instant);
      EXPECT_EQ(WarningLines(store, *rulebook_, instant), warnings);
      EXPECT_EQ(WarningLines(store, *rulebook_, instant, "", static_cast<uint32_t>(Pick(1, 4))),
                warnings);
      Lines village;
      std::ranges::copy_if(warnings, std::back_inserter(village), [](const std::string& line) {
        return line.starts_with("520502001002/");
      });
      EXPECT_EQ(WarningLines(store, *rulebook_, instant, "520502001002", 2), village);
    }
    // Now, down to the last report of each value.
    EXPECT_EQ(HistoryLines(store, now_, true), HistoryLines(store, std::nullopt, true));
    EXPECT_EQ(WarningLines(store, *rulebook_, now_), WarningLines(store, *rulebook_, std::nullopt));
  }

  // That the test could fail: the moments differ, values were corrected, warnings came and went.
  static void CheckVaried(const std::vector<Moment>& moments) {
    std::set<Lines> warnings;
    for (const Moment& moment : moments) warnings.insert(moment.warnings);
    EXPECT_GE(warnings.size(), moments.size() / 3);
    EXPECT_THAT(moments.back().history, Not(IsSupersetOf(moments.front().history)));
  }

  std::mt19937 random_{GetParam()};
  std::shared_ptr<const Rulebook> rulebook_ = ingest::MakeRulebook();
  CurrentRulebook current_{rulebook_};
  Instant now_ = ingest::At("2026-01-05", 7);
  std::function<Instant()> clock_ = [this] { return now_; };
  EveryReport reports_;
  std::vector<Instant> arrivals_;
};

TEST_P(AsOfAnswers, AreThoseOfTheDaemonThenAndOfAModelThatKeepsEverything) {
  MemoryUnderTest memory;
  const std::vector<Moment> moments = Live(&memory);
  CheckVaried(moments);
  Check(memory.store(), moments);
}

TEST_P(AsOfAnswers, SurviveClosingAndCompactingAStoreOnDisk) {
  RocksUnderTest rocks;
  const std::vector<Moment> moments = Live(&rocks);
  Check(rocks.store(), moments);
  rocks.Reopen();
  ASSERT_TRUE(static_cast<RocksStore&>(rocks.store()).Compact().ok());
  Check(rocks.store(), moments);
}

TEST_P(AsOfAnswers, AreJudgedByThePoliciesOfNow) {
  MemoryUnderTest memory;
  const std::vector<Moment> moments = Live(&memory);
  const std::shared_ptr<const Rulebook> stricter = ingest::MakeRulebook(1600);
  const Moment& middle = moments[moments.size() / 2];
  const Lines judged = WarningLines(memory.store(), *stricter, middle.at);
  EXPECT_EQ(judged, ModelWarnings(*stricter, middle.at));
  EXPECT_NE(judged, middle.warnings);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AsOfAnswers, testing::Range(1u, 7u));

}  // namespace
}  // namespace shouwang::query
