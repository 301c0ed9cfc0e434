// Back-pressure: what a slow disk does to those who send. The disk is as slow as the test says: an
// fsync takes until it is let through (fault_shim.cc).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

#include "tests/crash/fault_home.h"

namespace shouwang::crash {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kQueue = 4;
constexpr uint32_t kHouseholds = 100;
constexpr int kDays = 40;
// Beyond the queue lie the batches being committed, one handed over past the bound, and what gRPC's
// flow control and the sockets on both sides hold, which is megabytes. 180 MB are offered.
constexpr int64_t kMostBytesUnreceipted = 16 << 20;
constexpr int kOffered = 5'000;

constexpr char kBounds[] = "ingest: {shards: 1, queue_batches: 4}\n";

double Figure(int port, const std::string& series) {
  const std::string scrape = metrics::HttpGet(port, "/metrics");
  const size_t at = scrape.find("\n" + series + " ");
  EXPECT_NE(at, std::string::npos) << series;
  return at == std::string::npos ? -1
                                 : std::strtod(scrape.c_str() + at + series.size() + 2, nullptr);
}

// Where one kind of fsync waits, while this is there.
class Gate {
 public:
  explicit Gate(std::string path) : path_(std::move(path)) {
    EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0);
    // Both ways, so that neither side waits for the other to open it.
    fifo_ = open(path_.c_str(), O_RDWR | O_CLOEXEC);
    EXPECT_GE(fifo_, 0);
  }
  ~Gate() { Open(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  bool HasOneWaiting() const { return std::filesystem::exists(path_ + ".waiting"); }
  void LetOneThrough() const {
    std::filesystem::remove(path_ + ".waiting");
    EXPECT_EQ(write(fifo_, "1", 1), 1);
  }
  // For good.
  void Open() {
    if (fifo_ < 0) return;
    std::filesystem::remove(path_);
    const std::string for_all(64, '1');
    EXPECT_EQ(write(fifo_, for_all.data(), for_all.size()), 64);
    close(fifo_);
    fifo_ = -1;
  }

 private:
  const std::string path_;
  int fifo_ = -1;
};

// Sends batch after batch on one stream, as fast as the stream takes them.
class Sender {
 public:
  explicit Sender(int port)
      : stub_(v1::ReportService::NewStub(app::ChannelTo(port))),
        stream_(stub_->Submit(&context_)),
        writer_([this] { Write(); }),
        reader_([this] { Read(); }) {}

  int written() const { return written_; }
  int receipted() const { return receipted_; }
  // Ends the stream once what is at hand is written and receipted.
  void Finish() {
    enough_ = true;
    writer_.join();
    reader_.join();
    EXPECT_TRUE(stream_->Finish().ok());
  }
  int64_t accepted() const { return accepted_; }
  int refused() const { return refused_; }

 private:
  void Write() {
    for (int i = 0; i < kOffered && !enough_; ++i) {
      const auto first = static_cast<uint32_t>(i) * kHouseholds + 2;
      if (!stream_->Write(Wages(fmt::format("slow {}", i), 1, first, kHouseholds, kDays))) break;
      ++written_;
    }
    stream_->WritesDone();
  }
  void Read() {
    v1::SubmitResponse response;
    while (stream_->Read(&response)) {
      for (const v1::Receipt& receipt : response.receipts()) {
        accepted_ += receipt.accepted();
        if (receipt.has_error()) ++refused_;
        ++receipted_;
      }
    }
  }

  grpc::ClientContext context_;
  const std::unique_ptr<v1::ReportService::Stub> stub_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::SubmitRequest, v1::SubmitResponse>> stream_;
  std::atomic<bool> enough_ = false;
  std::atomic<int> written_ = 0;
  std::atomic<int> receipted_ = 0;
  std::atomic<int64_t> accepted_ = 0;
  std::atomic<int> refused_ = 0;
  std::jthread writer_;
  std::jthread reader_;
};

// Whether nothing more is written while the daemon answers another caller fifty times.
bool StandsStill(const Sender& sender, int grpc_port) {
  return Within([&] {
    const int written = sender.written();
    for (int i = 0; i < 50; ++i) StatusOf(grpc_port);
    return sender.written() == written;
  });
}

bool IsSlowed(int metrics_port) {
  return Figure(metrics_port, "shouwang_ingest_streams_slowed") == 1;
}

void ExpectWithinBounds(const Sender& sender, int metrics_port, double memory_before) {
  const auto batch = static_cast<int64_t>(Wages("slow", 1, 1, kHouseholds, kDays).ByteSizeLong());
  EXPECT_GT(batch * kOffered, 8 * kMostBytesUnreceipted);
  EXPECT_LE((sender.written() - sender.receipted()) * batch, kMostBytesUnreceipted);
  EXPECT_LE(Figure(metrics_port, "shouwang_ingest_queue_batches{shard=\"0\"}"), kQueue + 1);
  EXPECT_LT(Figure(metrics_port, "process_resident_memory_bytes") - memory_before, 96 << 20);
}

// All that was written came through, each once.
void ExpectNothingDropped(Sender& sender, const app::DaemonProcess& daemon) {
  sender.Finish();
  EXPECT_EQ(sender.receipted(), sender.written());
  EXPECT_EQ(sender.refused(), 0);
  EXPECT_EQ(sender.accepted(), int64_t{sender.written()} * kHouseholds * kDays);
  EXPECT_EQ(StatusOf(daemon.GrpcPort()).observations(),
            static_cast<uint64_t>(sender.accepted()) + 1);
  EXPECT_EQ(Figure(daemon.MetricsPort(), "shouwang_ingest_queue_batches{shard=\"0\"}"), 0);
  EXPECT_EQ(Figure(daemon.MetricsPort(), "shouwang_ingest_streams_slowed"), 0);
  EXPECT_GT(Figure(daemon.MetricsPort(), "shouwang_ingest_slowed_total"), 0);
}

TEST(SlowDiskTest, AStreamGoesAtThePaceOfTheLogAndNothingIsDropped) {
  const FaultHome home(kBounds);
  const FaultyDaemon daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const int port = daemon.MetricsPort();
  const auto commits = [&] { return Figure(port, "shouwang_commit_duration_seconds_count"); };
  const auto waited = [&] { return Figure(port, "shouwang_commit_duration_seconds_sum"); };
  ASSERT_EQ(Submit(daemon.GrpcPort(), Wages("first", 1, 1, 1)).accepted(), 1u);
  const double memory = Figure(port, "process_resident_memory_bytes");
  const double waited_before = waited();
  Gate gate(home.Path("slow_log"));
  Sender sender(daemon.GrpcPort());
  ASSERT_TRUE(Within([&] { return gate.HasOneWaiting(); }));
  const auto since = Clock::now();
  // One commit for each fsync that the disk does.
  for (int done = 0; done < 3; ++done) {
    ASSERT_TRUE(Within([&] { return gate.HasOneWaiting() && IsSlowed(port); }));
    ASSERT_TRUE(StandsStill(sender, daemon.GrpcPort()));
    EXPECT_EQ(commits(), 1 + done);
    EXPECT_EQ(sender.receipted() > 0, done > 0) << "no receipt before its fsync";
    ExpectWithinBounds(sender, port, memory);
    const std::chrono::duration<double> held = Clock::now() - since;
    gate.LetOneThrough();
    ASSERT_TRUE(Within([&] { return commits() == 2 + done; }));
    if (done == 0) {
      EXPECT_GE(waited() - waited_before, held.count()) << "the metric tells";
    }
    ASSERT_TRUE(Within([&] { return sender.receipted() > done; }));
  }
  gate.Open();
  ExpectNothingDropped(sender, daemon);
}

TEST(SlowDiskTest, AFlushThatIsBehindHoldsCommitsBackInsteadOfFillingMemory) {
  const FaultHome home(kBounds);
  home.Write("shouwangd.yaml",
             home.Read("shouwangd.yaml")
                 .replace(home.Read("shouwangd.yaml").find("write_buffer_bytes: 4194304"), 27,
                          "write_buffer_bytes: 1048576"));
  const FaultyDaemon daemon(home);
  ASSERT_EQ(daemon.NextNotice(), "READY=1");
  const int port = daemon.MetricsPort();
  ASSERT_EQ(Submit(daemon.GrpcPort(), Wages("first", 1, 1, 1)).accepted(), 1u);
  const double memory = Figure(port, "process_resident_memory_bytes");
  Gate gate(home.Path("slow_data"));
  Sender sender(daemon.GrpcPort());
  ASSERT_TRUE(
      Within([&] { return Figure(port, "shouwang_store_write_stalled") == 1 && IsSlowed(port); }));
  ASSERT_TRUE(StandsStill(sender, daemon.GrpcPort()));
  ExpectWithinBounds(sender, port, memory);
  // Two buffers of each family at most.
  EXPECT_LE(Figure(port, "shouwang_store_write_buffer_bytes"), 4 << 20);
  gate.Open();
  ExpectNothingDropped(sender, daemon);
  EXPECT_TRUE(Within([&] { return Figure(port, "shouwang_store_write_stalled") == 0; }));
  EXPECT_GT(Figure(port, "shouwang_store_write_stalled_seconds_total"), 0);
}

}  // namespace
}  // namespace shouwang::crash
