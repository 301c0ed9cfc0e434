// What becomes of bytes that are no SubmitRequest, sent over a real gRPC stream.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <string>

#include "daemon/ingest/ingest.h"
#include "storage/memory/memory_store.h"
#include "tests/daemon/ingest/fixture.h"

namespace shouwang::ingest {
namespace {

grpc::ByteBuffer Bytes(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer RequestBytes(const v1::Batch& batch) {
  v1::SubmitRequest request;
  *request.mutable_batch() = batch;
  return Bytes(request.SerializeAsString());
}

// A stream on which anything can be sent.
class RawStream {
 public:
  RawStream(const std::shared_ptr<grpc::Channel>& channel, const std::string& method)
      : stub_(channel), stream_(stub_.PrepareCall(&context_, method, &queue_)) {
    stream_->StartCall(this);
    Await();
  }
  ~RawStream() {
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }
  bool Send(const grpc::ByteBuffer& message) {
    stream_->Write(message, this);
    return Await();
  }
  bool Receive(grpc::ByteBuffer* message) {
    stream_->Read(message, this);
    return Await();
  }
  grpc::Status Finish() {
    grpc::Status status;
    stream_->Finish(&status, this);
    Await();
    return status;
  }

 private:
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
};

class WrongProtoTest : public testing::Test {
 protected:
  WrongProtoTest() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(ingest_.service());
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                   grpc::InsecureChannelCredentials());
  }
  ~WrongProtoTest() override {
    server_->Shutdown(std::chrono::system_clock::now());
    ingest_.Stop();
  }

  MemoryStore store_;
  CurrentRulebook rulebook_{MakeRulebook()};
  prometheus::Registry registry_;
  Ingest ingest_{store_,         rulebook_, [] { return At("2026-07-01"); },
                 IngestBounds{}, registry_, nullptr};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(WrongProtoTest, EndsTheStreamSayingSoAndKeepsWhatCameBefore) {
  RawStream stream(channel_, "/shouwang.v1.ReportService/Submit");
  ASSERT_TRUE(stream.Send(
      RequestBytes(MakeBatch("r1", {{Household(1), Day("2026-05-31"), "wage_income", 50000}}))));
  ASSERT_TRUE(stream.Send(Bytes("\xff\xff\xffnot a message")));
  grpc::ByteBuffer answer;
  EXPECT_TRUE(stream.Receive(&answer));
  EXPECT_FALSE(stream.Receive(&answer));
  const grpc::Status status = stream.Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "a message of 16 bytes is not a shouwang.v1.SubmitRequest; what was receipted before "
            "it is stored, nothing after it");
  EXPECT_TRUE(store_.FindReceipt("r1")->has_value());
}

TEST_F(WrongProtoTest, AnotherMessageThatHappensToParseIsRefusedAsABatch) {
  RawStream stream(channel_, "/shouwang.v1.ReportService/Submit");
  v1::Residence other;
  other.set_origin("520502001");
  ASSERT_TRUE(stream.Send(Bytes(other.SerializeAsString())));
  grpc::ByteBuffer answer;
  ASSERT_TRUE(stream.Receive(&answer));
  v1::SubmitResponse response;
  ASSERT_TRUE(grpc::SerializationTraits<v1::SubmitResponse>::Deserialize(&answer, &response).ok());
  ASSERT_EQ(response.receipts_size(), 1);
  EXPECT_TRUE(response.receipts(0).has_error());
}

TEST_F(WrongProtoTest, AMethodThatDoesNotExistIsUnimplemented) {
  RawStream stream(channel_, "/shouwang.v1.ReportService/Overwrite");
  EXPECT_EQ(stream.Finish().error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

}  // namespace
}  // namespace shouwang::ingest
