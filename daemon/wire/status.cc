#include "daemon/wire/status.h"

#include <fmt/format.h>
#include <google/protobuf/any.pb.h>
#include <google/rpc/error_details.pb.h>

#include <algorithm>

#include "absl/strings/cord.h"
#include "daemon/wire/text.h"

namespace shouwang::wire {
namespace {

constexpr size_t kMaxViolations = 100;
// gRPC refuses trailers over 8 KiB; the details travel there in base64, and the message beside
// them percent-encoded, three bytes for each that is not ASCII.
constexpr size_t kMaxTrailerDetailBytes = 3 << 10;
constexpr size_t kMaxTrailerMessageBytes = 600;
constexpr std::string_view kTypeUrlPrefix = "type.googleapis.com/";

template <typename Detail>
std::string TypeUrl() {
  return std::string(kTypeUrlPrefix) + Detail::descriptor()->full_name();
}

template <typename Detail>
void Attach(const Detail& detail, absl::Status* status) {
  status->SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

template <typename Detail>
std::optional<Detail> Detached(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload.has_value() || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

// The numbers of absl's codes, gRPC's and google.rpc's are the same by definition.
absl::StatusCode CodeOf(int number) {
  return number >= 0 && number <= 16 ? static_cast<absl::StatusCode>(number)
                                     : absl::StatusCode::kUnknown;
}

// Keeps the first `keep` violations; that some were left out is told, never silent.
void Shorten(google::rpc::BadRequest* detail, int keep) {
  const int left_out = detail->field_violations_size() - keep;
  detail->mutable_field_violations()->DeleteSubrange(keep, left_out);
  detail->add_field_violations()->set_description("and more, which this answer can't hold");
}

// Cuts BadRequest details, halving, until `status` fits a trailer; drops details that still don't.
void FitTrailer(google::rpc::Status* status) {
  while (status->ByteSizeLong() > kMaxTrailerDetailBytes) {
    bool shortened = false;
    for (google::protobuf::Any& any : *status->mutable_details()) {
      google::rpc::BadRequest detail;
      if (!any.Is<google::rpc::BadRequest>() || !any.UnpackTo(&detail)) continue;
      if (detail.field_violations_size() < 3) continue;
      Shorten(&detail, detail.field_violations_size() / 2);
      any.PackFrom(detail);
      shortened = true;
    }
    if (!shortened) {
      status->clear_details();
      return;
    }
  }
}

std::string DescribeDetail(const google::protobuf::Any& any) {
  google::rpc::BadRequest bad_request;
  google::rpc::RetryInfo retry;
  google::rpc::ErrorInfo info;
  std::string text;
  if (any.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      text += fmt::format("\n  {}{}{}", violation.field(), violation.field().empty() ? "" : ": ",
                          violation.description());
    }
  } else if (any.UnpackTo(&retry)) {
    text = fmt::format("\n  try again in {:.1f} s",
                       static_cast<double>(retry.retry_delay().seconds()) +
                           static_cast<double>(retry.retry_delay().nanos()) / 1e9);
  } else if (any.UnpackTo(&info)) {
    text = fmt::format("\n  reason: {}", info.reason());
  } else {
    text = fmt::format("\n  (a detail of type {})", any.type_url());
  }
  return text;
}

}  // namespace

absl::Status BadRequest(std::string_view message, const std::vector<FieldViolation>& violations) {
  google::rpc::BadRequest detail;
  for (const FieldViolation& violation : violations) {
    auto* field = detail.add_field_violations();
    field->set_field(CleanText(violation.field));
    field->set_description(CleanText(violation.description));
    if (detail.field_violations_size() > static_cast<int>(kMaxViolations)) break;
  }
  if (violations.size() > kMaxViolations) {
    detail.mutable_field_violations()->RemoveLast();
    detail.add_field_violations()->set_description(
        fmt::format("and {} more", violations.size() - kMaxViolations));
  }
  absl::Status status = absl::InvalidArgumentError(std::string(message));
  Attach(detail, &status);
  return status;
}

absl::Status TryAgain(std::string_view message, int retry_ms) {
  google::rpc::RetryInfo detail;
  const int bounded_ms = std::max(retry_ms, 0);
  detail.mutable_retry_delay()->set_seconds(bounded_ms / 1000);
  detail.mutable_retry_delay()->set_nanos(bounded_ms % 1000 * 1'000'000);
  absl::Status status = absl::ResourceExhaustedError(std::string(message));
  Attach(detail, &status);
  return status;
}

google::rpc::Status ToProto(const absl::Status& status) {
  google::rpc::Status proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(CleanText(std::string(status.message())));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    google::protobuf::Any* any = proto.add_details();
    any->set_type_url(std::string(type_url));
    any->set_value(std::string(payload));
  });
  // absl gives payloads in no fixed order; the wire has one.
  std::sort(proto.mutable_details()->begin(), proto.mutable_details()->end(),
            [](const auto& a, const auto& b) { return a.type_url() < b.type_url(); });
  return proto;
}

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status proto = ToProto(status);
  proto.set_message(CleanText(proto.message(), kMaxTrailerMessageBytes));
  FitTrailer(&proto);
  return grpc::Status(static_cast<grpc::StatusCode>(proto.code()), proto.message(),
                      proto.SerializeAsString());
}

absl::Status FromProto(const google::rpc::Status& proto) {
  absl::Status status(CodeOf(proto.code()), proto.message());
  for (const google::protobuf::Any& any : proto.details()) {
    status.SetPayload(any.type_url(), absl::Cord(any.value()));
  }
  return status;
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  google::rpc::Status proto;
  if (!proto.ParseFromString(status.error_details())) proto.Clear();
  // The trailer's own code and message stand: a proxy may have changed them, and some peers send
  // no details.
  proto.set_code(status.error_code());
  proto.set_message(status.error_message());
  return FromProto(proto);
}

std::optional<int64_t> RetryMs(const absl::Status& status) {
  const auto retry = Detached<google::rpc::RetryInfo>(status);
  if (!retry) return std::nullopt;
  constexpr int64_t kLongestSeconds = int64_t{24} * 3600;
  const int64_t seconds = std::clamp<int64_t>(retry->retry_delay().seconds(), 0, kLongestSeconds);
  return seconds * 1000 + std::max(retry->retry_delay().nanos(), 0) / 1'000'000;
}

std::string Describe(const google::rpc::Status& status) {
  std::string text =
      fmt::format("{}: {}", absl::StatusCodeToString(CodeOf(status.code())), status.message());
  for (const google::protobuf::Any& any : status.details()) text += DescribeDetail(any);
  return text;
}

std::string Describe(const grpc::Status& status) { return Describe(ToProto(FromGrpc(status))); }

}  // namespace shouwang::wire
