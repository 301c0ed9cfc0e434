// The audit trail of the real program: across reloads, restarts, kills, backups and restores.
#include <gmock/gmock.h>
#include <shouwang/v1/audit.grpc.pb.h>
#include <shouwang/v1/series.grpc.pb.h>

#include <csignal>

#include "tests/daemon/app/bare_call.h"
#include "tests/daemon/app/daemon_process.h"
#include "tests/daemon/app/report_calls.h"
#include "tests/daemon/metrics/http_get.h"

namespace shouwang::app {
namespace {

using metrics::HttpGet;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr char kHousehold[] = "520502001001/17";

class AuditOfTheProgramTest : public testing::Test {
 protected:
  static std::unique_ptr<v1::AuditService::Stub> StubOf(const DaemonProcess& daemon) {
    return v1::AuditService::NewStub(ChannelTo(daemon.GrpcPort()));
  }
  static std::vector<v1::AuditEntry> Entries(const DaemonProcess& daemon,
                                             const std::string& chain) {
    grpc::ClientContext context;
    v1::ListAuditRequest request;
    request.mutable_filter()->add_chains(chain);
    v1::ListAuditResponse response;
    const grpc::Status status = StubOf(daemon)->ListAudit(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return {response.entries().begin(), response.entries().end()};
  }
  static std::vector<std::string> Kinds(const DaemonProcess& daemon, const std::string& chain) {
    std::vector<std::string> kinds;
    for (const v1::AuditEntry& entry : Entries(daemon, chain)) kinds.push_back(entry.kind());
    return kinds;
  }
  static std::string FactOf(const v1::AuditEntry& entry, std::string_view name) {
    for (const v1::AuditFact& fact : entry.facts()) {
      if (fact.name() == name) return fact.value();
    }
    return "";
  }
  // "CHAIN: FAULT" of what a verification finds.
  static std::vector<std::string> Faults(const DaemonProcess& daemon,
                                         const v1::VerifyAuditRequest& request = {}) {
    grpc::ClientContext context;
    const auto reader = StubOf(daemon)->VerifyAudit(&context, request);
    std::vector<std::string> faults;
    v1::VerifyAuditResponse response;
    while (reader->Read(&response)) {
      for (const v1::AuditChainResult& chain : response.chains()) {
        if (chain.faults() > 0) faults.push_back(chain.chain() + ": " + chain.fault());
      }
    }
    EXPECT_TRUE(reader->Finish().ok());
    EXPECT_TRUE(response.done());
    EXPECT_EQ(response.sound(), faults.empty());
    return faults;
  }
  static v1::VerifyAuditRequest KeptHeads(const DaemonProcess& daemon) {
    grpc::ClientContext context;
    v1::GetAuditHeadsResponse heads;
    EXPECT_TRUE(StubOf(daemon)->GetAuditHeads(&context, {}, &heads).ok());
    v1::VerifyAuditRequest request;
    *request.mutable_heads() = heads.heads();
    return request;
  }
  static void Reload(const DaemonProcess& daemon) {
    daemon.Signal(SIGHUP);
    EXPECT_THAT(daemon.NextNotice(), StartsWith("RELOADING=1"));
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
  }
  static void End(DaemonProcess* daemon) {
    daemon->Signal(SIGTERM);
    ASSERT_EQ(daemon->Wait().exit_code, 0);
  }

  const Home home_;
};

TEST_F(AuditOfTheProgramTest, StartsPoliciesAndStopsAreRecorded) {
  {
    DaemonProcess daemon(home_);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    Reload(daemon);
    EXPECT_THAT(Kinds(daemon, "admin"), ElementsAre("start", "policy"))
        << "a reload of the same files changes nothing";
    home_.Write("policy.yaml", Home::PolicyText(202101, 700));
    Reload(daemon);
    home_.Write("policy.yaml", "colour: green\n");
    Reload(daemon);
    const std::vector<v1::AuditEntry> acts = Entries(daemon, "admin");
    ASSERT_EQ(acts.size(), 4u);
    EXPECT_EQ(acts[2].kind(), "policy");
    EXPECT_NE(FactOf(acts[2], "policy"), FactOf(acts[1], "policy"));
    EXPECT_EQ(FactOf(acts[2], "catalogue"), FactOf(acts[1], "catalogue"));
    EXPECT_THAT(FactOf(acts[2], "policy"),
                AllOf(StartsWith(home_.Path("policy.yaml")), HasSubstr(" sha256:")));
    EXPECT_EQ(acts[3].kind(), "policy_refused");
    EXPECT_THAT(FactOf(acts[3], "reason"), HasSubstr("colour"));
    End(&daemon);
  }
  home_.Write("policy.yaml", Home::PolicyText(202101, 700));
  DaemonProcess daemon(home_);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_THAT(Kinds(daemon, "admin"),
              ElementsAre("start", "policy", "policy", "policy_refused", "stop", "start"))
      << "the policies are those that were recorded last";
  EXPECT_THAT(Faults(daemon), testing::IsEmpty());
  EXPECT_THAT(HttpGet(daemon.MetricsPort(), "/metrics"),
              AllOf(HasSubstr("shouwang_audit_entries_total{kind=\"start\"} 1"),
                    HasSubstr("# TYPE shouwang_audit_queue_entries gauge")));
}

TEST_F(AuditOfTheProgramTest, WhatWasReceiptedIsRecordedAfterAKill) {
  v1::VerifyAuditRequest kept;
  {
    DaemonProcess daemon(home_);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    const v1::Receipt receipt = ReportOne(daemon.GrpcPort());
    ASSERT_EQ(receipt.warnings_opened(), 1);
    v1::SubmitRequest correction = WageBatch("second");
    correction.mutable_batch()->set_reported_at_ms(1'714'900'000'001);
    v1::Section* section = correction.mutable_batch()->mutable_sections(0);
    section->add_numbers(17);
    section->add_dates(Date::Parse("2024-05-05").value().days());
    section->mutable_columns(0)->add_values(900'00);
    ASSERT_EQ(Submit(daemon.GrpcPort(), correction).corrected(), 1);
    kept = KeptHeads(daemon);
    daemon.Signal(SIGKILL);
    EXPECT_EQ(daemon.Wait().exit_code, 128 + SIGKILL);
  }
  DaemonProcess daemon(home_);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_THAT(Faults(daemon, kept), testing::IsEmpty());
  const std::vector<v1::AuditEntry> entries = Entries(daemon, "warnings/520502001");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_THAT(entries[0].batches(), ElementsAre(1));
  ASSERT_EQ(entries[0].transitions_size(), 1);
  EXPECT_EQ(entries[0].transitions(0).subject(), kHousehold);
  EXPECT_EQ(entries[0].transitions(0).kind(), v1::AUDIT_TRANSITION_KIND_OPENED);
  ASSERT_EQ(entries[1].corrections_size(), 1);
  EXPECT_EQ(entries[1].corrections(0).value(), 500'00);
  EXPECT_EQ(entries[1].corrections(0).standing(), 900'00);
  ASSERT_EQ(entries[1].transitions_size(), 1);
  EXPECT_EQ(entries[1].transitions(0).kind(), v1::AUDIT_TRANSITION_KIND_CLEARED);
}

TEST_F(AuditOfTheProgramTest, ReadsAreRecordedWhenItIsStopped) {
  {
    DaemonProcess daemon(home_);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    ReportOne(daemon.GrpcPort());
    grpc::ClientContext context;
    context.AddMetadata("shouwang-actor", "county-3");
    v1::GetHistoryRequest request;
    request.add_subjects(kHousehold);
    v1::GetHistoryResponse response;
    EXPECT_TRUE(v1::SeriesService::NewStub(ChannelTo(daemon.GrpcPort()))
                    ->GetHistory(&context, request, &response)
                    .ok());
    End(&daemon);
  }
  DaemonProcess daemon(home_);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const std::vector<v1::AuditEntry> reads = Entries(daemon, "reads");
  ASSERT_EQ(reads.size(), 1u);
  EXPECT_EQ(reads[0].actor(), "county-3");
  EXPECT_EQ(reads[0].subject(), kHousehold);
  EXPECT_EQ(FactOf(reads[0], "call"), "SeriesService/GetHistory");
}

TEST_F(AuditOfTheProgramTest, ARestoreIsRecordedAndExplainsAnEndThatWasCutOff) {
  home_.Write("shouwangd.yaml", Home::ConfigText() + "backup: {dir: backups}\n");
  v1::VerifyAuditRequest kept;
  {
    DaemonProcess daemon(home_);
    ASSERT_EQ(daemon.NextNotice(), "READY=1");
    grpc::ClientContext context;
    context.AddMetadata("shouwang-actor", "operator-1");
    const auto reader =
        v1::AdminService::NewStub(ChannelTo(daemon.GrpcPort()))->CreateBackup(&context, {});
    v1::CreateBackupResponse response;
    while (reader->Read(&response)) {
    }
    ASSERT_TRUE(reader->Finish().ok());
    const std::vector<v1::AuditEntry> acts = Entries(daemon, "admin");
    EXPECT_EQ(acts.back().kind(), "backup");
    EXPECT_EQ(acts.back().actor(), "operator-1");
    EXPECT_EQ(FactOf(acts.back(), "outcome"), "ok");
    kept = KeptHeads(daemon);
    End(&daemon);
  }
  const Ended restored =
      RunDaemon(home_, {"--restore", home_.Path("backups"), "--data-dir", home_.Path("again")});
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  const Ended verified = RunDaemon(home_, {"--verify", "--data-dir", home_.Path("again")});
  EXPECT_EQ(verified.exit_code, 0) << verified.out;
  EXPECT_THAT(verified.out, HasSubstr("\naudit "));
  home_.Write("shouwangd.yaml", Home::ConfigText());
  DaemonProcess daemon(home_, {"--data-dir", home_.Path("again")});
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  EXPECT_THAT(Kinds(daemon, "admin"), ElementsAre("start", "policy", "restore", "start"));
  EXPECT_NE(Entries(daemon, "admin")[2].actor(), "") << "the account that restored";
  EXPECT_THAT(Faults(daemon, kept),
              Contains("admin: entry 3 is another than when the heads were kept"));
}

}  // namespace
}  // namespace shouwang::app
