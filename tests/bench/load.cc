#include "tests/bench/load.h"

#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "shouwang/v1/catalogue.grpc.pb.h"
#include "shouwang/v1/risk.grpc.pb.h"
#include "shouwang/v1/series.grpc.pb.h"
#include "storage/vocabulary/date.h"
#include "storage/vocabulary/decimal.h"
#include "tests/bench/timing.h"

namespace shouwang::bench {
namespace {

// Room for most answers, kept from call to call.
constexpr size_t kAnswerBytes = size_t{256} << 10;

using Clock = std::chrono::steady_clock;
using SubmitReactor = grpc::ClientBidiReactor<v1::SubmitRequest, v1::SubmitResponse>;

absl::Status Fail(const std::string& what, const grpc::Status& status) {
  return absl::UnavailableError(fmt::format(
      "{}: code {}: {}", what, static_cast<int>(status.error_code()), status.error_message()));
}

}  // namespace

// One Submit call over a connection of its own, kept open over all chunks. Its reactions are called
// by gRPC's threads, which all streams share.
class LoadGenerator::Stream final : public SubmitReactor {
 public:
  Stream(const std::string& target, int window)
      : window_(static_cast<size_t>(window)),
        stub_(v1::ReportService::NewStub(OwnConnection(target))) {
    stub_->async()->Submit(&context_, this);
    AddHold();  // between two runs nothing is under way
    StartCall();
  }

  void Add(const v1::Batch& batch, int64_t values) {
    auto* request = google::protobuf::Arena::CreateMessage<v1::SubmitRequest>(&arena_);
    *request->mutable_batch() = batch;
    requests_.push_back(request);
    expected_.push_back(values);
  }

  // Sends what was added.
  void Begin() {
    Advance([this] {
      mutex_.AssertHeld();
      sent_ = 0;
      receipted_ = 0;
      burst_end_ = 0;
      done_ = requests_.empty();
    });
  }

  // Until every receipt has come, or none will.
  void Await() {
    absl::MutexLock lock(&mutex_);
    const auto quiet = [this] {
      mutex_.AssertHeld();
      return done_ && !writing_;
    };
    mutex_.Await(absl::Condition(&quiet));
  }

  // Lets go of what was sent: not part of sending it.
  void Clear() {
    requests_.clear();
    expected_.clear();
    arena_.Reset();
  }

  // Ends the call, and returns once gRPC is done with it. To be called once, before destruction.
  void Close() {
    StartWritesDone();
    RemoveHold();
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&over_));
  }

  std::string fault() const {
    absl::MutexLock lock(&mutex_);
    return fault_;
  }
  int64_t warnings_opened() const {
    absl::MutexLock lock(&mutex_);
    return warnings_opened_;
  }

 private:
  void OnWriteDone(bool ok) override {
    if (!ok) context_.TryCancel();  // the read under way ends, too
    Advance([this, ok] {
      mutex_.AssertHeld();
      writing_ = false;
      if (!ok) sent_ = requests_.size();
    });
  }

  void OnReadDone(bool ok) override {
    if (!ok) context_.TryCancel();
    Advance([this, ok] {
      mutex_.AssertHeld();
      reading_ = false;
      if (ok) {
        TakeReceipts();
      } else {
        Note("the stream ended before its receipts");
        done_ = true;
      }
    });
  }

  void OnDone(const grpc::Status& /*status*/) override {
    absl::MutexLock lock(&mutex_);
    over_ = true;
  }

  void TakeReceipts() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const v1::Receipt& receipt : response_.receipts()) {
      if (receipted_ == requests_.size()) {
        Note("more receipts came than batches were sent");
        break;
      }
      warnings_opened_ += receipt.warnings_opened();
      Note(FaultOf(receipt, expected_[receipted_++]));
    }
    done_ = receipted_ == requests_.size();
  }

  // Keeps the first that there is.
  void Note(std::string fault) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (fault_.empty()) fault_ = std::move(fault);
  }

  // Makes `change`, then starts what can be started, without the lock: gRPC may react at once.
  template <typename Change>
  void Advance(Change change) ABSL_LOCKS_EXCLUDED(mutex_) {
    const v1::SubmitRequest* write = nullptr;
    grpc::WriteOptions options;
    bool read = false;
    {
      absl::MutexLock lock(&mutex_);
      change();
      if (!done_ && !writing_ && HasRoom()) {
        writing_ = true;
        write = requests_[sent_++];
        if (sent_ < burst_end_) options.set_buffer_hint();
      }
      read = !done_ && !reading_;
      reading_ = reading_ || read;
    }
    if (write != nullptr) StartWrite(write, options);
    if (read) StartRead(&response_);
  }

  // For one request more: for as many at a time as there is room for, handed to the transport
  // together. Room is waited for until half of the window is free, so that a receipt does not make
  // a packet of one batch.
  bool HasRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (sent_ == requests_.size()) return false;
    if (sent_ < burst_end_) return true;
    if (sent_ > receipted_ + window_ / 2) return false;
    burst_end_ = std::min(receipted_ + window_, requests_.size());
    return true;
  }

  // Channels of equal arguments to one target share a connection; a number of its own tells them
  // apart.
  static std::shared_ptr<grpc::Channel> OwnConnection(const std::string& target) {
    static std::atomic<int> number = 0;
    grpc::ChannelArguments arguments;
    arguments.SetInt("shouwang.bench.stream", ++number);
    return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  }

  const size_t window_;
  grpc::ClientContext context_;
  const std::unique_ptr<v1::ReportService::Stub> stub_;
  google::protobuf::Arena arena_;
  // Changed between runs only.
  std::vector<v1::SubmitRequest*> requests_;
  std::vector<int64_t> expected_;

  v1::SubmitResponse response_;  // belongs to the read under way

  mutable absl::Mutex mutex_;
  std::string fault_ ABSL_GUARDED_BY(mutex_);
  int64_t warnings_opened_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t sent_ ABSL_GUARDED_BY(mutex_) = 0;       // of the requests of this run
  size_t receipted_ ABSL_GUARDED_BY(mutex_) = 0;  // of them
  size_t burst_end_ ABSL_GUARDED_BY(mutex_) = 0;  // up to which there was room
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = true;   // no more receipts come in this run
  bool over_ ABSL_GUARDED_BY(mutex_) = false;  // the call is
};

std::string FaultOf(const v1::Receipt& receipt, int64_t values) {
  if (receipt.has_error()) {
    return fmt::format("batch {}: {}", receipt.request_id(), receipt.error().message());
  }
  if (receipt.accepted() == static_cast<uint64_t>(values)) return {};
  return fmt::format("batch {}: {} of {} values accepted, {} rejected{}", receipt.request_id(),
                     receipt.accepted(), values, receipt.rejected(),
                     receipt.rejections_size() == 0 ? "" : ": " + receipt.rejections(0).message());
}

LoadGenerator::LoadGenerator(const std::string& target, LoadOptions options) : options_(options) {
  for (int i = 0; i < options.streams; ++i) {
    streams_.push_back(std::make_unique<Stream>(target, options.window));
  }
}

LoadGenerator::~LoadGenerator() {
  for (auto& stream : streams_) stream->Close();
}

absl::Status LoadGenerator::SendChunk(LoadResult* result) {
  waiting_values_ = 0;
  const auto start = Clock::now();
  for (auto& stream : streams_) stream->Begin();
  for (auto& stream : streams_) stream->Await();
  result->elapsed += Clock::now() - start;
  for (const auto& stream : streams_) stream->Clear();
  for (const auto& stream : streams_) {
    const std::string fault = stream->fault();
    if (!fault.empty()) return absl::FailedPreconditionError(fault);
  }
  return absl::OkStatus();
}

absl::Status LoadGenerator::Add(int64_t village, const v1::Batch& batch, LoadResult* result) {
  const int64_t values =
      int64_t{batch.sections(0).numbers_size()} * batch.sections(0).columns_size();
  // A township's batches keep their order on one stream; single reports need none among each other.
  const int64_t unit = options_.one_by_one ? village : village / kVillagesPerTownship;
  streams_[static_cast<size_t>(unit) % streams_.size()]->Add(batch, values);
  result->values += values;
  ++result->batches;
  waiting_values_ += values;
  return waiting_values_ < options_.chunk_values ? absl::OkStatus() : SendChunk(result);
}

absl::StatusOr<LoadResult> LoadGenerator::Send(const Panel& panel) {
  LoadResult result;
  const int64_t households = panel.size().households;
  for (int month = 0; month < panel.size().months; ++month) {
    for (int64_t in_village = 0; in_village < kHouseholdsPerVillage; ++in_village) {
      for (int64_t village = 0; village < panel.villages(); ++village) {
        const int64_t household = village * kHouseholdsPerVillage + in_village;
        if (household >= households) break;
        if (!options_.one_by_one && in_village > 0) break;
        absl::Status status = Add(
            village,
            options_.one_by_one ? panel.ReportOf(household, month) : panel.BatchOf(village, month),
            &result);
        if (!status.ok()) return status;
      }
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

absl::StatusOr<std::vector<double>> TimeExplanations(
    const std::shared_ptr<grpc::Channel>& channel, const Panel& panel, int samples,
    const std::function<std::string(int64_t)>& subject_of) {
  auto stub = v1::RiskService::NewStub(channel);
  std::vector<char> first_block(kAnswerBytes);
  google::protobuf::Arena arena(first_block.data(), first_block.size());
  return TimeHouseholds(
      panel, samples,
      [&](int64_t household) -> absl::Status {
        grpc::ClientContext context;
        v1::ExplainSubjectRequest request;
        request.set_subject(subject_of(household));
        auto* response = google::protobuf::Arena::CreateMessage<v1::ExplainSubjectResponse>(&arena);
        const grpc::Status status = stub->ExplainSubject(&context, request, response);
        return status.ok() ? absl::OkStatus() : Fail("ExplainSubject " + request.subject(), status);
      },
      [&arena](int64_t /*household*/) {
        arena.Reset();
        return absl::OkStatus();
      });
}

absl::StatusOr<RollupTimes> TimeRollups(const std::shared_ptr<grpc::Channel>& channel,
                                        const v1::ListRollupsRequest& request, int runs) {
  auto stub = v1::SeriesService::NewStub(channel);
  RollupTimes times;
  for (int run = 0; run < runs; ++run) {
    grpc::ClientContext context;
    const auto start = Clock::now();
    const grpc::Status status = stub->ListRollups(&context, request, &times.answer);
    times.milliseconds.push_back(
        std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    if (!status.ok()) return Fail("ListRollups", status);
  }
  std::sort(times.milliseconds.begin(), times.milliseconds.end());
  return times;
}

v1::ListRollupsRequest CountyMeans(const Panel& panel) {
  v1::ListRollupsRequest request;
  request.set_view(v1::ROLLUP_VIEW_SETTLEMENT);
  request.set_group_digits(6);
  request.set_indicator(panel.indicators().at(0).name());
  request.set_from_month(Date::OfDays(ReportDay(0)).month().index());
  request.set_to_month(Date::OfDays(ReportDay(panel.size().months - 1)).month().index());
  return request;
}

v1::ListRollupsRequest CountyShares(const Panel& panel) {
  v1::ListRollupsRequest request = CountyMeans(panel);
  request.set_from_month(request.to_month());
  request.set_with_spread(true);
  request.set_below(
      FormatDecimal(ShareLine(panel), static_cast<int>(panel.indicators().at(0).decimals())));
  return request;
}

}  // namespace shouwang::bench
