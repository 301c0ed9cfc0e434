#include "tests/crash/crash_run.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <thread>
#include <utility>

#include "storage/rocks/rocks_store.h"
#include "storage/rocks/verify.h"
#include "tests/crash/audited.h"
#include "tests/crash/collector.h"
#include "tests/crash/daemon.h"
#include "tests/crash/stored.h"
#include "tests/crash/world.h"
#include "tests/daemon/metrics/http_get.h"

namespace shouwang::crash {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr int kKillsPerStore = 100;
constexpr int kCollectors = 4;
constexpr milliseconds kStartLimit{120'000};
// One start in so many is killed before it is ready.
constexpr int kStartKilled = 4;
// Batches that were receipted and are sent again, per round.
constexpr size_t kSentAgain = 8;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Two milliseconds to a second, short ones as likely as long ones.
std::chrono::microseconds KillDelay(std::mt19937_64* random) {
  const double x = std::uniform_real_distribution<double>(0, 1)(*random);
  return std::chrono::microseconds(static_cast<int64_t>(2'000 * std::pow(500.0, x)));
}

void CutLog(const std::string& data) {
  std::filesystem::path log;
  for (const auto& entry : std::filesystem::directory_iterator(data)) {
    if (entry.path().extension() == ".log" && (log.empty() || entry.path() > log)) log = entry;
  }
  if (!log.empty()) std::filesystem::resize_file(log, std::filesystem::file_size(log) / 2);
}

// Rounds over one store.
class StoreRun {
 public:
  StoreRun(const CrashOptions& options, const std::string& folder, std::mt19937_64* random,
           CrashResult* result)
      : options_(options), random_(*random), result_(*result), daemon_(options.program, folder) {}

  // Up to `kills` of them; false where the run must end.
  bool Run(int kills) {
    for (int done = 0; done < kills;) {
      if (!Start(&done, kills)) return false;
      if (done == kills) break;
      if (!Check() || !LoadAndKill()) return false;
      ++done;
      CountKill(/*at_start=*/false);
    }
    if (!StartWhole() || !Check()) return false;
    if (!daemon_.Stop()) return Stopped("the daemon did not end well on SIGTERM");
    return CheckSuperseded() && CheckAll();
  }

  void AddFigures() {
    result_.batches += model_.batches();
    result_.receipts += model_.receipts();
    result_.receipts_repeated += model_.repeats();
  }

 private:
  bool Stopped(const std::string& fault) {
    result_.fault = fmt::format("{}; its log: {}", fault, daemon_.log());
    return false;
  }

  void CountKill(bool at_start) {
    ++result_.kills;
    if (at_start) ++result_.kills_at_start;
    if (options_.cut_log) CutLog(daemon_.data());
    if (options_.kills > 100 && result_.kills % 10 != 0) return;
    fmt::print("kill {}/{} {}: {} batches, {} receipts, {} in flight\n", result_.kills,
               options_.kills,
               at_start ? "at start" : fmt::format("after {} ms", delay_.count() / 1000),
               model_.batches(), model_.receipts(), model_.Unreceipted().size());
    std::fflush(stdout);
  }

  bool StartWhole() {
    const auto start = Clock::now();
    daemon_.Start();
    if (daemon_.AwaitReady(kStartLimit) != Daemon::State::kReady) {
      return Stopped("the daemon did not get ready");
    }
    start_time_ = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    return true;
  }

  // Starts it, now and then killing it on the way, which is recovery cut short.
  bool Start(int* done, int kills) {
    while (start_time_.count() > 0 && random_() % kStartKilled == 0 && *done < kills) {
      const auto limit =
          static_cast<int64_t>(random_() % static_cast<uint64_t>(start_time_.count() + 1));
      daemon_.Start();
      const Daemon::State state = daemon_.AwaitReady(milliseconds(limit));
      if (state == Daemon::State::kEnded) return Stopped("the daemon ended while it started");
      if (!daemon_.Kill()) return Stopped("the daemon ended by itself");
      ++*done;
      CountKill(/*at_start=*/true);
    }
    return *done == kills || StartWhole();
  }

  bool Check() {
    const auto channel = Channel();
    const std::string scrape = metrics::HttpGet(daemon_.metrics_port(), "/metrics");
    absl::StatusOr<Stored> stored = ReadStored(channel, scrape);
    if (!stored.ok()) return Stopped(std::string(stored.status().message()));
    result_.verdict.Add(model_.Check(*stored));
    result_.values_checked += model_.values();
    if (!result_.verdict.ok()) return false;
    const absl::Status audited = CheckAudit(channel, stored->warnings);
    return audited.ok() || Stopped(std::string(audited.message()));
  }

  std::shared_ptr<grpc::Channel> Channel() const {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);
    // A connection of its own, not one shared with a daemon of before.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", daemon_.grpc_port()),
                                     grpc::InsecureChannelCredentials(), arguments);
  }

  bool LoadAndKill() {
    std::vector<Batch> again = model_.Unreceipted();
    for (Batch& batch : model_.LastReceipted(kSentAgain)) again.push_back(std::move(batch));
    std::shuffle(again.begin(), again.end(), random_);
    std::vector<Load> loads(kCollectors);
    for (size_t i = 0; i < again.size(); ++i) {
      loads[i % kCollectors].again.push_back(std::move(again[i]));
    }
    bool alive = true;
    {
      std::vector<std::jthread> collectors;
      for (Load& load : loads) {
        load.seed = random_();
        load.window = 1 << random_() % 6;
        collectors.emplace_back([this, load = std::move(load), channel = Channel()]() mutable {
          RunCollector(channel, std::move(load), &model_);
        });
      }
      delay_ = KillDelay(&random_);
      const bool receipted = model_.AwaitReceipt();
      if (receipted) static_cast<void>(daemon_.AwaitEnd(delay_));
      alive = daemon_.Kill() && receipted;
    }
    return alive || Stopped("the daemon ended by itself, or gave no receipt for a minute");
  }

  // Values that were replaced are kept, too; no call tells of them, so the store is asked.
  bool CheckSuperseded() {
    RocksOptions options;
    options.path = daemon_.data();
    options.read_only = true;
    absl::StatusOr<std::unique_ptr<RocksStore>> store = RocksStore::Open(options);
    if (!store.ok()) return Stopped(std::string(store.status().message()));
    for (int household = 0; household < kHouseholds; ++household) {
      const absl::StatusOr<Subject> subject = Subject::Parse(SubjectOf(household));
      const absl::StatusOr<std::vector<SupersededValue>> loaded =
          (*store)->LoadSuperseded(*subject);
      if (!loaded.ok()) return Stopped(std::string(loaded.status().message()));
      std::map<Cell, std::vector<int64_t>> kept;
      for (const SupersededValue& value : *loaded) {
        const Observation& old = value.observation;
        kept[{household, old.indicator - 1, old.date.days()}].push_back(old.value);
      }
      result_.verdict.Add(model_.CheckSuperseded(household, kept));
    }
    return result_.verdict.ok();
  }

  // Every byte and record, and every count recounted, those that no call tells of (histograms) too.
  bool CheckAll() {
    RocksOptions options;
    options.path = daemon_.data();
    const absl::StatusOr<Verified> verified = VerifyStore(options, [](const auto&, uint64_t) {});
    if (!verified.ok()) return Stopped(std::string(verified.status().message()));
    for (const VerifiedPart& part : verified->parts) result_.records_verified += part.checked;
    if (verified->sound()) return true;
    for (const std::string& fault : verified->faults) fmt::print("{}\n", fault);
    return Stopped(fmt::format("the store is not sound: {} faults", verified->faults.size()));
  }

  const CrashOptions& options_;
  std::mt19937_64& random_;
  CrashResult& result_;
  Daemon daemon_;
  Model model_;
  milliseconds start_time_{0};
  std::chrono::microseconds delay_{0};
};

}  // namespace

CrashResult RunCrashes(const CrashOptions& options) {
  const auto start = Clock::now();
  std::mt19937_64 random(options.seed);
  CrashResult result;
  while (result.ok() && result.kills < options.kills) {
    result.folder = fmt::format("{}/store{}", options.folder, result.stores++);
    std::filesystem::create_directories(result.folder);
    WriteWorld(result.folder);
    StoreRun run(options, result.folder, &random, &result);
    const bool whole = run.Run(std::min(kKillsPerStore, options.kills - result.kills));
    run.AddFigures();
    if (whole && result.ok()) std::filesystem::remove_all(result.folder);
  }
  result.seconds = SecondsSince(start);
  return result;
}

}  // namespace shouwang::crash
