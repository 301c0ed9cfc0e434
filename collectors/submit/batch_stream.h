// One stream of batches to the daemon. Keeps every batch until its receipt is there and, when the
// connection breaks, opens the stream again with backoff and sends what has none: the daemon knows
// a batch by its request_id, so nothing is stored twice.
//
// Threads: Send and Finish are for one caller; a writer and a reader thread of its own serve the
// connection. `on_receipt` is called from the reader thread, one receipt at a time.
#pragma once

#include <grpcpp/channel.h>
#include <shouwang/v1/report.grpc.pb.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "collectors/submit/outgoing_batch.h"

namespace shouwang {

struct StreamOptions {
  // Batches without a receipt, at most.
  size_t window = 32;
  // How long to try again without any receipt before giving up.
  std::chrono::milliseconds retry_for{60'000};
  std::chrono::milliseconds first_backoff{200};
  std::chrono::milliseconds max_backoff{5'000};
  // A connection on which no receipt comes for so long, though one is due, is taken as broken.
  std::chrono::milliseconds receipt_timeout{120'000};
};

class BatchStream {
 public:
  // A receipt that asks to try again (RetryInfo) is answered by sending the batch again and is not
  // passed on. Any other is, once per batch.
  using OnReceipt = std::function<void(const OutgoingBatch&, const v1::Receipt&)>;

  BatchStream(std::shared_ptr<grpc::Channel> channel, StreamOptions options, OnReceipt on_receipt);
  // Ends the connection; batches without a receipt may or may not be stored.
  ~BatchStream();

  // Waits while the window is full. Once the stream has failed for good: why.
  absl::Status Send(OutgoingBatch batch);
  // Waits until every batch has its receipt. OK, or why the stream failed for good.
  absl::Status Finish();

 private:
  using Stream = grpc::ClientReaderWriter<v1::SubmitRequest, v1::SubmitResponse>;
  using Clock = std::chrono::steady_clock;
  struct Entry {
    // Shared, because a receipt may come while the writer still has the request in hand.
    std::shared_ptr<const OutgoingBatch> batch;
    bool sent = false;
    Clock::time_point not_before;
  };
  struct ToSend {
    // nullptr when the connection has no more to do.
    std::shared_ptr<const OutgoingBatch> batch;
    bool another_follows = false;  // at once
  };

  void Run();
  absl::Status Connect();
  void Write(Stream* stream);
  void Read(Stream* stream);
  void Accept(const v1::Receipt& receipt);
  ToSend NextToSend();
  // Waits before the next connection; false where there is to be none.
  bool BackOff(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits for a change; ends the connection where receipts fail to come. The caller's thread does
  // this, since the writer may be held up by the very peer that has fallen silent.
  void WaitForReceipt() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const StreamOptions options_;
  const OnReceipt on_receipt_;
  const std::unique_ptr<v1::ReportService::Stub> stub_;

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;  // by the destructor
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;   // the reader met the connection's end
  bool done_ ABSL_GUARDED_BY(mutex_) = false;     // the writer thread has ended
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  Clock::time_point last_receipt_ ABSL_GUARDED_BY(mutex_);
  Clock::time_point connected_ ABSL_GUARDED_BY(mutex_);
  std::chrono::milliseconds backoff_ ABSL_GUARDED_BY(mutex_);
  grpc::ClientContext* context_ ABSL_GUARDED_BY(mutex_) = nullptr;

  std::jthread writer_;  // last, so that it starts when all else stands
};

}  // namespace shouwang
