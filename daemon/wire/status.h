// The one place where absl::Status becomes what the wire carries: a grpc::Status or a
// google.rpc.Status with BadRequest (fields at fault), RetryInfo (try again) and ErrorInfo details.
// Inside the daemon the details ride on the absl::Status as payloads under their type URL, so a
// status can be passed up without a proto type in any signature.
//
// Pure functions, any thread. What they return always fits the wire: valid UTF-8, at most 1,000
// bytes of message and 100 field violations; a grpc::Status drops the last violations where its
// trailer would pass gRPC's 8 KiB, and says so.
#pragma once

#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <optional>
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
// Back again, details included. A code that is not one of gRPC's becomes Unknown.
absl::Status FromProto(const google::rpc::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

// The RetryInfo delay that a status carries; nullopt where it carries none.
std::optional<int64_t> RetryMs(const absl::Status& status);

// For clients: the message and every detail on lines of its own.
std::string Describe(const google::rpc::Status& status);
std::string Describe(const grpc::Status& status);

}  // namespace shouwang::wire
