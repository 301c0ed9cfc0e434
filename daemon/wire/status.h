// The one place where absl::Status becomes what the wire carries: a grpc::Status or a
// google.rpc.Status with BadRequest (fields at fault), RetryInfo (try again) and ErrorInfo details.
#pragma once

#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace shouwang::wire {

struct FieldViolation {
  std::string field;  // a path into the request: "sections[2].place"
  std::string description;
};

// An InvalidArgument that names the fields; ToProto and ToGrpc turn them into BadRequest details.
absl::Status BadRequest(std::string_view message, const std::vector<FieldViolation>& violations);
// A ResourceExhausted that tells the caller when to come back (RetryInfo).
absl::Status TryAgain(std::string_view message, int retry_ms);

google::rpc::Status ToProto(const absl::Status& status);
grpc::Status ToGrpc(const absl::Status& status);
// For clients: the message and every detail on lines of its own.
std::string Describe(const google::rpc::Status& status);
std::string Describe(const grpc::Status& status);

}  // namespace shouwang::wire
