#include "daemon/ingest/report_service.h"

#include <fmt/format.h>
#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "daemon/ingest/receipt_queue.h"
#include "daemon/ingest/request_reader.h"
#include "daemon/pace/prompt_thread.h"
#include "daemon/wire/status.h"

namespace shouwang::ingest {
namespace {

// The bytes of a message, whose packets are let go. nullopt: damaged.
std::optional<std::string> TakeBytes(grpc::ByteBuffer* message) {
  std::vector<grpc::Slice> slices;
  if (!message->Dump(&slices).ok()) return std::nullopt;
  std::string bytes;
  bytes.reserve(message->Length());
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  message->Clear();
  return bytes;
}

grpc::Status NoRequest(size_t bytes) {
  return wire::ToGrpc(absl::InvalidArgumentError(fmt::format(
      "a message of {} bytes is not a shouwang.v1.SubmitRequest; what was receipted before it is "
      "stored, nothing after it",
      bytes)));
}

// One Submit stream. It deletes itself once gRPC is done with it, which is not before the last of
// its batches has been let go of: Finish waits for that.
class Stream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Stream(const Shard::Surroundings& surroundings, std::span<const std::unique_ptr<Shard>> shards)
      : surroundings_(surroundings), shards_(shards) {
    surroundings_.metrics.streams().Increment();
    Advance([] {});
  }

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override {
    // One of another kind of gRPC's threads, which answers pass now and then.
    PromptThread::Here().Turn();
    surroundings_.metrics.streams().Decrement();
    delete this;
  }

 private:
  // What was set is sent when it goes, with what else is ready.
  class BatchReply final : public Reply {
   public:
    BatchReply(Stream* stream, uint64_t number) : stream_(stream), number_(number) {}
    ~BatchReply() override {
      if (!set_) {
        fmt::print(stderr, "a batch was let go of without a receipt\n");
        std::abort();
      }
      stream_->EndReply();
    }
    void Set(v1::Receipt receipt) override {
      set_ = true;
      stream_->SetReceipt(number_, std::move(receipt));
    }

   private:
    Stream* const stream_;
    const uint64_t number_;
    bool set_ = false;
  };

  // A batch and the message that it came in.
  void Take(const v1::Batch& sent, std::string message);
  void HandOver(std::unique_ptr<PendingBatch> batch);
  void SetReceipt(uint64_t number, v1::Receipt receipt) ABSL_LOCKS_EXCLUDED(mutex_);
  void EndReply() ABSL_LOCKS_EXCLUDED(mutex_);
  // Makes the next message of what is ready, to be written; false where nothing is.
  bool TakeReady() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Makes `change` and starts whatever can be started after it, decided under one lock: once the
  // change is visible without what follows from it, another thread could finish the stream and
  // delete it. Nothing of the stream may be touched after a call that may have been the last.
  template <typename Change>
  void Advance(Change change) ABSL_LOCKS_EXCLUDED(mutex_);
  bool ShouldRead() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !reading_ && !ended_ && !slowed_ &&
           receipts_.size() + writing_ < static_cast<size_t>(surroundings_.bounds.stream_batches);
  }

  const Shard::Surroundings surroundings_;
  const std::span<const std::unique_ptr<Shard>> shards_;

  // They belong to the read and the write in flight.
  grpc::ByteBuffer message_;
  grpc::ByteBuffer response_;

  absl::Mutex mutex_;
  ReceiptQueue receipts_ ABSL_GUARDED_BY(mutex_);
  size_t replies_ ABSL_GUARDED_BY(mutex_) = 0;  // that are out
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  size_t writing_ ABSL_GUARDED_BY(mutex_) = 0;   // receipts in the message that is being written
  bool slowed_ ABSL_GUARDED_BY(mutex_) = false;  // until its shard has room
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;   // nothing more will be read
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;  // nobody reads the receipts
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);  // that the stream ends with
};

void Stream::OnReadDone(bool ok) {
  PromptThread::Here().Turn();
  grpc::Status fault;
  if (ok) {
    thread_local RequestReader reader;
    const size_t size = message_.Length();
    std::optional<std::string> message = TakeBytes(&message_);
    const bool read = message && reader.Read(*message, [&](const v1::Batch& sent) {
      Take(sent, *std::move(message));
    });
    if (!read) {
      surroundings_.metrics.CountRefused();
      fault = NoRequest(size);
    }
  }
  Advance([this, ok, &fault] {
    mutex_.AssertHeld();
    reading_ = false;
    if (!ok || !fault.ok()) ended_ = true;
    if (!fault.ok()) status_ = fault;
  });
}

// `reading_` is still set, so the stream can't finish before this is over.
void Stream::Take(const v1::Batch& sent, std::string message) {
  auto batch = std::make_unique<PendingBatch>();
  batch->arrived = std::chrono::steady_clock::now();
  batch->rulebook = surroundings_.rulebook.Get();
  {
    absl::MutexLock lock(&mutex_);
    ++replies_;
    batch->reply = std::make_unique<BatchReply>(this, receipts_.Add());
  }
  absl::StatusOr<CheckedBatch> checked =
      CheckBatch(sent, *batch->rulebook, surroundings_.clock(), surroundings_.bounds);
  if (!checked.ok()) {
    batch->reply->Set(RefusalOf(sent.request_id(), checked.status()));
    surroundings_.metrics.CountRefused();
    return;
  }
  batch->checked = *std::move(checked);
  batch->message = std::move(message);
  HandOver(std::move(batch));
}

void Stream::HandOver(std::unique_ptr<PendingBatch> batch) {
  const auto go_on = [this] {
    Advance([this] {
      mutex_.AssertHeld();
      slowed_ = false;
    });
  };
  const size_t shard = ShardOf(batch->checked.township, shards_.size());
  {
    // Before the push: the shard may have room again before Push has returned.
    absl::MutexLock lock(&mutex_);
    slowed_ = true;
  }
  if (shards_[shard]->Push(std::move(batch), go_on)) {
    absl::MutexLock lock(&mutex_);
    slowed_ = false;
  }
}

void Stream::SetReceipt(uint64_t number, v1::Receipt receipt) {
  absl::MutexLock lock(&mutex_);
  receipts_.Set(number, std::move(receipt));
}

void Stream::EndReply() {
  Advance([this] {
    mutex_.AssertHeld();
    --replies_;
  });
}

void Stream::OnWriteDone(bool ok) {
  Advance([this, ok] {
    mutex_.AssertHeld();
    writing_ = 0;
    response_.Clear();
    if (!ok) broken_ = true;
  });
}

bool Stream::TakeReady() {
  const size_t before = receipts_.size();
  const std::optional<std::string> ready = receipts_.Take();
  if (!ready) return false;
  const grpc::Slice slice(*ready);
  response_ = grpc::ByteBuffer(&slice, 1);
  writing_ = before - receipts_.size();
  return true;
}

template <typename Change>
void Stream::Advance(Change change) {
  bool read = false;
  bool write = false;
  bool finish = false;
  grpc::Status status;
  {
    absl::MutexLock lock(&mutex_);
    change();
    while (broken_ && receipts_.Take()) {
    }
    write = writing_ == 0 && TakeReady();
    if (ShouldRead()) reading_ = read = true;
    // Without a reply out every receipt is set, and what is set and not being written was taken.
    finish = ended_ && !reading_ && writing_ == 0 && !slowed_ && replies_ == 0;
    if (finish) status = status_;
  }
  // Each keeps the stream alive until the next has been started.
  if (write) StartWrite(&response_);
  if (read) StartRead(&message_);
  if (finish) Finish(status);
}

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* ReportService::Submit(
    grpc::CallbackServerContext* /*context*/) {
  return new Stream(surroundings_, shards_);
}

}  // namespace shouwang::ingest
