#include "tests/bench/growth.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <deque>
#include <semaphore>
#include <thread>
#include <vector>

#include "shouwang/v1/report.grpc.pb.h"
#include "tests/bench/load.h"
#include "tests/bench/villages.h"

namespace shouwang::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr absl::Duration kProgressEvery = absl::Seconds(1);

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double ProcessorSecondsOfThisThread() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

// One Submit call. One thread writes what its queue gives, one reads receipts.
class GrowthStream {
 public:
  GrowthStream(v1::ReportService::Stub* stub, const GrowthOptions& options)
      : queue_(static_cast<size_t>(options.ahead)),
        window_(options.window),
        call_(stub->Submit(&context_)) {}

  BatchQueue& queue() { return queue_; }

  void Write() {
    while (std::optional<BatchQueue::Item> item = queue_.Pop()) {
      window_.acquire();
      {
        absl::MutexLock lock(&mutex_);
        sent_.push_back(item->values);
      }
      if (!call_->Write(item->request)) break;
    }
    call_->WritesDone();
  }

  // Until the daemon ends the call, or the first receipt with a fault.
  void Read(std::atomic<int64_t>* receipted) {
    v1::SubmitResponse response;
    while (fault_.empty() && call_->Read(&response)) {
      for (const v1::Receipt& receipt : response.receipts()) {
        const int64_t values = NextSent();
        if (fault_.empty()) fault_ = FaultOf(receipt, values);
        warnings_opened_ += receipt.warnings_opened();
        *receipted += values;
        window_.release();
      }
    }
    if (!fault_.empty()) context_.TryCancel();
    queue_.Close();
    // A writer that waits for its window finds the call gone.
    window_.release();
  }

  // After both threads have ended.
  void Finish() {
    const grpc::Status status = call_->Finish();
    absl::MutexLock lock(&mutex_);
    if (fault_.empty() && (!status.ok() || !sent_.empty())) {
      fault_ =
          fmt::format("a stream ended with code {}, {} batches without a receipt: {}",
                      static_cast<int>(status.error_code()), sent_.size(), status.error_message());
    }
  }

  const std::string& fault() const { return fault_; }
  int64_t warnings_opened() const { return warnings_opened_; }

 private:
  int64_t NextSent() {
    absl::MutexLock lock(&mutex_);
    const int64_t values = sent_.empty() ? 0 : sent_.front();
    if (!sent_.empty()) sent_.pop_front();
    return values;
  }

  BatchQueue queue_;
  grpc::ClientContext context_;
  std::counting_semaphore<> window_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::SubmitRequest, v1::SubmitResponse>> call_;
  std::string fault_;  // of the reading thread until Finish
  int64_t warnings_opened_ = 0;
  absl::Mutex mutex_;
  std::deque<int64_t> sent_ ABSL_GUARDED_BY(mutex_);  // values of batches without a receipt
};

using Streams = std::vector<std::unique_ptr<GrowthStream>>;

// Stops early where a stream has closed its queue.
void MakeBatches(const BatchSource& next, const Streams& streams, GrowthResult* result) {
  const double before = ProcessorSecondsOfThisThread();
  BatchQueue::Item item;
  while (next(&item)) {
    const int64_t values = item.values;
    // A township's batches keep their order on one stream.
    const size_t stream =
        std::hash<std::string>()(item.request.batch().township()) % streams.size();
    if (!streams[stream]->queue().Push(std::move(item))) break;
    result->values += values;
    ++result->batches;
    item = BatchQueue::Item();
  }
  result->maker_seconds = ProcessorSecondsOfThisThread() - before;
}

}  // namespace

BatchSource MonthByMonth(const Panel& panel, std::span<const std::string> villages,
                         int64_t first_household, int households_per_village) {
  return [&panel, villages, first_household, households_per_village, month = -1, at = size_t{0},
          order = std::vector<size_t>()](BatchQueue::Item* item) mutable {
    if (at == order.size()) {
      if (++month >= panel.size().months || villages.empty()) return false;
      order = OrderOfMonth(villages, month);
      at = 0;
    }
    const size_t village = order[at++];
    *item->request.mutable_batch() =
        panel.BatchOf({.request_id = fmt::format("grow-{}-{}", villages[village], month),
                       .village = villages[village],
                       .first_household =
                           first_household + static_cast<int64_t>(village) * households_per_village,
                       .households = households_per_village,
                       .month = month});
    item->values = households_per_village * static_cast<int64_t>(panel.indicators().size());
    return true;
  };
}

absl::StatusOr<GrowthResult> Grow(const std::shared_ptr<grpc::Channel>& channel,
                                  const BatchSource& next, const GrowthOptions& options,
                                  const std::function<void(double, int64_t)>& progress) {
  const std::unique_ptr<v1::ReportService::Stub> stub = v1::ReportService::NewStub(channel);
  GrowthResult result;
  std::atomic<int64_t> receipted = 0;
  absl::Mutex mutex;
  bool done = false;
  Streams streams;
  const auto start = Clock::now();
  for (int i = 0; i < options.streams; ++i) {
    streams.push_back(std::make_unique<GrowthStream>(stub.get(), options));
  }
  std::jthread all([&] {
    {
      std::vector<std::jthread> threads;
      for (auto& stream : streams) {
        threads.emplace_back([&stream] { stream->Write(); });
        threads.emplace_back([&stream, &receipted] { stream->Read(&receipted); });
      }
      MakeBatches(next, streams, &result);
      for (auto& stream : streams) stream->queue().Close();
    }
    result.seconds = SecondsSince(start);
    absl::MutexLock lock(&mutex);
    done = true;
  });
  while (true) {
    {
      absl::MutexLock lock(&mutex);
      if (mutex.AwaitWithTimeout(absl::Condition(&done), kProgressEvery)) break;
    }
    progress(SecondsSince(start), receipted);
  }
  for (auto& stream : streams) {
    stream->Finish();
    if (!stream->fault().empty()) return absl::FailedPreconditionError(stream->fault());
    result.warnings_opened += stream->warnings_opened();
  }
  return result;
}

}  // namespace shouwang::bench
