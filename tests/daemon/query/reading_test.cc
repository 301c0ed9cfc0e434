#include "daemon/query/reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/audit/audit_query.h"

namespace shouwang::query {
namespace {

using testing::ElementsAre;

const Caller kCaller{.actor = "c520502", .peer = "ipv4:127.0.0.1:40000"};

std::vector<std::string> FactsOf(const AuditRecord& record) {
  std::vector<std::string> facts;
  for (const AuditFact& fact : record.facts) facts.push_back(fact.name + "=" + fact.value);
  return facts;
}

// As many as a request may have, each with the longest number.
TEST(ReadingTest, OfSeveralHouseholdsEachIsNamed) {
  v1::GetHistoryRequest request;
  std::vector<Subject> subjects;
  for (uint32_t i = 0; i < 1'000; ++i) {
    subjects.push_back({520'502'001'001, SubjectKind::kHousehold, 4'000'000'000 + i});
    request.add_subjects(subjects.back().ToString());
  }
  const AuditRecord record = ReadingOf(kCaller, request);
  EXPECT_EQ(record.region.ToString(), "520502001");
  EXPECT_TRUE(CheckAuditRecord({AuditChainKind::kReads, {}}, record).ok());
  AuditEntry entry;
  entry.chain = {AuditChainKind::kReads, {}};
  entry.record = record;
  AuditQuery query;
  for (const Subject& subject : subjects) {
    query.subject = subject;
    EXPECT_TRUE(Matches(query, entry)) << subject.ToString();
  }
  query.subject = Subject{520'502'001'001, SubjectKind::kHousehold, 1};
  EXPECT_FALSE(Matches(query, entry));
}

TEST(ReadingTest, OfAnIncidentIsWhichAndHowManyMembers) {
  v1::GetIncidentRequest request;
  request.set_id("520502001:disaster:2026-07");
  v1::GetIncidentResponse response;
  response.mutable_incident()->set_id("520502001:disaster:2026-07");
  response.add_members();
  response.add_members();
  const AuditRecord record = ReadingOf(kCaller, request, response);
  EXPECT_EQ(record.kind, AuditKind::kRead);
  EXPECT_EQ(record.actor, "c520502");
  EXPECT_EQ(record.region.ToString(), "520502001");
  EXPECT_THAT(FactsOf(record),
              ElementsAre("call=IncidentService/GetIncident", "peer=ipv4:127.0.0.1:40000",
                          "incident=520502001:disaster:2026-07", "members=2"));
}

TEST(ReadingTest, OfSilentHouseholdsIsTheRegionAndHowMany) {
  v1::ListSilentHouseholdsRequest request;
  request.set_region("520502");
  v1::ListSilentHouseholdsResponse response;
  response.add_households();
  const AuditRecord record = ReadingOf(kCaller, request, response);
  EXPECT_EQ(record.region.ToString(), "520502");
  EXPECT_THAT(FactsOf(record), ElementsAre("call=ReportingService/ListSilentHouseholds",
                                           "peer=ipv4:127.0.0.1:40000", "households=1"));
}

TEST(ReadingTest, OfDrawsIsTheRegionAndHowMany) {
  v1::ListDrawsRequest request;
  request.set_region("520502001");
  v1::ListDrawsResponse response;
  response.add_draws();
  const AuditRecord record = ReadingOf(kCaller, request, response);
  EXPECT_EQ(record.region.ToString(), "520502001");
  EXPECT_THAT(FactsOf(record), ElementsAre("call=FollowUpService/ListDraws",
                                           "peer=ipv4:127.0.0.1:40000", "draws=1"));
}

TEST(ReadingTest, OfAScreeningIsTheRegionAndHowManyReporters) {
  v1::ScreenRequest request;
  request.set_region("5205");
  const AuditRecord record = ReadingOf(kCaller, request, 7);
  EXPECT_EQ(record.region.ToString(), "5205");
  EXPECT_THAT(FactsOf(record), ElementsAre("call=ScreeningService/Screen",
                                           "peer=ipv4:127.0.0.1:40000", "reporters=7"));
}

}  // namespace
}  // namespace shouwang::query
