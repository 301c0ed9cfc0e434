// The Submit service: a reactor for each stream that reads batches, checks them, hands them to
// their shard and writes the receipts in the order of the batches.
//
// Threads: gRPC's and the shards'; no reaction blocks. A stream is not read from while
// IngestBounds::stream_batches of its batches wait for receipts or their shard is full, which the
// caller feels as flow control. A stream that breaks or is cancelled lets go of its receipts; what
// had been handed over is committed all the same. Messages are taken as bytes and parsed here: gRPC
// would pass over one that is no SubmitRequest as if the stream had ended well.
//
// The server must be shut down before the shards are stopped, or its streams end with errors.
#pragma once

#include <shouwang/v1/report.grpc.pb.h>

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "daemon/ingest/shard.h"

namespace shouwang::ingest {

class ReportService final
    : public v1::ReportService::WithRawCallbackMethod_Submit<v1::ReportService::Service> {
 public:
  // `surroundings` and `shards` outlive the service.
  ReportService(const Shard::Surroundings& surroundings,
                std::span<const std::unique_ptr<Shard>> shards)
      : surroundings_(surroundings), shards_(shards) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Submit(
      grpc::CallbackServerContext* context) override;

 private:
  const Shard::Surroundings surroundings_;
  const std::span<const std::unique_ptr<Shard>> shards_;
};

}  // namespace shouwang::ingest
