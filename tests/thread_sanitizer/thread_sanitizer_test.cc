// Proves the build under ThreadSanitizer itself: a race is reported, wherever our code is called
// from, and what absl::Mutex and gRPC put in order is not. Built by that preset only.
#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "shouwang/v1/admin.grpc.pb.h"

namespace shouwang {
namespace {

constexpr int kRace = 66;  // ThreadSanitizer's own exit code

// Calls `on_call` from a reaction of a real server, on one of gRPC's threads.
class CalledByGrpc final : public v1::AdminService::CallbackService {
 public:
  explicit CalledByGrpc(std::function<void()> on_call) : on_call_(std::move(on_call)) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    stub_ = v1::AdminService::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                                                          grpc::InsecureChannelCredentials()));
  }

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest*,
                                      v1::GetStatusResponse*) override {
    on_call_();
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  bool Call() {
    grpc::ClientContext context;
    v1::GetStatusResponse response;
    return stub_->GetStatus(&context, {}, &response).ok();
  }

 private:
  const std::function<void()> on_call_;
  std::unique_ptr<v1::AdminService::Stub> stub_;
  std::unique_ptr<grpc::Server> server_;
};

void RaceOnAPlainInt() {
  int households = 0;
  {
    const std::jthread one([&] { ++households; });
    const std::jthread two([&] { ++households; });
  }
  FAIL() << "nothing reported, counted " << households;
}

// Counts once on a thread of its own, in no order with anything before its end: until then the
// thread takes no lock, reads no socket and does not end. Even a wait for a notification would
// lock.
class Counter {
 public:
  explicit Counter(int* households)
      : thread_([this, households] {
          ++*households;
          while (!ended_.load(std::memory_order_relaxed)) std::this_thread::yield();
        }) {}
  ~Counter() { ended_.store(true, std::memory_order_relaxed); }

 private:
  std::atomic<bool> ended_ = false;
  const std::jthread thread_;
};

void RaceWithAReaction() {
  int households = 0;
  CalledByGrpc server([&] { ++households; });
  {
    const Counter counter(&households);
    server.Call();
  }
  FAIL() << "nothing reported, counted " << households;
}

class CalledByRocksDb final : public rocksdb::EventListener {
 public:
  explicit CalledByRocksDb(std::function<void()> on_flush) : on_flush_(std::move(on_flush)) {}
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { on_flush_(); }

 private:
  const std::function<void()> on_flush_;
};

void RaceWithAListener() {
  int households = 0;
  const std::unique_ptr<rocksdb::Env> in_memory(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  rocksdb::Options options;
  options.create_if_missing = true;
  options.env = in_memory.get();
  options.listeners.push_back(std::make_shared<CalledByRocksDb>([&] { ++households; }));
  rocksdb::DB* opened = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, "/raced", &opened).ok());
  const std::unique_ptr<rocksdb::DB> database(opened);
  {
    const Counter counter(&households);
    database->Put({}, "key", "value");
    database->Flush({});
  }
  FAIL() << "nothing reported, counted " << households;
}

class ThreadSanitizerDeathTest : public testing::Test {
 protected:
  // A fresh process each: a fork would start with this one's threads gone.
  ThreadSanitizerDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(ThreadSanitizerDeathTest, ReportsARaceOnAPlainInt) {
  EXPECT_EXIT(RaceOnAPlainInt(), testing::ExitedWithCode(kRace),
              "WARNING: ThreadSanitizer: data race(.|\n)*RaceOnAPlainInt");
}

TEST_F(ThreadSanitizerDeathTest, ReportsARaceInAReactionThatGrpcCalls) {
  EXPECT_EXIT(RaceWithAReaction(), testing::ExitedWithCode(kRace),
              "WARNING: ThreadSanitizer: data race(.|\n)*RaceWithAReaction");
}

// What is suppressed of RocksDB hides nothing of ours that it calls.
TEST_F(ThreadSanitizerDeathTest, ReportsARaceInAListenerThatRocksDbCalls) {
  EXPECT_EXIT(RaceWithAListener(), testing::ExitedWithCode(kRace),
              "WARNING: ThreadSanitizer: data race(.|\n)*RaceWithAListener");
}

// A report would end the process.
TEST(ThreadSanitizerTest, SeesTheOrderThatAMutexMakes) {
  absl::Mutex mutex;
  int households = 0;
  {
    const auto count = [&] {
      for (int i = 0; i < 1000; ++i) {
        const absl::MutexLock lock(&mutex);
        ++households;
      }
    };
    const std::jthread one(count);
    const std::jthread two(count);
  }
  EXPECT_EQ(households, 2000);
}

TEST(ThreadSanitizerTest, SeesTheOrderThatAwaitMakes) {
  absl::Mutex mutex;
  bool counted = false;
  int households = 0;
  const std::jthread one([&] {
    households = 7;
    const absl::MutexLock lock(&mutex);
    counted = true;
  });
  mutex.LockWhen(absl::Condition(&counted));
  mutex.Unlock();
  EXPECT_EQ(households, 7);
}

TEST(ThreadSanitizerTest, SeesTheOrderThatACallMakes) {
  int households = 0;
  CalledByGrpc server([&] { ++households; });
  for (int i = 0; i < 100; ++i) {
    ++households;
    ASSERT_TRUE(server.Call());
  }
  EXPECT_EQ(households, 200);
}

// Else Debian's own would be loaded, and most reports be about nothing.
TEST(ThreadSanitizerTest, EveryProgramLoadsAbseilAndGrpcInstrumented) {
  std::ifstream maps("/proc/self/maps");
  int instrumented = 0;
  for (std::string line; std::getline(maps, line);) {
    if (line.find("/libabsl_") == std::string::npos && line.find("/libgrpc") == std::string::npos &&
        line.find("/libgpr.") == std::string::npos) {
      continue;
    }
    EXPECT_THAT(line, testing::HasSubstr(SHOUWANG_SOURCE_DIR "/build/instrumented/lib/"));
    ++instrumented;
  }
  EXPECT_GT(instrumented, 0);
}

}  // namespace
}  // namespace shouwang
