#include "tests/bench/load.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <semaphore>
#include <thread>

#include "shouwang/v1/catalogue.grpc.pb.h"
#include "shouwang/v1/risk.grpc.pb.h"
#include "shouwang/v1/series.grpc.pb.h"
#include "storage/vocabulary/date.h"
#include "tests/bench/timing.h"

namespace shouwang::bench {
namespace {

using Clock = std::chrono::steady_clock;

absl::Status Fail(const std::string& what, const grpc::Status& status) {
  return absl::UnavailableError(fmt::format(
      "{}: code {}: {}", what, static_cast<int>(status.error_code()), status.error_message()));
}

}  // namespace

// One Submit call, kept open over all chunks.
class LoadGenerator::Stream {
 public:
  Stream(v1::ReportService::Stub* stub, int window)
      : window_(window), call_(stub->Submit(&context_)) {}

  void Add(v1::Batch batch, int64_t values) {
    v1::SubmitRequest request;
    *request.mutable_batch() = std::move(batch);
    requests_.push_back(std::move(request));
    expected_.push_back(values);
  }
  bool empty() const { return requests_.empty(); }

  // Sends what was added and waits for every receipt.
  void Run() {
    std::jthread writer([this] {
      for (const v1::SubmitRequest& request : requests_) {
        window_.acquire();
        if (!call_->Write(request)) return;
      }
    });
    for (const int64_t values : expected_) {
      v1::SubmitResponse response;
      if (!call_->Read(&response)) {
        fault_ = "the stream ended before its receipts";
        context_.TryCancel();
        window_.release();
        break;
      }
      Check(response.receipt(), values);
      window_.release();
    }
    writer.join();
    requests_.clear();
    expected_.clear();
  }

  void Close() {
    call_->WritesDone();
    call_->Finish();
  }

  const std::string& fault() const { return fault_; }
  int64_t warnings_opened() const { return warnings_opened_; }

 private:
  void Check(const v1::Receipt& receipt, int64_t values) {
    warnings_opened_ += receipt.warnings_opened();
    if (receipt.has_error()) {
      fault_ = fmt::format("batch {}: {}", receipt.request_id(), receipt.error().message());
    } else if (receipt.accepted() != static_cast<uint64_t>(values)) {
      fault_ =
          fmt::format("batch {}: {} of {} values accepted, {} rejected{}", receipt.request_id(),
                      receipt.accepted(), values, receipt.rejected(),
                      receipt.rejections_size() == 0 ? "" : ": " + receipt.rejections(0).message());
    }
  }

  grpc::ClientContext context_;
  std::counting_semaphore<> window_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SubmitRequest, v1::SubmitResponse>> call_;
  std::vector<v1::SubmitRequest> requests_;
  std::vector<int64_t> expected_;
  std::string fault_;
  int64_t warnings_opened_ = 0;
};

LoadGenerator::LoadGenerator(std::shared_ptr<grpc::Channel> channel, LoadOptions options)
    : options_(options), stub_(v1::ReportService::NewStub(std::move(channel))) {
  for (int i = 0; i < options.streams; ++i) {
    streams_.push_back(std::make_unique<Stream>(stub_.get(), options.window));
  }
}

LoadGenerator::~LoadGenerator() {
  for (auto& stream : streams_) stream->Close();
}

absl::Status LoadGenerator::SendChunk(LoadResult* result) {
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (auto& stream : streams_) {
      if (!stream->empty()) threads.emplace_back([&stream] { stream->Run(); });
    }
  }
  result->elapsed += Clock::now() - start;
  for (const auto& stream : streams_) {
    if (!stream->fault().empty()) return absl::FailedPreconditionError(stream->fault());
  }
  return absl::OkStatus();
}

absl::StatusOr<LoadResult> LoadGenerator::Send(const Panel& panel) {
  LoadResult result;
  int64_t waiting = 0;
  for (int month = 0; month < panel.size().months; ++month) {
    for (int64_t village = 0; village < panel.villages(); ++village) {
      v1::Batch batch = panel.BatchOf(village, month);
      const int64_t values =
          int64_t{batch.sections(0).numbers_size()} * batch.sections(0).columns_size();
      // A township's batches keep their order on one stream.
      const size_t stream = static_cast<size_t>(village / kVillagesPerTownship) % streams_.size();
      streams_[stream]->Add(std::move(batch), values);
      result.values += values;
      ++result.batches;
      waiting += values;
      if (waiting < options_.chunk_values) continue;
      waiting = 0;
      if (absl::Status status = SendChunk(&result); !status.ok()) return status;
    }
  }
  if (absl::Status status = SendChunk(&result); !status.ok()) return status;
  for (const auto& stream : streams_) result.warnings_opened += stream->warnings_opened();
  return result;
}

absl::StatusOr<std::vector<v1::Indicator>> FetchCatalogue(
    const std::shared_ptr<grpc::Channel>& channel) {
  auto stub = v1::CatalogueService::NewStub(channel);
  grpc::ClientContext context;
  v1::ListIndicatorsResponse response;
  const grpc::Status status =
      stub->ListIndicators(&context, v1::ListIndicatorsRequest(), &response);
  if (!status.ok()) return Fail("ListIndicators", status);
  return std::vector<v1::Indicator>(response.indicators().begin(), response.indicators().end());
}

absl::StatusOr<std::vector<double>> TimeHistories(const std::shared_ptr<grpc::Channel>& channel,
                                                  const Panel& panel, int samples) {
  auto stub = v1::SeriesService::NewStub(channel);
  const int64_t expected = static_cast<int64_t>(panel.indicators().size()) * panel.size().months;
  v1::GetHistoryResponse response;
  return TimeHouseholds(
      panel, samples,
      [&](int64_t household) -> absl::Status {
        grpc::ClientContext context;
        v1::GetHistoryRequest request;
        request.add_subjects(SubjectOf(household));
        const grpc::Status status = stub->GetHistory(&context, request, &response);
        return status.ok() ? absl::OkStatus() : Fail("GetHistory " + SubjectOf(household), status);
      },
      [&](int64_t household) -> absl::Status {
        int64_t points = 0;
        for (const auto& history : response.histories()) {
          for (const auto& series : history.series()) points += series.points_size();
        }
        if (points == expected) return absl::OkStatus();
        return absl::FailedPreconditionError(fmt::format("history of {}: {} points, {} were sent",
                                                         SubjectOf(household), points, expected));
      });
}

absl::StatusOr<std::vector<double>> TimeExplanations(const std::shared_ptr<grpc::Channel>& channel,
                                                     const Panel& panel, int samples) {
  auto stub = v1::RiskService::NewStub(channel);
  return TimeHouseholds(
      panel, samples,
      [&](int64_t household) -> absl::Status {
        grpc::ClientContext context;
        v1::ExplainSubjectRequest request;
        request.set_subject(SubjectOf(household));
        v1::ExplainSubjectResponse response;
        const grpc::Status status = stub->ExplainSubject(&context, request, &response);
        return status.ok() ? absl::OkStatus()
                           : Fail("ExplainSubject " + SubjectOf(household), status);
      },
      [](int64_t /*household*/) { return absl::OkStatus(); });
}

absl::StatusOr<CountyMeans> TimeCountyMeans(const std::shared_ptr<grpc::Channel>& channel,
                                            const Panel& panel, int runs) {
  auto stub = v1::SeriesService::NewStub(channel);
  CountyMeans means;
  for (int run = 0; run < runs; ++run) {
    grpc::ClientContext context;
    v1::ListRollupsRequest request;
    request.set_view(v1::ROLLUP_VIEW_SETTLEMENT);
    request.set_group_digits(6);
    request.set_indicator(panel.indicators().at(0).name());
    request.set_from_month(Date::OfDays(ReportDay(0)).month().index());
    request.set_to_month(Date::OfDays(ReportDay(panel.size().months - 1)).month().index());
    v1::ListRollupsResponse response;
    const auto start = Clock::now();
    const grpc::Status status = stub->ListRollups(&context, request, &response);
    means.milliseconds.push_back(
        std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    if (!status.ok()) return Fail("ListRollups", status);
    means.sums.clear();
    for (const v1::Rollup& rollup : response.rollups()) {
      means.sums[rollup.place()].push_back(rollup.sum());
    }
  }
  std::sort(means.milliseconds.begin(), means.milliseconds.end());
  return means;
}

}  // namespace shouwang::bench
