#include "daemon/wire/status.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shouwang::wire {
namespace {

using ::testing::HasSubstr;

google::rpc::BadRequest BadRequestOf(const google::rpc::Status& status) {
  google::rpc::BadRequest detail;
  EXPECT_EQ(status.details_size(), 1);
  if (status.details_size() == 1) {
    EXPECT_EQ(status.details(0).type_url(), "type.googleapis.com/google.rpc.BadRequest");
    EXPECT_TRUE(status.details(0).UnpackTo(&detail));
  }
  return detail;
}

TEST(StatusTest, NamesTheFieldsAtFault) {
  const absl::Status status =
      BadRequest("the batch is refused", {{"township", "'52' has 2 digits"}, {"source", "unset"}});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const google::rpc::Status proto = ToProto(status);
  EXPECT_EQ(proto.code(), 3);
  EXPECT_EQ(proto.message(), "the batch is refused");
  const google::rpc::BadRequest detail = BadRequestOf(proto);
  ASSERT_EQ(detail.field_violations_size(), 2);
  EXPECT_EQ(detail.field_violations(0).field(), "township");
  EXPECT_EQ(detail.field_violations(0).description(), "'52' has 2 digits");
  EXPECT_EQ(detail.field_violations(1).field(), "source");
}

TEST(StatusTest, TellsWhenToTryAgain) {
  const absl::Status status = TryAgain("the queue of shard 1 is full (64 batches)", 1500);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryMs(status), 1500);
  EXPECT_EQ(RetryMs(FromGrpc(ToGrpc(status))), 1500);
  EXPECT_EQ(RetryMs(absl::UnavailableError("the disk is full")), std::nullopt);
}

TEST(StatusTest, CarriesCodeMessageAndDetailsThroughGrpcAndBack) {
  const grpc::Status grpc = ToGrpc(BadRequest("refused", {{"township", "unknown"}}));
  EXPECT_EQ(grpc.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(grpc.error_message(), "refused");
  google::rpc::Status proto;
  ASSERT_TRUE(proto.ParseFromString(grpc.error_details()));
  EXPECT_EQ(proto.code(), 3);
  EXPECT_EQ(proto.message(), "refused");
  EXPECT_EQ(BadRequestOf(ToProto(FromGrpc(grpc))).field_violations(0).field(), "township");
}

TEST(StatusTest, MapsEveryCodeToTheSameOneOfGrpc) {
  EXPECT_EQ(ToGrpc(absl::NotFoundError("x")).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ToGrpc(absl::OutOfRangeError("x")).error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(ToGrpc(absl::PermissionDeniedError("x")).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ToGrpc(absl::DataLossError("x")).error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_EQ(ToGrpc(absl::UnavailableError("x")).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok());
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
  google::rpc::Status odd;
  odd.set_code(99);
  EXPECT_EQ(FromProto(odd).code(), absl::StatusCode::kUnknown);
}

TEST(StatusTest, KeepsTheGrpcCodeWhereThePeerSendsDetailsThatAreNone) {
  const absl::Status status =
      FromGrpc(grpc::Status(grpc::StatusCode::UNAVAILABLE, "connection reset", "\x01garbage"));
  EXPECT_EQ(status, absl::UnavailableError("connection reset"));
}

TEST(StatusTest, SendsOnlyValidUtf8) {
  // A message that quotes a value cut inside a character would make the peer refuse the answer.
  const absl::Status status = BadRequest("division '\xE5\x86' is no code", {{"a\xFF", "b\xFE"}});
  const google::rpc::Status proto = ToProto(status);
  EXPECT_EQ(proto.message(), "division '?\?' is no code");
  EXPECT_EQ(BadRequestOf(proto).field_violations(0).field(), "a?");
  google::rpc::Status parsed;
  EXPECT_TRUE(parsed.ParseFromString(proto.SerializeAsString()));
}

TEST(StatusTest, StaysBelowTheBoundsAndSaysWhatWasLeftOut) {
  std::vector<FieldViolation> violations;
  violations.reserve(5000);
  for (int i = 0; i < 5000; ++i) {
    violations.push_back({"sections[0].numbers[" + std::to_string(i) + "]", "must be 1 and up"});
  }
  const absl::Status status = BadRequest(std::string(20'000, 'x'), violations);
  const google::rpc::Status proto = ToProto(status);
  EXPECT_EQ(proto.message().size(), 1000u);
  const google::rpc::BadRequest all = BadRequestOf(proto);
  ASSERT_EQ(all.field_violations_size(), 101);
  EXPECT_EQ(all.field_violations(100).description(), "and 4900 more");

  const grpc::Status grpc = ToGrpc(status);
  EXPECT_LE(grpc.error_details().size(), 3072u);
  google::rpc::Status fitted;
  ASSERT_TRUE(fitted.ParseFromString(grpc.error_details()));
  const google::rpc::BadRequest some = BadRequestOf(fitted);
  EXPECT_GT(some.field_violations_size(), 20);
  EXPECT_THAT(some.field_violations(some.field_violations_size() - 1).description(),
              HasSubstr("and more"));
}

TEST(StatusTest, DescribesEveryDetailOnItsOwnLine) {
  EXPECT_EQ(Describe(ToGrpc(BadRequest("the batch is refused", {{"township", "has 2 digits"}}))),
            "INVALID_ARGUMENT: the batch is refused\n  township: has 2 digits");
  EXPECT_EQ(Describe(ToProto(TryAgain("the queue is full", 250))),
            "RESOURCE_EXHAUSTED: the queue is full\n  try again in 0.2 s");
  EXPECT_EQ(Describe(ToGrpc(absl::NotFoundError("no such subject"))), "NOT_FOUND: no such subject");
}

}  // namespace
}  // namespace shouwang::wire
