// Cases over the wire of the real program, and across its death.
#include <gmock/gmock.h>
#include <shouwang/v1/case.grpc.pb.h>

#include <csignal>

#include "tests/daemon/app/bare_call.h"
#include "tests/daemon/app/daemon_process.h"
#include "tests/daemon/app/report_calls.h"
#include "tests/daemon/metrics/http_get.h"

namespace shouwang::app {
namespace {

using metrics::HttpGet;
using testing::HasSubstr;

constexpr char kHousehold[] = "520502001001/17";
constexpr char kSections[] = R"(
cases:
  decide_within_days: 15
  citation: placeholder
  states:
    - {state: clue, within_days: 3, citation: placeholder}
  moves:
    - {from: clue, to: verifying, roles: [village]}
    - {from: verifying, to: reviewed, roles: [village]}
    - {from: verifying, to: dismissed, roles: [township]}
    - {from: reviewed, to: noticed, roles: [village]}
    - {from: noticed, to: registered, roles: [county]}
    - {from: registered, to: supported, roles: [township]}
    - {from: supported, to: cleared, roles: [county]}
exit:
  - {name: wage_enough, when: wage >= line, title_zh: 工资够, title_en: Wage enough,
     citation: placeholder}
  - {name: measure_taken, when: case_targeted_measures >= 1, title_zh: 有措施,
     title_en: A measure, citation: placeholder}
measures:
  - {name: relief, fits: [income], title_zh: 救助, title_en: Relief, citation: placeholder}
)";

class CasesOfTheProgramTest : public testing::Test {
 protected:
  CasesOfTheProgramTest() { home_.Write("policy.yaml", Home::PolicyText(202001, 600) + kSections); }

  v1::Case Get(const DaemonProcess& daemon) {
    grpc::ClientContext context;
    v1::GetCaseRequest request;
    request.set_subject(kHousehold);
    v1::GetCaseResponse response;
    last_ = StubOf(daemon)->GetCase(&context, request, &response);
    EXPECT_TRUE(last_.ok()) << last_.error_message();
    return response.case_();
  }
  v1::Case Advance(const DaemonProcess& daemon, v1::CaseState to, v1::Role role,
                   const std::string& etag) {
    grpc::ClientContext context;
    v1::AdvanceCaseRequest request;
    request.set_subject(kHousehold);
    request.set_etag(etag);
    request.set_to(to);
    request.set_role(role);
    request.set_actor("somebody");
    if (to == v1::CASE_STATE_REGISTERED) request.set_category(v1::HOUSEHOLD_CATEGORY_UNSTABLE);
    v1::AdvanceCaseResponse response;
    last_ = StubOf(daemon)->AdvanceCase(&context, request, &response);
    return response.case_();
  }
  static std::unique_ptr<v1::CaseService::Stub> StubOf(const DaemonProcess& daemon) {
    return v1::CaseService::NewStub(ChannelTo(daemon.GrpcPort()));
  }

  const Home home_;
  grpc::Status last_;
};

TEST_F(CasesOfTheProgramTest, WhatWasAnsweredIsThereAfterAKill) {
  std::string etag = "0";
  {
    DaemonProcess daemon(home_);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    ASSERT_EQ(ReportOne(daemon.GrpcPort()).warnings_opened(), 1);
    const v1::Case clue = Get(daemon);
    EXPECT_EQ(clue.state(), v1::CASE_STATE_CLUE) << "a clue is there with its receipt";
    EXPECT_EQ(clue.etag(), "0");
    EXPECT_EQ(clue.step_by() - clue.opened_on(), 3);
    EXPECT_EQ(Advance(daemon, v1::CASE_STATE_VERIFYING, v1::ROLE_VILLAGE, "0").etag(), "2");
    EXPECT_EQ(Advance(daemon, v1::CASE_STATE_REVIEWED, v1::ROLE_VILLAGE, "2").etag(), "3");
    daemon.Signal(SIGKILL);
    EXPECT_EQ(daemon.Wait().exit_code, 128 + SIGKILL);
  }
  DaemonProcess daemon(home_);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const v1::Case record = Get(daemon);
  EXPECT_EQ(record.state(), v1::CASE_STATE_REVIEWED);
  EXPECT_EQ(record.etag(), "3");
  Advance(daemon, v1::CASE_STATE_NOTICED, v1::ROLE_VILLAGE, "2");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(CasesOfTheProgramTest, AHouseholdIsNotClearedWhileAConditionIsUnmetOrUnknown) {
  DaemonProcess daemon(home_);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  ReportOne(daemon.GrpcPort());
  Advance(daemon, v1::CASE_STATE_VERIFYING, v1::ROLE_VILLAGE, "0");
  Advance(daemon, v1::CASE_STATE_REVIEWED, v1::ROLE_VILLAGE, "2");
  Advance(daemon, v1::CASE_STATE_NOTICED, v1::ROLE_VILLAGE, "3");
  EXPECT_EQ(Advance(daemon, v1::CASE_STATE_REGISTERED, v1::ROLE_COUNTY, "4").category(),
            v1::HOUSEHOLD_CATEGORY_UNSTABLE);
  Advance(daemon, v1::CASE_STATE_SUPPORTED, v1::ROLE_TOWNSHIP, "5");
  Advance(daemon, v1::CASE_STATE_CLEARED, v1::ROLE_COUNTY, "6");
  EXPECT_EQ(last_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(last_.error_message(),
              HasSubstr("2 of 2 conditions do not hold: wage_enough (unknown), measure_taken (not "
                        "met)"));
  EXPECT_EQ(Get(daemon).state(), v1::CASE_STATE_SUPPORTED);
  EXPECT_THAT(HttpGet(daemon.MetricsPort(), "/metrics"), HasSubstr("# HELP shouwang_cases "));
}

TEST_F(CasesOfTheProgramTest, APolicyWithAFaultInItsCasesIsRefusedByTheCheck) {
  std::string text = home_.Read("policy.yaml");
  text.replace(text.find("from: clue, to: verifying"), 25, "from: clue, to: noticed  ");
  home_.Write("policy.yaml", text);
  const Ended checked =
      RunDaemon(home_, {"--config", home_.Path("shouwangd.yaml"), "--check-config"});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.out + checked.err,
              HasSubstr("a case cannot go from clue to noticed; from clue it can go to verifying, "
                        "dismissed"));
}

}  // namespace
}  // namespace shouwang::app
