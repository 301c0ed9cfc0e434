// Ingest behind a real gRPC server on a port of the kernel's choosing, over a store with a gate.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/ingest/ingest.h"
#include "tests/daemon/ingest/fixture.h"
#include "tests/daemon/ingest/gated_store.h"
#include "tests/daemon/ingest/receipt_reader.h"

namespace shouwang::ingest {

class Recorder final : public TransitionListener {
 public:
  void OnTransitions(std::span<const Warning> transitions) override {
    absl::MutexLock lock(&mutex_);
    for (const Warning& warning : transitions) {
      lines_.push_back(warning.subject.ToString() + " " + std::to_string(warning.rule) + " " +
                       warning.opened_on.ToString() +
                       (warning.cleared_on ? " to " + warning.cleared_on->ToString() : ""));
    }
  }
  std::vector<std::string> Lines() const {
    absl::MutexLock lock(&mutex_);
    return lines_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

class ServiceTest : public testing::Test {
 protected:
  using Stream = ReceiptReader::Stream;

  ~ServiceTest() override { StopServer(); }

  void StartServer() {
    registry_ = std::make_unique<prometheus::Registry>();
    ingest_ = std::make_unique<Ingest>(
        store_, rulebook_, [] { return At("2026-07-01"); }, bounds_, *registry_, &recorder_);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.SetMaxReceiveMessageSize(64 << 10);
    builder.RegisterService(ingest_->service());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    stub_ = v1::ReportService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                           grpc::InsecureChannelCredentials()));
  }

  void StopServer() {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
    if (ingest_ != nullptr) ingest_->Stop();
    server_.reset();
    ingest_.reset();
  }

  static bool Send(Stream& stream, const v1::Batch& batch) {
    v1::SubmitRequest request;
    *request.mutable_batch() = batch;
    return stream.Write(request);
  }

  // On a stream of its own.
  v1::Receipt Submit(const v1::Batch& batch) {
    grpc::ClientContext context;
    const auto stream = stub_->Submit(&context);
    EXPECT_TRUE(Send(*stream, batch));
    stream->WritesDone();
    v1::Receipt receipt = ReceiptReader(stream.get()).Next();
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return receipt;
  }

  std::string Metrics() const {
    return prometheus::TextSerializer().Serialize(registry_->Collect());
  }

  size_t PointCount(const Subject& subject) const {
    return (*store_.LoadHistories(std::vector{subject}, DateRange{}))[0].PointCount();
  }

  GatedStore store_;
  CurrentRulebook rulebook_{MakeRulebook()};
  IngestBounds bounds_;
  Recorder recorder_;
  std::unique_ptr<prometheus::Registry> registry_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::ReportService::Stub> stub_;
};

inline v1::Batch Wages(const std::string& request_id, uint32_t household, std::string_view date,
                       int64_t wage) {
  return MakeBatch(request_id, {{Household(household), Day(date), "wage_income", wage}});
}

}  // namespace shouwang::ingest
