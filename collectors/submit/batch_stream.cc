#include "collectors/submit/batch_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "daemon/wire/status.h"

namespace shouwang {
namespace {

// Breaks that pass by themselves: the daemon restarts, the network comes back.
bool MayPass(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || wire::RetryMs(status).has_value() ||
         // What gRPC 1.51 makes of a connection reset in mid-stream.
         (status.code() == absl::StatusCode::kUnknown && status.message() == "Stream removed");
}

}  // namespace

BatchStream::BatchStream(std::shared_ptr<grpc::Channel> channel, StreamOptions options,
                         OnReceipt on_receipt)
    : options_(options),
      on_receipt_(std::move(on_receipt)),
      stub_(v1::ReportService::NewStub(std::move(channel))),
      last_receipt_(Clock::now()),
      backoff_(options.first_backoff),
      writer_([this] { Run(); }) {}

BatchStream::~BatchStream() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  if (context_ != nullptr) context_->TryCancel();
  changed_.SignalAll();
}

absl::Status BatchStream::Send(OutgoingBatch batch) {
  absl::MutexLock lock(&mutex_);
  while (entries_.size() >= options_.window && !done_) WaitForReceipt();
  if (done_) return failure_;
  // Idle time is not silence of the daemon.
  if (entries_.empty()) last_receipt_ = Clock::now();
  entries_.push_back(
      {std::make_shared<const OutgoingBatch>(std::move(batch)), false, Clock::time_point()});
  changed_.SignalAll();
  return absl::OkStatus();
}

absl::Status BatchStream::Finish() {
  absl::MutexLock lock(&mutex_);
  closing_ = true;
  changed_.SignalAll();
  while (!done_) WaitForReceipt();
  return failure_;
}

void BatchStream::WaitForReceipt() {
  const Clock::time_point limit = std::max(last_receipt_, connected_) + options_.receipt_timeout;
  const Clock::time_point now = Clock::now();
  const bool due =
      std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.sent; });
  if (context_ == nullptr || !due) {
    changed_.Wait(&mutex_);
  } else if (now < limit) {
    changed_.WaitWithTimeout(&mutex_, absl::FromChrono(limit - now));
  } else {
    context_->TryCancel();
    changed_.Wait(&mutex_);
  }
}

void BatchStream::Run() {
  for (;;) {
    const absl::Status status = Connect();
    absl::MutexLock lock(&mutex_);
    const bool finished = closing_ && entries_.empty();
    if (!finished && !stopped_ && (entries_.empty() || BackOff(status))) continue;
    if (!finished) {
      failure_ = status.ok() ? absl::UnavailableError("the daemon ended the stream") : status;
    }
    done_ = true;
    changed_.SignalAll();
    return;
  }
}

bool BatchStream::BackOff(const absl::Status& status) {
  // A daemon that ends the stream by itself is going down, and may come back.
  if (!status.ok() && !MayPass(status)) return false;
  const Clock::time_point now = Clock::now();
  if (now - last_receipt_ > options_.retry_for) return false;
  const auto wait =
      std::max(backoff_, std::chrono::milliseconds(wire::RetryMs(status).value_or(0)));
  backoff_ = std::min(backoff_ * 2, options_.max_backoff);
  const absl::Time until = absl::Now() + absl::FromChrono(wait);
  while (!stopped_ && !changed_.WaitWithDeadline(&mutex_, until)) {
  }
  return !stopped_;
}

absl::Status BatchStream::Connect() {
  grpc::ClientContext context;
  {
    absl::MutexLock lock(&mutex_);
    // Nothing to say yet: the stream is opened with the first batch.
    while (entries_.empty() && !closing_ && !stopped_) changed_.Wait(&mutex_);
    if (stopped_) return absl::CancelledError("stopped");
    if (entries_.empty()) return absl::OkStatus();
    context_ = &context;
    connected_ = Clock::now();
    broken_ = false;
    for (Entry& entry : entries_) entry.sent = false;
  }
  const std::unique_ptr<Stream> stream = stub_->Submit(&context);
  {
    const std::jthread reader([&] { Read(stream.get()); });
    Write(stream.get());
  }
  const grpc::Status status = stream->Finish();
  absl::MutexLock lock(&mutex_);
  context_ = nullptr;
  if (status.error_code() == grpc::StatusCode::CANCELLED && !stopped_) {
    return absl::UnavailableError(
        fmt::format("no receipt came for {} ms", options_.receipt_timeout.count()));
  }
  return wire::FromGrpc(status);
}

void BatchStream::Write(Stream* stream) {
  for (ToSend next = NextToSend(); next.batch != nullptr; next = NextToSend()) {
    // Small batches leave together, in one packet.
    grpc::WriteOptions options;
    if (next.another_follows) options.set_buffer_hint();
    if (!stream->Write(next.batch->request, options)) return;
  }
  stream->WritesDone();
}

BatchStream::ToSend BatchStream::NextToSend() {
  absl::MutexLock lock(&mutex_);
  for (;;) {
    if (broken_ || stopped_ || (closing_ && entries_.empty())) return {};
    const Clock::time_point now = Clock::now();
    Clock::time_point wake = Clock::time_point::max();
    const auto is_due = [now](const Entry& entry) {
      return !entry.sent && entry.not_before <= now;
    };
    const auto due = std::ranges::find_if(entries_, is_due);
    if (due != entries_.end()) {
      due->sent = true;
      changed_.SignalAll();  // a receipt is due from now on
      return {due->batch, std::any_of(due, entries_.end(), is_due)};
    }
    for (const Entry& entry : entries_) {
      if (!entry.sent) wake = std::min(wake, entry.not_before);
    }
    if (wake == Clock::time_point::max()) {
      changed_.Wait(&mutex_);
    } else {
      changed_.WaitWithTimeout(&mutex_, absl::FromChrono(wake - now));
    }
  }
}

void BatchStream::Read(Stream* stream) {
  v1::SubmitResponse response;
  while (stream->Read(&response)) {
    for (const v1::Receipt& receipt : response.receipts()) Accept(receipt);
  }
  absl::MutexLock lock(&mutex_);
  broken_ = true;
  changed_.SignalAll();
}

void BatchStream::Accept(const v1::Receipt& receipt) {
  const std::optional<int64_t> retry_ms = wire::RetryMs(wire::FromProto(receipt.error()));
  std::shared_ptr<const OutgoingBatch> batch;
  {
    absl::MutexLock lock(&mutex_);
    const auto it = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.sent && entry.batch->request.batch().request_id() == receipt.request_id();
    });
    if (it == entries_.end()) return;
    if (retry_ms) {
      it->sent = false;
      it->not_before = Clock::now() + std::chrono::milliseconds(std::max<int64_t>(*retry_ms, 1));
      changed_.SignalAll();
      return;
    }
    batch = it->batch;
  }
  // Before it leaves the window, so that Finish returns only after the last one was told.
  on_receipt_(*batch, receipt);
  absl::MutexLock lock(&mutex_);
  const auto it = std::find_if(entries_.begin(), entries_.end(),
                               [&](const Entry& entry) { return entry.batch == batch; });
  if (it != entries_.end()) entries_.erase(it);
  last_receipt_ = Clock::now();
  backoff_ = options_.first_backoff;
  changed_.SignalAll();
}

}  // namespace shouwang
