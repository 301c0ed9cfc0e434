// AuditService over its wire, and what other services leave in the audit trail.
#include "daemon/query/audit_service.h"

#include <shouwang/v1/audit.grpc.pb.h>
#include <shouwang/v1/risk.grpc.pb.h>
#include <shouwang/v1/series.grpc.pb.h>
#include <shouwang/v1/whatif.grpc.pb.h>

#include "daemon/query/audit_answer.h"
#include "storage/audit/audit_chain.h"
#include "storage/audit/audit_query.h"
#include "tests/daemon/query/query_server.h"

namespace shouwang::query {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kHousehold[] = "520502001001/1";

std::string BytesOf(const AuditHash& hash) { return {hash.begin(), hash.end()}; }

class AuditServiceTest : public QueryServer {
 protected:
  AuditServiceTest() {
    county_.Observe(kHousehold, kWage, "2026-09-30", 500'00);
    county_.Open(kHousehold, 101, Severity::kRed, RiskKind::kIncome, "2026-09-30", 3'000);
    county_.Supersede(kHousehold, kWage, "2026-08-31", 123'45, 1'000, 4'000);
    county_.Open("520302001001/4", 102, Severity::kYellow, RiskKind::kIllness, "2026-09-30", 5'000);
    Append(Act(AuditKind::kStart, 10));
    Append(Act(AuditKind::kStop, 20));
    journal_ = std::make_unique<ReadJournal>(ReadJournal::Parts{
        .log = &log(), .registry = &registry_, .now = [] { return At(kNowMs); }, .notice = {}});
  }
  ~AuditServiceTest() override { Down(); }

  MemoryAuditLog& log() { return county_.store().audit(); }
  static AuditRecord Act(AuditKind kind, int64_t ms) {
    AuditRecord record;
    record.kind = kind;
    record.at = At(ms);
    return record;
  }
  void Append(const AuditRecord& act) {
    ASSERT_TRUE(log().Append({AuditChainKind::kAdmin, {}}, {&act, 1}).ok());
  }

  v1::ListAuditResponse List(const v1::ListAuditRequest& request) {
    grpc::ClientContext context;
    v1::ListAuditResponse response;
    last_ = Stub<v1::AuditService>()->ListAudit(&context, request, &response);
    return response;
  }
  // "CHAIN SEQUENCE" of a page.
  static std::vector<std::string> PlacesIn(const v1::ListAuditResponse& response) {
    std::vector<std::string> places;
    for (const v1::AuditEntry& entry : response.entries()) {
      places.push_back(entry.chain() + " " + std::to_string(entry.sequence()));
    }
    return places;
  }
  struct Verified {
    std::vector<v1::AuditChainResult> chains;
    v1::VerifyAuditResponse last;
  };
  Verified Verify(const v1::VerifyAuditRequest& request = {}) {
    grpc::ClientContext context;
    const auto reader = Stub<v1::AuditService>()->VerifyAudit(&context, request);
    Verified verified;
    v1::VerifyAuditResponse response;
    while (reader->Read(&response)) {
      for (const auto& chain : response.chains()) verified.chains.push_back(chain);
      verified.last = response;
    }
    last_ = reader->Finish();
    return verified;
  }
  // "CALL ACTOR REGION SUBJECT" and further facts of what was noted, the peer left out; stops the
  // journal, so that all is written.
  std::vector<std::string> Readings() {
    journal_->Stop();
    std::vector<std::string> texts;
    AuditQuery query;
    query.chains = {{AuditChainKind::kReads, {}}};
    EXPECT_TRUE(ReadAudit(log(), query, {}, [&](const AuditEntry& entry, bool) {
                  const AuditRecord& record = entry.record;
                  EXPECT_THAT(record.facts[1].value, HasSubstr("127.0.0.1"));
                  std::string text = record.facts[0].value + " " + record.actor + " " +
                                     record.region.ToString() + " " +
                                     (record.subject ? record.subject->ToString() : "-");
                  for (size_t i = 2; i < record.facts.size(); ++i) {
                    text += " " + record.facts[i].name + "=" + record.facts[i].value;
                  }
                  texts.push_back(text);
                  return true;
                }).ok());
    return texts;
  }

  grpc::Status last_;
};

TEST_F(AuditServiceTest, TellsAllOfAnEntry) {
  Up();
  v1::ListAuditRequest request;
  request.mutable_filter()->set_region("520502001");
  const v1::ListAuditResponse response = List(request);
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  ASSERT_EQ(response.entries_size(), 2);
  const v1::AuditEntry& opened = response.entries(0);
  EXPECT_EQ(opened.chain(), "warnings/520502001");
  EXPECT_EQ(opened.sequence(), 1u);
  EXPECT_EQ(opened.previous(), std::string(32, '\0'));
  EXPECT_EQ(opened.kind(), "judgement");
  EXPECT_EQ(opened.kind_title_zh(), "重新判定");
  EXPECT_EQ(opened.at_ms(), 3'000);
  EXPECT_EQ(opened.division(), "520502001");
  ASSERT_EQ(opened.transitions_size(), 1);
  EXPECT_EQ(opened.transitions(0).subject(), kHousehold);
  EXPECT_EQ(opened.transitions(0).rule(), "wage_low");
  EXPECT_EQ(opened.transitions(0).rule_id(), 101u);
  EXPECT_EQ(opened.transitions(0).kind(), v1::AUDIT_TRANSITION_KIND_OPENED);
  EXPECT_EQ(opened.transitions(0).severity(), v1::SEVERITY_RED);
  EXPECT_EQ(opened.transitions(0).policy_version(), 202601u);
  EXPECT_EQ(opened.transitions(0).opened_on(), Day("2026-09-30").days());
  EXPECT_FALSE(opened.transitions(0).has_cleared_on());
  const v1::AuditEntry& corrected = response.entries(1);
  ASSERT_EQ(corrected.corrections_size(), 1);
  EXPECT_EQ(corrected.corrections(0).indicator(), "wage_income");
  EXPECT_EQ(corrected.corrections(0).value(), 123'45);
  EXPECT_EQ(corrected.corrections(0).decimals(), 2u);
  EXPECT_TRUE(corrected.corrections(0).stood());
  EXPECT_FALSE(corrected.corrections(0).has_standing());
  EXPECT_EQ(corrected.previous(), opened.hash());
}

// As anybody outside would do it.
TEST_F(AuditServiceTest, WhatItGivesIsEnoughToHashTheChainsAnew) {
  Up();
  std::map<std::string, std::string> last;
  const v1::ListAuditResponse all = List({});
  for (const v1::AuditEntry& entry : all.entries()) {
    std::string& previous = last.try_emplace(entry.chain(), std::string(32, '\0')).first->second;
    EXPECT_EQ(entry.previous(), previous);
    EXPECT_EQ(entry.hash(), BytesOf(Sha256(previous + entry.key() + entry.record())));
    previous = entry.hash();
  }
  EXPECT_EQ(last.size(), 3u);
}

TEST_F(AuditServiceTest, PagesGoOnWhereTheLastOneEnded) {
  Up();
  v1::ListAuditRequest request;
  request.mutable_filter()->add_chains("admin");
  request.mutable_filter()->add_chains("warnings/520302001");
  request.set_page_size(1);
  std::vector<std::string> all;
  do {
    const v1::ListAuditResponse page = List(request);
    ASSERT_TRUE(last_.ok()) << last_.error_message();
    for (const std::string& place : PlacesIn(page)) all.push_back(place);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(all, ElementsAre("warnings/520302001 1", "admin 1", "admin 2"));
}

TEST_F(AuditServiceTest, EntriesThatCannotBeReadAreCountedAndHideNoOthers) {
  log().Put(AuditKey({AuditChainKind::kAdmin, {}}, 1), std::string(40, 'x'));
  Up();
  v1::ListAuditRequest request;
  request.mutable_filter()->add_chains("admin");
  for (const bool latest : {false, true}) {
    request.set_latest(latest);
    const v1::ListAuditResponse response = List(request);
    ASSERT_TRUE(last_.ok()) << last_.error_message();
    EXPECT_THAT(PlacesIn(response), ElementsAre("admin 2"));
    EXPECT_EQ(response.unreadable(), 1u);
  }
}

// A log that a damaged part of the disk keeps from being read.
class DamagedLog : public MemoryAuditLog {
 public:
  absl::Status ScanAudit(
      std::string_view, std::string_view,
      absl::FunctionRef<bool(std::string_view, std::string_view)>) const override {
    return absl::DataLossError("block checksum mismatch");
  }
};

TEST_F(AuditServiceTest, ALogThatCannotBeReadOnIsNoEndOfAList) {
  DamagedLog damaged;
  const AuditRecord act = Act(AuditKind::kStart, 10);
  ASSERT_TRUE(damaged.Append({AuditChainKind::kAdmin, {}}, {&act, 1}).ok());
  v1::ListAuditRequest request;
  for (const bool latest : {false, true}) {
    request.set_latest(latest);
    v1::ListAuditResponse response;
    const absl::Status status = AnswerListAudit(
        damaged, *rulebook_.Get(), request, [] { return false; }, &response);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  }
}

TEST_F(AuditServiceTest, TheLatestComeInTheOrderOfTime) {
  Up();
  v1::ListAuditRequest request;
  request.set_latest(true);
  request.set_page_size(3);
  EXPECT_THAT(PlacesIn(List(request)),
              ElementsAre("warnings/520502001 1", "warnings/520502001 2", "warnings/520302001 1"));
}

// Counts what it shows.
class CountingLog : public MemoryAuditLog {
 public:
  absl::Status ScanAudit(
      std::string_view from, std::string_view to,
      absl::FunctionRef<bool(std::string_view, std::string_view)> visit) const override {
    return MemoryAuditLog::ScanAudit(from, to, [&](auto key, auto value) {
      ++shown;
      return visit(key, value);
    });
  }
  mutable size_t shown = 0;
};

TEST_F(AuditServiceTest, TheLatestOfALongChainAreFoundAtItsEnd) {
  CountingLog log;
  std::vector<AuditRecord> reads(10'000, Act(AuditKind::kRead, 0));
  for (size_t i = 0; i < reads.size(); ++i) reads[i].at = At(static_cast<int64_t>(i));
  ASSERT_TRUE(log.Append({AuditChainKind::kReads, {}}, reads).ok());
  const AuditRecord act = Act(AuditKind::kStart, 9'990);
  ASSERT_TRUE(log.Append({AuditChainKind::kAdmin, {}}, {&act, 1}).ok());
  v1::ListAuditRequest request;
  request.set_latest(true);
  request.set_page_size(11);
  v1::ListAuditResponse response;
  const auto here = [] { return false; };
  ASSERT_TRUE(AnswerListAudit(log, *rulebook_.Get(), request, here, &response).ok());
  ASSERT_EQ(response.entries_size(), 11);
  EXPECT_EQ(response.entries(0).at_ms(), 9'990) << "of two of one instant, by chain";
  EXPECT_EQ(response.entries(0).chain(), "admin");
  EXPECT_EQ(response.entries(1).at_ms(), 9'990);
  EXPECT_EQ(response.entries(10).sequence(), 10'000u);
  EXPECT_LT(log.shown, 200u);
}

TEST_F(AuditServiceTest, FiltersByKindTimeAndSubject) {
  Up();
  v1::ListAuditRequest request;
  request.mutable_filter()->add_kinds("stop");
  EXPECT_THAT(PlacesIn(List(request)), ElementsAre("admin 2"));
  request.Clear();
  request.mutable_filter()->set_from_ms(20);
  request.mutable_filter()->set_to_ms(3'000);
  EXPECT_THAT(PlacesIn(List(request)), ElementsAre("warnings/520502001 1", "admin 2"));
  request.Clear();
  request.mutable_filter()->set_subject("520302001001/4");
  EXPECT_THAT(PlacesIn(List(request)), ElementsAre("warnings/520302001 1"));
}

TEST_F(AuditServiceTest, EveryFaultOfARequestIsNamed) {
  Up();
  v1::ListAuditRequest request;
  request.mutable_filter()->set_region("99");
  request.mutable_filter()->set_subject("x");
  request.mutable_filter()->add_kinds("look");
  request.mutable_filter()->add_chains("chain");
  request.mutable_filter()->set_from_ms(INT64_MAX);
  request.set_page_size(1'001);
  request.set_page_token("token");
  request.set_latest(true);
  List(request);
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(last_),
              AllOf(Contains("filter.region"), Contains("filter.subject"), Contains("filter.kinds"),
                    Contains("filter.chains"), Contains("filter.from_ms"), Contains("page_size"),
                    Contains("page_token")));
}

TEST_F(AuditServiceTest, HeadsAndTheirRoot) {
  Up();
  grpc::ClientContext context;
  v1::GetAuditHeadsResponse response;
  ASSERT_TRUE(Stub<v1::AuditService>()->GetAuditHeads(&context, {}, &response).ok());
  ASSERT_EQ(response.heads_size(), 3);
  EXPECT_EQ(response.heads(2).chain(), "admin");
  EXPECT_EQ(response.heads(2).sequence(), 2u);
  EXPECT_EQ(response.root(), BytesOf(RootOf(*log().LoadHeads())));
  EXPECT_EQ(response.at_ms(), kNowMs);
}

TEST_F(AuditServiceTest, AVerificationTellsOfEveryChain) {
  Up();
  const Verified verified = Verify();
  ASSERT_TRUE(last_.ok()) << last_.error_message();
  EXPECT_TRUE(verified.last.done());
  EXPECT_TRUE(verified.last.sound());
  EXPECT_EQ(verified.last.entries_done(), 5u);
  ASSERT_EQ(verified.chains.size(), 3u);
  EXPECT_EQ(verified.chains[0].entries(), 1u);
  EXPECT_EQ(verified.chains[0].head_sequence(), 1u);
}

TEST_F(AuditServiceTest, AVerificationNamesTheChainAndTheEntry) {
  Up();
  const std::string key = AuditKey({AuditChainKind::kWarnings, At("520502001")}, 2);
  std::string value;
  ASSERT_TRUE(log()
                  .ScanAudit(key, key + '\xff',
                             [&](auto, auto stored) {
                               value = stored;
                               return false;
                             })
                  .ok());
  value.back() = static_cast<char>(value.back() ^ 1);
  log().Put(key, value);
  const Verified verified = Verify();
  EXPECT_FALSE(verified.last.sound());
  ASSERT_EQ(verified.chains.size(), 3u);
  EXPECT_EQ(verified.chains[1].chain(), "warnings/520502001");
  EXPECT_EQ(verified.chains[1].first_fault(), 2u);
  EXPECT_THAT(verified.chains[1].fault(), HasSubstr("entry 2 is not what was hashed"));
}

TEST_F(AuditServiceTest, KeptHeadsAreHeldAgainstTheChains) {
  Up();
  grpc::ClientContext context;
  v1::GetAuditHeadsResponse heads;
  ASSERT_TRUE(Stub<v1::AuditService>()->GetAuditHeads(&context, {}, &heads).ok());
  v1::VerifyAuditRequest request;
  *request.mutable_heads() = heads.heads();
  EXPECT_TRUE(Verify(request).last.sound());
  log().Erase(AuditKey({AuditChainKind::kAdmin, {}}, 2));
  EXPECT_TRUE(Verify().last.sound());
  const Verified verified = Verify(request);
  EXPECT_FALSE(verified.last.sound());
  EXPECT_THAT(verified.chains[2].fault(), HasSubstr("the chain ends at 1 and had 2"));
}

TEST_F(AuditServiceTest, HeadsThatAreNoneAreRefused) {
  Up();
  v1::VerifyAuditRequest request;
  request.add_heads()->set_chain("nothing");
  v1::AuditHead* head = request.add_heads();
  head->set_chain("admin");
  head->set_sequence(1);
  head->set_hash("short");
  Verify(request);
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(FieldsOf(last_), ElementsAre("heads[0].chain", "heads[1]"));
}

TEST_F(AuditServiceTest, WhoIsShownHouseholdsIsNoted) {
  Up();
  const auto as = [](grpc::ClientContext* context) {
    context->AddMetadata("shouwang-actor", "county-3");
  };
  {
    grpc::ClientContext context;
    as(&context);
    v1::GetHistoryRequest request;
    request.add_subjects(kHousehold);
    v1::GetHistoryResponse response;
    ASSERT_TRUE(Stub<v1::SeriesService>()->GetHistory(&context, request, &response).ok());
  }
  {
    grpc::ClientContext context;
    v1::ExplainSubjectRequest request;
    request.set_subject(kHousehold);
    v1::ExplainSubjectResponse response;
    ASSERT_TRUE(Stub<v1::RiskService>()->ExplainSubject(&context, request, &response).ok());
  }
  {
    grpc::ClientContext context;
    as(&context);
    v1::ListWarningsRequest request;
    request.mutable_filter()->set_region("5205");
    v1::ListWarningsResponse response;
    ASSERT_TRUE(Stub<v1::RiskService>()->ListWarnings(&context, request, &response).ok());
  }
  List({});
  EXPECT_THAT(Readings(), ElementsAre("SeriesService/GetHistory county-3 520502001 520502001001/1",
                                      "RiskService/ExplainSubject  520502001 520502001001/1",
                                      "RiskService/ListWarnings county-3 5205 - warnings=1",
                                      "AuditService/ListAudit   - entries=5"));
}

TEST_F(AuditServiceTest, OfSeveralHouseholdsTheRegionTheyShareIsNoted) {
  county_.Observe("520502002001/2", kWage, "2026-09-30", 500'00);
  Up();
  grpc::ClientContext context;
  v1::GetHistoryRequest request;
  request.add_subjects(kHousehold);
  request.add_subjects("520502002001/2");
  v1::GetHistoryResponse response;
  ASSERT_TRUE(Stub<v1::SeriesService>()->GetHistory(&context, request, &response).ok());
  EXPECT_THAT(Readings(), ElementsAre("SeriesService/GetHistory  520502 - subjects=2 "
                                      "subject_list=520502001001/1 520502002001/2"));
}

TEST_F(AuditServiceTest, ACallThatFailsShowsNothingAndIsNotNoted) {
  Up();
  grpc::ClientContext context;
  v1::GetHistoryRequest request;
  request.add_subjects("520502001001/99");
  v1::GetHistoryResponse response;
  EXPECT_EQ(Stub<v1::SeriesService>()->GetHistory(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(Readings(), IsEmpty());
}

// What is not of households needs no note.
TEST_F(AuditServiceTest, CountsAreNotNoted) {
  Up();
  grpc::ClientContext context;
  v1::ListRollupsRequest request;
  request.set_view(v1::ROLLUP_VIEW_SETTLEMENT);
  request.set_group_digits(9);
  request.set_from_month(MonthOf("2026-09").index());
  request.set_to_month(MonthOf("2026-09").index());
  v1::ListRollupsResponse response;
  const grpc::Status status = Stub<v1::SeriesService>()->ListRollups(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(Readings(), IsEmpty());
}

TEST_F(AuditServiceTest, WhatCannotBeNotedIsNotShown) {
  Up();
  journal_->Stop();
  grpc::ClientContext context;
  v1::GetHistoryRequest request;
  request.add_subjects(kHousehold);
  v1::GetHistoryResponse response;
  EXPECT_EQ(Stub<v1::SeriesService>()->GetHistory(&context, request, &response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(response.histories_size(), 0);
}

TEST_F(AuditServiceTest, AWhatIfIsNotedWithItsPolicyAndWhatCameOut) {
  Up();
  const auto stub = v1::WhatIfService::NewStub(channel_);
  const std::string policy(county::kPolicy);
  for (const std::string& text : {policy, std::string("version: x")}) {
    grpc::ClientContext context;
    context.AddMetadata("shouwang-actor", "analyst");
    v1::WhatIfRequest request;
    request.set_policy(text);
    request.set_region("520502");
    const auto reader = stub->WhatIf(&context, request);
    v1::WhatIfResponse response;
    while (reader->Read(&response)) {
    }
    reader->Finish();
  }
  const std::vector<std::string> readings = Readings();
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_THAT(readings[0],
              HasSubstr("WhatIfService/WhatIf analyst 520502 - policy_sha256=" +
                        HashText(Sha256(policy)) + " outcome=answered policy_version=202601"));
  EXPECT_THAT(readings[1], HasSubstr("outcome=refused"));
}

TEST_F(AuditServiceTest, WithoutATrailTheServiceIsNotThere) {
  query_ = std::make_unique<Query>(QueryParts{.store = &county_.store(),
                                              .rulebook = &rulebook_,
                                              .feed = &feed_,
                                              .deliveries = &deliveries_,
                                              .registry = &registry_,
                                              .now = [] { return At(kNowMs); },
                                              .state = [this] { return state_; }});
  Serve();
  List({});
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace shouwang::query
