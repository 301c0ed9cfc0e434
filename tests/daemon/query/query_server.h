// The query room behind a real gRPC server on a port of the kernel's choice.
#pragma once

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/query/query.h"
#include "storage/audit/audit_query.h"
#include "storage/memory/memory_deliveries.h"
#include "storage/memory/memory_reporters.h"
#include "tests/daemon/watched_county.h"

namespace shouwang::query {

using namespace county;  // the words of the small county: Day, At, Of, ...

// The fields that a BadRequest names.
inline std::vector<std::string> FieldsOf(const grpc::Status& status) {
  std::vector<std::string> fields;
  google::rpc::Status details;
  details.ParseFromString(status.error_details());
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::BadRequest bad;
    if (!any.UnpackTo(&bad)) continue;
    for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  }
  return fields;
}

class QueryServer : public testing::Test {
 protected:
  QueryServer() : rulebook_(SmallRulebook()) {}
  ~QueryServer() override { Down(); }

  void Up(int threads = 2, int queue_limit = 16) {
    query_ = std::make_unique<Query>(QueryParts{.store = &county_.store(),
                                                .rulebook = &rulebook_,
                                                .feed = &feed_,
                                                .deliveries = &deliveries_,
                                                .backups = backups_,
                                                .desk = desk_,
                                                .draw_desk = draw_desk_,
                                                .reporters = &reporters_,
                                                .audit = &county_.store().audit(),
                                                .journal = journal_.get(),
                                                .acts = acts_.get(),
                                                .registry = &registry_,
                                                .now = [] { return At(kNowMs); },
                                                .state = [this] { return state_; },
                                                .threads = threads,
                                                .queue_limit = queue_limit});
    Serve();
  }

  // Puts query_ behind a server.
  void Serve() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    query_->RegisterWith(&builder);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(64 << 20);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port),
                                         grpc::InsecureChannelCredentials(), arguments);
  }

  void Down() {
    if (!server_) return;
    feed_.Close();
    server_->Shutdown();
    server_->Wait();
    query_->Stop();
    server_.reset();
  }

  // Of one of the services: `Stub<v1::RiskService>()->GetWorklist(...)`.
  template <class Service>
  std::unique_ptr<typename Service::Stub> Stub() {
    return Service::NewStub(channel_);
  }

  // "KIND ACTOR" of each entry of the township's cases, each of which has the caller's address.
  std::vector<std::string> RecordedOfCases(std::string_view township) {
    std::vector<std::string> entries;
    AuditQuery query;
    query.chains = {{AuditChainKind::kCases, At(township)}};
    const auto keep = [&](const AuditEntry& entry, bool) {
      const std::vector<AuditFact>& facts = entry.record.facts;
      const auto peer = std::ranges::find(facts, "peer", &AuditFact::name);
      entries.push_back(std::string(AuditKindName(entry.record.kind)) + " " + entry.record.actor +
                        (peer == facts.end() ? " of nobody" : ""));
      return true;
    };
    EXPECT_TRUE(ReadAudit(county_.store().audit(), query, {}, keep).ok());
    return entries;
  }

  WatchedCounty county_;
  CurrentRulebook rulebook_;
  WarningFeed feed_;
  MemoryDeliveries deliveries_;
  MemoryReporters reporters_{&county_.store()};
  prometheus::Registry registry_;
  DaemonState state_;
  Backups* backups_ = nullptr;
  cases::CaseDesk* desk_ = nullptr;
  std::unique_ptr<ReadJournal> journal_;  // where reads are to be recorded
  std::unique_ptr<ActJournal> acts_;      // where backups are to be
  cases::DrawDesk* draw_desk_ = nullptr;
  std::unique_ptr<Query> query_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace shouwang::query
