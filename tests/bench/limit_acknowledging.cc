#include <grpcpp/grpcpp.h>

#include "shouwang/v1/report.grpc.pb.h"
#include "tests/bench/limits.h"

namespace shouwang::bench {
namespace {

class Acknowledging : public v1::ReportService::Service {
 public:
  grpc::Status Submit(
      grpc::ServerContext* /*context*/,
      grpc::ServerReaderWriter<v1::SubmitResponse, v1::SubmitRequest>* stream) override {
    v1::SubmitRequest request;
    while (stream->Read(&request)) {
      v1::SubmitResponse response;
      v1::Receipt* receipt = response.add_receipts();
      receipt->set_request_id(request.batch().request_id());
      uint64_t values = 0;
      for (const v1::Section& section : request.batch().sections()) {
        for (const v1::Column& column : section.columns()) {
          values += static_cast<uint64_t>(column.values_size());
        }
      }
      receipt->set_accepted(values);
      if (!stream->Write(response)) break;
    }
    return grpc::Status::OK;
  }
};

}  // namespace

absl::StatusOr<LoadResult> MeasureAcknowledging(const Panel& panel, const LoadOptions& options) {
  Acknowledging service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return absl::UnavailableError("no gRPC server on 127.0.0.1");
  absl::StatusOr<LoadResult> result;
  {
    LoadGenerator generator("127.0.0.1:" + std::to_string(port), options);
    result = generator.Send(panel);
  }
  server->Shutdown();
  return result;
}

}  // namespace shouwang::bench
