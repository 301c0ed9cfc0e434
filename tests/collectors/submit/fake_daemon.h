// A daemon for tests of its clients: a real gRPC server on a port of the kernel's choice, whose
// answers the test scripts. It stores nothing and checks nothing.
#pragma once

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <shouwang/v1/catalogue.grpc.pb.h>
#include <shouwang/v1/report.grpc.pb.h>

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace shouwang {

class FakeDaemon {
 public:
  // What becomes of a batch. `ordinal` counts the batches received, from 0.
  struct Answer {
    v1::Receipt receipt;
    // The receipt waits for the next one, to leave with it.
    bool with_next = false;
    // Ends the stream with this instead of a receipt.
    grpc::Status end = grpc::Status::OK;
    // Ends it without either: what a daemon that goes down does.
    bool hang_up = false;
  };
  using Script = std::function<Answer(size_t ordinal, const v1::Batch&)>;

  explicit FakeDaemon(Script script = Accepting()) : reports_(std::move(script)), catalogue_() {
    Start("127.0.0.1:0");
  }
  ~FakeDaemon() { Stop(); }

  void Stop() {
    if (server_) server_->Shutdown(std::chrono::system_clock::now());
    server_.reset();
  }
  // Again on the same port.
  void Restart() { Start(address()); }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  // In the order received, re-sends included.
  std::vector<v1::Batch> batches() const {
    const std::lock_guard lock(reports_.mutex);
    return reports_.batches;
  }
  v1::Indicator* AddIndicator(const std::string& name, uint32_t decimals) {
    v1::Indicator* indicator = catalogue_.response.add_indicators();
    indicator->set_id(static_cast<uint32_t>(catalogue_.response.indicators_size()));
    indicator->set_name(name);
    indicator->set_decimals(decimals);
    indicator->set_max(1'000'000'000);
    indicator->set_cadence(v1::CADENCE_MONTHLY);
    indicator->set_applies_to(v1::SUBJECT_KIND_HOUSEHOLD);
    indicator->set_supplied_by(v1::SOURCE_CADRE_VISIT);
    return indicator;
  }

  // Takes in every value; a batch seen before is answered as repeated.
  static Script Accepting() {
    return [seen = std::make_shared<std::set<std::string>>()](size_t, const v1::Batch& batch) {
      Answer answer;
      answer.receipt = Accepted(batch);
      answer.receipt.set_repeated(!seen->insert(batch.request_id()).second);
      return answer;
    };
  }
  static v1::Receipt Accepted(const v1::Batch& batch) {
    v1::Receipt receipt;
    receipt.set_request_id(batch.request_id());
    uint64_t values = 0;
    for (const v1::Section& section : batch.sections()) {
      for (const v1::Column& column : section.columns()) {
        values += static_cast<uint64_t>(column.values_size());
      }
    }
    receipt.set_accepted(values);
    return receipt;
  }

 private:
  struct Reports final : v1::ReportService::Service {
    explicit Reports(Script s) : script(std::move(s)) {}
    grpc::Status Submit(
        grpc::ServerContext*,
        grpc::ServerReaderWriter<v1::SubmitResponse, v1::SubmitRequest>* stream) override {
      v1::SubmitRequest request;
      v1::SubmitResponse response;
      while (stream->Read(&request)) {
        Answer answer;
        {
          const std::lock_guard lock(mutex);
          answer = script(batches.size(), request.batch());
          batches.push_back(request.batch());
        }
        if (!answer.end.ok()) return answer.end;
        if (answer.hang_up) return grpc::Status::OK;
        *response.add_receipts() = answer.receipt;
        if (answer.with_next) continue;
        if (!stream->Write(response)) break;
        response.Clear();
      }
      return grpc::Status::OK;
    }
    const Script script;
    mutable std::mutex mutex;
    std::vector<v1::Batch> batches;
  };
  struct CatalogueFake final : v1::CatalogueService::Service {
    grpc::Status ListIndicators(grpc::ServerContext*, const v1::ListIndicatorsRequest*,
                                v1::ListIndicatorsResponse* out) override {
      *out = response;
      return grpc::Status::OK;
    }
    v1::ListIndicatorsResponse response;
  };

  void Start(const std::string& address) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&reports_);
    builder.RegisterService(&catalogue_);
    server_ = builder.BuildAndStart();
  }

  Reports reports_;
  CatalogueFake catalogue_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace shouwang
