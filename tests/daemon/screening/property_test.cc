// What a tally counts against a recount by the plainest means, over reports at random: in any order
// of arrival, sent again, and cut into other batches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/daemon/screening/reports.h"

namespace shouwang::screening {
namespace {

// What is compared of one reporter.
struct Counts {
  uint64_t households = 0;
  uint64_t reports = 0;
  std::vector<std::pair<uint64_t, uint64_t>> shares;
  Digits digits{};
  std::vector<std::vector<Example>> examples;
  friend bool operator==(const Counts&, const Counts&) = default;
};

using ByReporter = std::map<Reporter, Counts>;

ByReporter CountsOf(const std::vector<ReporterTally>& tallies) {
  ByReporter result;
  for (const ReporterTally& tally : tallies) {
    Counts& counts = result[tally.reporter];
    counts.households = tally.households;
    counts.reports = tally.reports;
    counts.digits = tally.digits;
    for (const auto& pairs : tally.pairs) {
      counts.shares.emplace_back(pairs.share.hits, pairs.share.values);
      counts.examples.push_back(pairs.examples.Sorted());
    }
    for (const Share& share : {tally.reports_again, tally.round, tally.above_line, tally.visits}) {
      counts.shares.emplace_back(share.hits, share.values);
    }
    counts.examples.push_back(tally.report_examples.Sorted());
    counts.examples.push_back(tally.round_examples.Sorted());
    counts.examples.push_back(tally.income_examples.Sorted());
    counts.examples.push_back(tally.speed_examples);
  }
  return result;
}

const std::string kFirst = "2026-01";
const std::string kLast = "2026-04";
const Division kTownship = *Division::Parse("520502001");

// Three collectors say something of a few households, mostly the same every month. Of one cell no
// two say the same, and no two at one instant.
std::vector<Said> RandomReports(std::mt19937* random) {
  const auto among = [&](int from, int to) {
    return std::uniform_int_distribution<int>(from, to)(*random);
  };
  std::vector<Said> all;
  for (uint32_t number = 1; number <= 12; ++number) {
    const Subject subject = *Subject::Household(*Division::Parse("520502001001"), number);
    for (int month = -1; month < 5; ++month) {
      const Date date = Date::FirstOf(MonthOf(kFirst) + month) + among(9, 11);
      for (const IndicatorId indicator : {kWage, kPension, kMedical, kPersons}) {
        std::set<int64_t> said;
        for (int i = among(0, 3); i > 0; --i) {
          const int64_t scale = indicator == kWage ? 100 : 1;
          const int64_t value =
              indicator == kPersons ? among(1, 4) : (among(0, 3) * 500 + among(0, 1) * 17) * scale;
          if (!said.insert(value).second) continue;
          const auto source = among(0, 3) == 0 ? Source::kSelfDeclaration : Source::kCadreVisit;
          const Instant at = Instant(std::chrono::hours(24 * 20'700 + among(0, 72))) +
                             std::chrono::milliseconds(i);
          all.push_back({subject, indicator, date, value,
                         std::string(1, static_cast<char>('a' + among(0, 2))), source, at});
        }
      }
    }
  }
  return all;
}

// The plain way: every question asked anew of the list of all that was said.
class Recount {
 public:
  Recount(std::vector<Said> all, const risk::ScreeningPolicy& screening)
      : all_(std::move(all)), screening_(screening) {}

  ByReporter Count() {
    for (const Said& said : all_) {
      if (!InWindow(said.date)) continue;
      Counts& counts = result_[ReporterOf(said)];
      counts.shares.resize(6);  // three amounts, reports, round; visits come later
      seen_[ReporterOf(said)].insert({said.subject, said.date});
    }
    for (const auto& [reporter, reports] : seen_) {
      std::set<Subject> households;
      for (const auto& [subject, date] : reports) households.insert(subject);
      result_[reporter].households = households.size();
      result_[reporter].reports = reports.size();
      for (const auto& [subject, date] : reports) CountReport(reporter, subject, date);
      if (reporter.source == Source::kCadreVisit)
        result_[reporter].shares[5].second = reports.size();
    }
    return std::move(result_);
  }

 private:
  static Reporter ReporterOf(const Said& said) { return {kTownship, said.collector, said.source}; }
  static bool InWindow(Date date) {
    return MonthOf(kFirst) <= date.month() && date.month() <= MonthOf(kLast);
  }
  static bool IsLater(const Said& a, const Said& b) {
    return std::tuple(a.reported_at, a.source, a.value) >
           std::tuple(b.reported_at, b.source, b.value);
  }

  // The last word on a cell, of one reporter or of all.
  const Said* LastWord(const Reporter* reporter, const Subject& subject, IndicatorId indicator,
                       Date date) const {
    const Said* last = nullptr;
    for (const Said& said : all_) {
      if (said.subject != subject || said.indicator != indicator || said.date != date) continue;
      if (reporter != nullptr && ReporterOf(said) != *reporter) continue;
      if (last == nullptr || IsLater(said, *last)) last = &said;
    }
    return last;
  }

  void CountReport(const Reporter& reporter, const Subject& subject, Date date) {
    Counts& counts = result_[reporter];
    int positive = 0;
    bool all_same = true;
    int compared = 0;
    for (size_t amount = 0; amount < 3; ++amount) {
      const IndicatorId indicator = screening_.amounts[amount];
      const Said* now = LastWord(&reporter, subject, indicator, date);
      if (now == nullptr) continue;
      const Said* before = nullptr;
      for (int day = 1; day < 32; ++day) {  // each month has one date
        const Date earlier = Date::FirstOf(date.month() - 1) + (day - 1);
        if (earlier.month() == date.month()) break;
        const Said* own = LastWord(&reporter, subject, indicator, earlier);
        const Said* any = LastWord(nullptr, subject, indicator, earlier);
        if (own != nullptr || any != nullptr) before = own != nullptr ? own : any;
      }
      const bool same = before != nullptr && before->value == now->value;
      if (before != nullptr) {
        ++compared;
        positive += now->value > 0 ? 1 : 0;
        all_same = all_same && same;
        if (now->value > 0 && before->value > 0) {
          ++counts.shares[amount].second;
          counts.shares[amount].first += same ? 1 : 0;
        }
      }
      if (!same) CountAnew(*now, &counts);
    }
    if (compared > 0 && positive >= screening_.report_values) {
      ++counts.shares[3].second;
      counts.shares[3].first += all_same ? 1 : 0;
    }
  }

  static void CountAnew(const Said& said, Counts* counts) {
    const int64_t fen = said.indicator == kWage ? said.value : said.value * 100;
    const int64_t yuan = fen / 100;
    if (yuan >= 10 && yuan % 10 > 0) ++counts->digits[static_cast<size_t>(yuan % 10) - 1];
    if (yuan < 100) return;
    ++counts->shares[4].second;
    const int64_t multiple = yuan >= 1000 ? 500 : 100;
    counts->shares[4].first += fen % (multiple * 100) == 0 ? 1 : 0;
  }

  const std::vector<Said> all_;
  const risk::ScreeningPolicy& screening_;
  ByReporter result_;
  std::map<Reporter, std::set<std::pair<Subject, Date>>> seen_;
};

class TallyPropertyTest : public testing::TestWithParam<unsigned> {
 protected:
  ByReporter TallyOf(const std::vector<Said>& reports) {
    Shelf shelf;
    for (const Said& said : reports) shelf.Take(said);
    return CountsOf(shelf.Tally(policy_, catalogue_, kTownship, {MonthOf(kFirst), MonthOf(kLast)}));
  }

  const Catalogue catalogue_ = SmallCatalogue();
  const risk::Policy policy_ = SmallPolicy(catalogue_);
};

TEST_P(TallyPropertyTest, CountsWhatAPlainRecountCounts) {
  std::mt19937 random(GetParam());
  const std::vector<Said> reports = RandomReports(&random);
  ByReporter tallied = TallyOf(reports);
  ByReporter expected = Recount(reports, *policy_.screening).Count();
  ASSERT_EQ(tallied.size(), expected.size());
  for (auto& [reporter, counts] : tallied) {
    const Counts& other = expected.at(reporter);
    SCOPED_TRACE(reporter.collector);
    EXPECT_EQ(counts.households, other.households);
    EXPECT_EQ(counts.reports, other.reports);
    EXPECT_EQ(counts.digits, other.digits);
    for (size_t i = 0; i < 5; ++i) EXPECT_EQ(counts.shares[i], other.shares[i]) << i;
    EXPECT_EQ(counts.shares[6].second, other.shares[5].second) << "visits";
  }
}

TEST_P(TallyPropertyTest, OrderOfArrivalAndSendingAgainChangeNothing) {
  std::mt19937 random(GetParam());
  std::vector<Said> reports = RandomReports(&random);
  const ByReporter first = TallyOf(reports);
  std::ranges::shuffle(reports, random);
  EXPECT_EQ(TallyOf(reports), first);
  const std::vector<Said> once = reports;
  reports.insert(reports.end(), once.begin(),
                 once.begin() + static_cast<std::ptrdiff_t>(once.size() / 2));
  std::ranges::shuffle(reports, random);
  EXPECT_EQ(TallyOf(reports), first);
}

TEST_P(TallyPropertyTest, HowBatchesAreCutChangesNothing) {
  std::mt19937 random(GetParam());
  const std::vector<Said> reports = RandomReports(&random);
  Shelf shelf;
  for (const Said& said : reports) shelf.Take(said);
  const MonthRange months{MonthOf(kFirst), MonthOf(kLast)};
  const ByReporter whole = CountsOf(shelf.Tally(policy_, catalogue_, kTownship, months));
  // A batch for every value.
  Shelf cut;
  cut.CutBatches();
  for (const Said& said : reports) cut.Take(said);
  EXPECT_EQ(CountsOf(cut.Tally(policy_, catalogue_, kTownship, months)), whole);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TallyPropertyTest, testing::Range(1u, 21u));

}  // namespace
}  // namespace shouwang::screening
