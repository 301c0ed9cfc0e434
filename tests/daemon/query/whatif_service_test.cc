#include "daemon/query/whatif_service.h"

#include <fmt/format.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <shouwang/v1/whatif.grpc.pb.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "daemon/query/whatif_run.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// entering, leaving, staying, visits, households entering, households leaving
using Counts = std::vector<uint64_t>;

Counts Of(const v1::WhatIfCounts& counts) {
  return {counts.entering(),
          counts.leaving(),
          counts.staying(),
          counts.visits(),
          counts.households_entering(),
          counts.households_leaving()};
}

// The county's policy with some of its words replaced.
std::string Changed(const std::vector<std::pair<std::string, std::string>>& words) {
  std::string text(county::kPolicy);
  for (const auto& [from, to] : words) text.replace(text.find(from), from.size(), to);
  return text;
}

// Lower line for wages, lower limit of medical cost, more seats wanted.
std::string NewPolicy() {
  return Changed({{"value: 600", "value: 400"},
                  {"medical > 1000", "medical > 500"},
                  {"seats < 100", "seats < 150"}});
}

std::vector<std::string> DescriptionsOf(const grpc::Status& status) {
  std::vector<std::string> descriptions;
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::BadRequest bad;
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) {
      descriptions.push_back(violation.description());
    }
  }
  return descriptions;
}

class WhatIfTest : public QueryServer {
 protected:
  // One more subject of its township, with one value.
  void Report(std::string_view subject, IndicatorId indicator, std::string_view date,
              int64_t value) {
    county_.Observe(subject, indicator, date, value);
    const Subject reported = county::Of(subject);
    Tally tally;
    tally.place = {RollupView::kSettlement, reported.In(DivisionLevel::kTownship), {}};
    (reported.kind == SubjectKind::kSite ? tally.sites : tally.households) = 1;
    tally.latest_observed_on = Day(date);
    county_.Tell(tally);
  }

  // Two townships of county 520502, one of 520302, and the site.
  void FillCounty() {
    Report("520502001001/1", kWage, "2026-10-31", 500'00);    // leaves
    Report("520502001001/2", kWage, "2026-10-31", 300'00);    // stays
    Report("520502002001/1", kMedical, "2026-10-31", 700);    // enters
    Report("520502002001/2", kMedical, "2026-10-31", 1'700);  // stays
    Report("520302001001/1", kWage, "2026-10-31", 900'00);    // nothing
    Report("520302001001/2", kMedical, "2026-10-31", 800);    // enters
    Report("520502001/S3", kSeats, "2026-10-31", 120);        // enters
    county_.Settle("520502002001/1", "520502001/S3", "520302001");
    county_.Settle("520502002001/2", "520502001/S3", "520302001");
  }

  grpc::Status Ask(const v1::WhatIfRequest& request, v1::WhatIfResponse* all) {
    const auto stub = v1::WhatIfService::NewStub(channel_);
    grpc::ClientContext context;
    const auto reader = stub->WhatIf(&context, request);
    v1::WhatIfResponse response;
    messages_ = 0;
    while (reader->Read(&response)) {
      if (!response.has_progress()) ++messages_;
      all->MergeFrom(response);
    }
    return reader->Finish();
  }

  static v1::WhatIfRequest About(const std::string& policy, const std::string& region = "") {
    v1::WhatIfRequest request;
    request.set_policy(policy);
    request.set_region(region);
    return request;
  }
  static std::map<std::string, Counts> PlacesOf(const v1::WhatIfResponse& all) {
    std::map<std::string, Counts> places;
    for (const v1::WhatIfPlace& place : all.places()) {
      places[place.place()] = Of(place.counts());
    }
    return places;
  }

  int messages_ = 0;  // of the last answer, without progress
};

TEST_F(WhatIfTest, CountsWhoEntersAndLeavesByPlaceKindAndRule) {
  FillCounty();
  Up();
  v1::WhatIfResponse all;
  const grpc::Status status = Ask(About(NewPolicy(), "52"), &all);
  ASSERT_TRUE(status.ok()) << status.error_message();
  const std::map<std::string, Counts> expected = {
      {"52", {3, 1, 2, 2, 2, 1}},          {"5203", {1, 0, 0, 1, 1, 0}},
      {"520302", {1, 0, 0, 1, 1, 0}},      {"520302001", {1, 0, 0, 1, 1, 0}},
      {"5205", {2, 1, 2, 1, 1, 1}},        {"520502", {2, 1, 2, 1, 1, 1}},
      {"520502001", {1, 1, 1, 0, 0, 1}},   {"520502002", {1, 0, 1, 1, 1, 0}},
      {"520502001/S3", {2, 0, 0, 1, 0, 0}}};
  EXPECT_EQ(PlacesOf(all), expected);
  EXPECT_EQ(all.places(0).place(), "52");
  EXPECT_EQ(all.places(0).name(), "贵州省");
  std::map<std::string, Counts> kinds;
  for (const v1::WhatIfKind& kind : all.places(0).kinds()) {
    kinds[kind.risk_kind()] = Of(kind.counts());
  }
  EXPECT_EQ(kinds, (std::map<std::string, Counts>{{"income", {0, 1, 1, 0, 0, 1}},
                                                  {"illness", {2, 0, 1, 2, 2, 0}},
                                                  {"services", {1, 0, 0, 0, 0, 0}}}));
  std::map<std::string, Counts> rules;
  for (const v1::WhatIfRule& rule : all.rules()) rules[rule.rule()] = Of(rule.counts());
  EXPECT_EQ(rules, (std::map<std::string, Counts>{{"wage_low", {0, 1, 1, 0, 0, 1}},
                                                  {"medical_high", {2, 0, 1, 2, 2, 0}},
                                                  {"seats_short", {1, 0, 0, 0, 0, 0}}}));
  EXPECT_EQ(Of(all.summary().counts()), (Counts{3, 1, 2, 2, 2, 1}));
  EXPECT_EQ(all.summary().households(), 6u);
  EXPECT_EQ(all.summary().sites(), 1u);
  EXPECT_EQ(all.summary().not_reached(), 0u);
  EXPECT_EQ(all.summary().subjects_changed(), 4u);
  EXPECT_THAT(all.summary().replaced_versions(), ElementsAre(202601));
  EXPECT_EQ(all.summary().policy_version(), 202601u);
  EXPECT_EQ(all.subjects_size(), 0) << "households are listed only where asked for";
}

TEST_F(WhatIfTest, AVillageIsItsOwnRegion) {
  FillCounty();
  Up();
  v1::WhatIfResponse all;
  ASSERT_TRUE(Ask(About(NewPolicy(), "520502002001"), &all).ok());
  EXPECT_EQ(PlacesOf(all).at("520502002001"), (Counts{1, 0, 1, 1, 1, 0}));
  EXPECT_EQ(all.summary().households(), 2u);
}

TEST_F(WhatIfTest, ListsTheFirstSubjectsThatChange) {
  FillCounty();
  Up();
  v1::WhatIfRequest request = About(NewPolicy());
  request.set_list_limit(2);
  v1::WhatIfResponse all;
  ASSERT_TRUE(Ask(request, &all).ok());
  ASSERT_EQ(all.subjects_size(), 2);
  EXPECT_EQ(all.subjects(0).subject(), "520302001001/2");
  EXPECT_THAT(all.subjects(0).entering(), ElementsAre("medical_high"));
  EXPECT_EQ(all.subjects(1).subject(), "520502001/S3");
  EXPECT_EQ(all.summary().subjects_changed(), 4u);
}

TEST_F(WhatIfTest, ARuleMoreAndARuleLessAreToldAsSuch) {
  FillCounty();
  Up();
  const std::string policy =
      Changed({{"id: 102, name: medical_high", "id: 103, name: medical_heavy"}});
  v1::WhatIfResponse all;
  ASSERT_TRUE(Ask(About(policy, "520502002"), &all).ok());
  ASSERT_EQ(all.rules_size(), 2);
  EXPECT_EQ(all.rules(0).rule(), "medical_high");
  EXPECT_TRUE(all.rules(0).only_loaded());
  EXPECT_EQ(Of(all.rules(0).counts()), (Counts{0, 1, 0, 0, 0, 1}));
  EXPECT_EQ(all.rules(1).rule(), "medical_heavy");
  EXPECT_TRUE(all.rules(1).only_new());
  EXPECT_EQ(Of(all.summary().counts()), (Counts{1, 1, 0, 1, 0, 0}))
      << "the household had a warning and has one";
}

TEST_F(WhatIfTest, APolicyOfALaterDayStandsBesideTheOthersAndReachesNobodyYet) {
  FillCounty();
  Up();
  std::string policy = NewPolicy();
  policy.replace(policy.find("202601"), 6, "202701");
  policy.replace(policy.find("2026-01-01"), 10, "2026-11-01");
  v1::WhatIfResponse all;
  ASSERT_TRUE(Ask(About(policy), &all).ok());
  EXPECT_THAT(all.summary().replaced_versions(), IsEmpty());
  EXPECT_EQ(all.summary().not_reached(), 7u);
  EXPECT_EQ(Of(all.summary().counts()), (Counts{0, 0, 3, 0, 0, 0}));
}

TEST_F(WhatIfTest, JudgesAtTheLastReportUpToADay) {
  Report("520502001001/1", kWage, "2026-09-30", 300'00);
  Report("520502001001/1", kWage, "2026-10-31", 500'00);
  Up();
  v1::WhatIfRequest request = About(NewPolicy());
  v1::WhatIfResponse now;
  ASSERT_TRUE(Ask(request, &now).ok());
  EXPECT_EQ(Of(now.summary().counts()), (Counts{0, 1, 0, 0, 0, 1}));
  request.set_through(Day("2026-10-30").days());
  v1::WhatIfResponse then;
  ASSERT_TRUE(Ask(request, &then).ok());
  EXPECT_EQ(Of(then.summary().counts()), (Counts{0, 0, 1, 0, 0, 0}));
}

TEST_F(WhatIfTest, JudgesByWhatWasKnownAtAnInstant) {
  FillCounty();
  // Of FillCounty's values all are known from 2 s on; before it was known to be 300.
  county_.Supersede("520502001001/1", kWage, "2026-10-31", 300'00, 1'000, 2'000);
  Up();
  v1::WhatIfRequest request = About(NewPolicy());
  request.set_as_of_ms(1'500);
  v1::WhatIfResponse all;
  ASSERT_TRUE(Ask(request, &all).ok());
  EXPECT_EQ(Of(all.summary().counts()), (Counts{0, 0, 1, 0, 0, 0}));
  EXPECT_EQ(all.summary().households(), 1u);
  request.set_as_of_ms(kNowMs);
  v1::WhatIfResponse now;
  ASSERT_TRUE(Ask(request, &now).ok());
  EXPECT_EQ(Of(now.summary().counts()), (Counts{3, 1, 2, 2, 2, 1}));
  EXPECT_EQ(PlacesOf(now).count("520502001/S3"), 0u) << "residences are known as of now only";
}

TEST_F(WhatIfTest, EveryFaultOfThePolicyIsToldWithFileAndLine) {
  Up();
  std::string policy = Changed({{"when: wage < line", "when: wages < line"},
                                {"of: [medical_cost]", "of: [medical_costs]"},
                                {"name: seats, kind: last, of: [school_seats], window_months: 12",
                                 "name: seats, kind: last, of: [school_seats], window_months: 61"},
                                {"when: seats < 100", "when: seats"}});
  v1::WhatIfRequest request = About(policy, "99");
  request.set_policy_name("new.yaml");
  request.set_list_limit(1'001);
  v1::WhatIfResponse all;
  const grpc::Status status = Ask(request, &all);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(status), AllOf(Contains("region"), Contains("list_limit"),
                                      Contains("policy").Times(testing::Ge(4))));
  EXPECT_THAT(DescriptionsOf(status),
              AllOf(Contains(AllOf(HasSubstr("new.yaml:11: "), HasSubstr("medical_costs"))),
                    Contains(AllOf(HasSubstr("new.yaml:13: "), HasSubstr("1 to 60"))),
                    Contains(AllOf(HasSubstr("new.yaml:17: "), HasSubstr("wages"))),
                    Contains(AllOf(HasSubstr("new.yaml:23: "), HasSubstr("rule 'seats_short'")))));
}

TEST_F(WhatIfTest, RefusesWhatIsNoPolicy) {
  Up();
  const std::string cycle = Changed({{"  - {name: medical,",
                                      "  - {name: a, kind: formula, formula: b + 1, title_zh: 甲, "
                                      "title_en: A}\n  - {name: b, kind: formula, formula: a + 1, "
                                      "title_zh: 乙, title_en: B}\n  - {name: medical,"}});
  const std::string renamed = Changed({{"name: wage_low", "name: wage_small"}});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "is empty"},
      {"[1, 2]", "version"},
      {"version: {", "policy:"},
      {std::string(20'000, '['), "policy:"},
      {std::string(kMaxPolicyBytes + 1, '#'), "1048577 bytes; 1048576 at most"},
      {cycle, "above it"},
      {renamed, "rule id 101 is 'wage_small' here and 'wage_low' in policy 202601"}};
  for (const auto& [policy, words] : cases) {
    v1::WhatIfResponse all;
    const grpc::Status status = Ask(About(policy), &all);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << words;
    EXPECT_THAT(DescriptionsOf(status), Contains(HasSubstr(words)));
  }
  v1::WhatIfRequest request = About(NewPolicy());
  request.set_policy_name(std::string(1'001, 'x'));
  request.set_as_of_ms(kNowMs + 86'400'000);
  v1::WhatIfResponse all;
  EXPECT_THAT(FieldsOf(Ask(request, &all)), ElementsAre("as_of_ms", "policy_name"));
}

TEST_F(WhatIfTest, ALongAnswerComesInSeveralMessages) {
  for (int number = 1; number <= 1'000; ++number) {
    Report(fmt::format("520502001001/{}", number), kMedical, "2026-10-31", 800);
  }
  Up();
  v1::WhatIfRequest request = About(NewPolicy());
  request.set_list_limit(1'000);
  v1::WhatIfResponse all;
  ASSERT_TRUE(Ask(request, &all).ok());
  EXPECT_EQ(all.subjects_size(), 1'000);
  EXPECT_EQ(all.summary().counts().visits(), 1'000u);
  EXPECT_EQ(messages_, 2);
}

// A region without an end: only who stops asking gets out of it.
class EndlessSnapshot final : public Snapshot {
 public:
  explicit EndlessSnapshot(absl::Notification* begun) : begun_(begun) {}
  absl::Status ScanNeighbours(const Division&, Date, std::span<const Reach>,
                              absl::FunctionRef<bool(const Neighbours&)> visit) const override {
    begun_->Notify();
    const auto nothing = [](size_t, std::span<const IndicatorId>, History*) {
      return absl::OkStatus();
    };
    const auto no_window = [](std::span<const IndicatorId>) -> absl::StatusOr<const GroupWindow*> {
      return nullptr;
    };
    while (visit({.read_whole = nothing, .read_window = no_window})) {
    }
    return absl::OkStatus();
  }
  absl::Status ScanWithSuperseded(
      const Division&, const Subject&,
      absl::FunctionRef<bool(const History&, std::span<const SupersededValue>)>) const override {
    return absl::OkStatus();
  }

 private:
  absl::Notification* const begun_;
};

// Whose first snapshot waits for the test, or has no end.
class GatedStore final : public MemoryStore {
 public:
  std::unique_ptr<Snapshot> TakeSnapshot() const override {
    if (taken_++ > 0) return MemoryStore::TakeSnapshot();
    if (endless) return std::make_unique<EndlessSnapshot>(&begun_);
    begun_.Notify();
    gate_.WaitForNotification();
    return MemoryStore::TakeSnapshot();
  }
  void WaitUntilBegun() { begun_.WaitForNotification(); }
  void Open() { gate_.Notify(); }

  bool endless = false;

 private:
  mutable std::atomic<int> taken_ = 0;
  mutable absl::Notification begun_;
  mutable absl::Notification gate_;
};

class GatedWhatIfTest : public WhatIfTest {
 protected:
  GatedWhatIfTest() {
    query_ = std::make_unique<Query>(QueryParts{.store = &gated_,
                                                .rulebook = &rulebook_,
                                                .feed = &feed_,
                                                .registry = &registry_,
                                                .now = [] { return county::At(kNowMs); },
                                                .state = [this] { return state_; }});
    Serve();
  }
  ~GatedWhatIfTest() override { Down(); }

  // Calls that ended so.
  double Ended(const std::string& code) {
    for (const auto& family : registry_.Collect()) {
      if (family.name != "shouwang_rpc_requests_total") continue;
      for (const auto& metric : family.metric) {
        std::map<std::string, std::string> labels;
        for (const auto& label : metric.label) labels[label.name] = label.value;
        if (labels["method"] == "WhatIfService/WhatIf" && labels["code"] == code) {
          return metric.counter.value;
        }
      }
    }
    return 0;
  }

  GatedStore gated_;
};

TEST_F(GatedWhatIfTest, ACallerWhoLeavesEndsIt) {
  gated_.endless = true;
  const auto stub = v1::WhatIfService::NewStub(channel_);
  grpc::ClientContext context;
  const auto reader = stub->WhatIf(&context, About(NewPolicy(), "520502001001"));
  gated_.WaitUntilBegun();
  context.TryCancel();
  v1::WhatIfResponse response;
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  // They run one after the other, so the first has ended when the second is answered.
  v1::WhatIfResponse all;
  ASSERT_TRUE(Ask(About(NewPolicy()), &all).ok());
  EXPECT_EQ(Ended("CANCELLED"), 1);
}

TEST_F(GatedWhatIfTest, StoppingTheDaemonEndsIt) {
  gated_.endless = true;
  const auto stub = v1::WhatIfService::NewStub(channel_);
  grpc::ClientContext context;
  const auto reader = stub->WhatIf(&context, About(NewPolicy(), "520502001001"));
  gated_.WaitUntilBegun();
  query_->EndLongCalls();
  v1::WhatIfResponse response;
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(GatedWhatIfTest, WhatCannotWaitIsToldWhenToComeBack) {
  const auto stub = v1::WhatIfService::NewStub(channel_);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WhatIfResponse>>> readers;
  const auto start = [&] {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    readers.push_back(stub->WhatIf(contexts.back().get(), About(NewPolicy())));
  };
  start();
  gated_.WaitUntilBegun();
  // Of these two wait and two are refused, whichever come first.
  for (int i = 0; i < 4; ++i) start();
  v1::WhatIfResponse response;
  const auto refused = [&] { return Ended("RESOURCE_EXHAUSTED") == 2; };
  while (!refused()) std::this_thread::yield();
  gated_.Open();
  int answered = 0;
  for (const auto& reader : readers) {
    while (reader->Read(&response)) {
    }
    const grpc::Status status = reader->Finish();
    if (status.ok()) {
      ++answered;
    } else {
      EXPECT_THAT(status.error_message(), HasSubstr("other what-ifs are waiting"));
    }
  }
  EXPECT_EQ(answered, 3);
}

TEST_F(WhatIfTest, StopsBetweenTownshipsAndTellsHowFarItIs) {
  FillCounty();
  const auto question = CheckWhatIf(About(NewPolicy()), rulebook_.Get(), county::At(kNowMs));
  ASSERT_TRUE(question.ok()) << question.status();
  std::vector<uint64_t> totals;
  const auto note = [&](const WhatIfProgress& progress) { totals.push_back(progress.of_subjects); };
  std::atomic<int> asked = 0;
  const auto left = RunWhatIf(
      county_.store(), *question, 2, [&] { return ++asked > 2; }, note);
  EXPECT_TRUE(absl::IsCancelled(left.status())) << left.status();
  EXPECT_THAT(totals, Contains(7u));
  const auto all = RunWhatIf(
      county_.store(), *question, 2, [] { return false; }, note);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->back().summary().households(), 6u);
}

}  // namespace
}  // namespace shouwang::query
