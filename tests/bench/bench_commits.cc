// shouwang_bench_commits --data DIR: how many commits a second the store makes durable without a
// daemon: single reports that trickle in over many threads, each read before it is written as an
// ingest does, or a village's month at once. A table on stdout.
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <thread>

#include <CLI/CLI.hpp>

#include "storage/rocks/rocks_store.h"
#include "tests/bench/locks.h"

namespace shouwang::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Load {
  int threads = 1;
  uint32_t households = 1;  // of a commit
  int64_t commits = 0;      // of each thread
};

constexpr IndicatorId kIndicators = 20;
constexpr uint32_t kVillage = 250;

// Thread t has a village of its own; commit c is of the next households of the month c goes into.
Transaction TransactionOf(const Load& load, int thread, int64_t commit) {
  const int64_t first = commit * load.households;
  Transaction transaction;
  Arrival by;
  by.reported_at = Instant(std::chrono::milliseconds(1'700'000'000'000 + commit));
  by.known_at = by.reported_at;
  by.batch = static_cast<uint64_t>(commit * load.threads + thread + 1);
  const uint32_t arrival = transaction.observations.AddArrival(by);
  const Date date = Date::LastOf(Month::OfIndex(600 + static_cast<int32_t>(first / kVillage)));
  for (uint32_t h = 0; h < load.households; ++h) {
    const Subject subject{520502001001 + static_cast<uint64_t>(thread), SubjectKind::kHousehold,
                          static_cast<uint32_t>((first + h) % kVillage) + 1};
    transaction.observations.BeginReport(subject, date, arrival);
    for (IndicatorId i = 1; i <= kIndicators; ++i) {
      const auto value = static_cast<int64_t>((subject.number * 7919 + i * 104'729) % 5'000);
      transaction.observations.AddCell(i, i < 8 ? value * 1'000 : value % 6);
    }
    SubjectRisk& risk = transaction.risks.emplace_back();
    risk.subject = subject;
    risk.policy_fingerprint = 1;
    risk.evaluated_through = date;
    for (RuleId rule = 1; rule <= 10; ++rule) {
      risk.states.push_back(
          {rule, std::nullopt, std::nullopt, true, Severity::kYellow, RiskKind::kIncome, 0});
    }
  }
  return transaction;
}

absl::Status Write(RocksStore* store, const Load& load, int thread) {
  std::vector<Subject> subjects;
  std::vector<History> histories;
  std::vector<SubjectState> states;
  for (int64_t commit = 0; commit < load.commits; ++commit) {
    const Transaction transaction = TransactionOf(load, thread, commit);
    subjects.clear();
    for (const SubjectRisk& risk : transaction.risks) subjects.push_back(risk.subject);
    const Date date = transaction.risks[0].evaluated_through;
    if (absl::Status status = store->FillStates(subjects, &states); !status.ok()) return status;
    absl::Status status = store->FillHistories(subjects, {date.PlusMonths(-12), date}, &histories);
    if (status.ok()) status = store->Commit(transaction);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Of the whole process, so that a busy machine does not blur it.
double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

absl::Status Measure(const std::string& path, const Load& load) {
  std::filesystem::remove_all(path);
  RocksOptions options;
  options.path = path;
  auto store = RocksStore::Open(options);
  if (!store.ok()) return store.status();
  std::vector<absl::Status> statuses(static_cast<size_t>(load.threads));
  const double cpu = CpuSeconds();
  const auto start = Clock::now();
  {
    std::vector<std::jthread> threads;
    threads.reserve(statuses.size());
    for (int t = 0; t < load.threads; ++t) {
      threads.emplace_back(
          [&, t] { statuses[static_cast<size_t>(t)] = Write(store->get(), load, t); });
    }
  }
  const std::chrono::duration<double> elapsed = Clock::now() - start;
  for (const absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  const auto commits = static_cast<double>(load.commits * load.threads);
  fmt::print(
      "{:3} threads, {:3} households a commit: {:8.0f} commits/s {:7.2f} M values/s {:6.0f} us of "
      "CPU a commit\n",
      load.threads, load.households, commits / elapsed.count(),
      commits * load.households * kIndicators / elapsed.count() / 1e6,
      (CpuSeconds() - cpu) / commits * 1e6);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Durable commits a second, store only");
  std::string data;
  app.add_option("--data", data, "a folder to make and remove")->required();
  Load only;
  app.add_option("--threads", only.threads, "of one load instead of the usual ones");
  app.add_option("--households", only.households, "of a commit, 1 to 250");
  app.add_option("--commits", only.commits, "of each thread; none: the usual loads");
  CLI11_PARSE(app, argc, argv);
  DoNotLookForCircles();
  if (std::filesystem::exists(data)) {
    std::cerr << data << " is there already; name a folder that is not: it is removed at the end\n";
    return 1;
  }
  std::vector<Load> loads = {
      {1, 1, 4'000}, {64, 1, 1'500}, {1, kVillage, 200}, {8, kVillage, 48}, {64, kVillage, 24}};
  if (only.commits > 0) loads = {only};
  for (const Load& load : loads) {
    if (absl::Status status = Measure(data, load); !status.ok()) {
      std::cerr << std::string(status.message()) << "\n";
      return 1;
    }
  }
  std::filesystem::remove_all(data);
  return 0;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
