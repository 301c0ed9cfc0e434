#include "tests/crash/collector.h"

#include <grpcpp/client_context.h>
#include <shouwang/v1/report.grpc.pb.h>

#include <random>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace shouwang::crash {
namespace {

// How many more batches may be sent.
class Window {
 public:
  explicit Window(int room) : room_(room) {}

  // False once the stream has broken.
  bool Take() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](Window* window) ABSL_SHARED_LOCKS_REQUIRED(window->mutex_) {
          return window->room_ > 0 || window->broken_;
        },
        this));
    --room_;
    return !broken_;
  }
  void Give() {
    absl::MutexLock lock(&mutex_);
    ++room_;
  }
  void Break() {
    absl::MutexLock lock(&mutex_);
    broken_ = true;
  }

 private:
  absl::Mutex mutex_;
  int room_ ABSL_GUARDED_BY(mutex_);
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

void RunCollector(const std::shared_ptr<grpc::Channel>& channel, Load load, Model* model) {
  std::mt19937_64 random(load.seed);
  const auto stub = v1::ReportService::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->Submit(&context);
  Window window(load.window);
  std::jthread reader([&] {
    v1::SubmitResponse response;
    while (stream->Read(&response)) {
      for (const v1::Receipt& receipt : response.receipts()) {
        model->Receive(receipt);
        window.Give();
      }
    }
    window.Break();
  });
  while (window.Take()) {
    const bool again = !load.again.empty() && random() % 2 == 0;
    const Batch batch = again ? std::move(load.again.back()) : model->New(&random);
    if (again) load.again.pop_back();
    if (!stream->Write(ToRequest(batch))) break;
  }
  reader.join();
  static_cast<void>(stream->Finish());
}

}  // namespace shouwang::crash
