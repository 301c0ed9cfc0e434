// shouwang_bench_growth --target HOST:PORT --divisions FILE --first N --end N ...: grows the store
// of a running daemon by the villages [first, end) of the file, in code order; then times histories
// of random households among all villages before `end`. On stdout one JSON object a line: progress,
// {"seconds", "values"}, and last the figures.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <sys/resource.h>

#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "shouwang/v1/series.grpc.pb.h"
#include "storage/register/register.h"
#include "tests/bench/growth.h"
#include "tests/bench/load.h"
#include "tests/bench/locks.h"
#include "tests/bench/timing.h"
#include "tests/bench/villages.h"

namespace shouwang::bench {
namespace {

struct Options {
  std::string target;
  std::string divisions;
  size_t first = 0;
  size_t end = 0;
  PanelSize size;
  int households_per_village = 320;
  GrowthOptions growth;
  int samples = 500;
};

absl::StatusOr<std::vector<std::string>> ReadVillages(const std::string& path) {
  Problems problems;
  const DivisionTree divisions = LoadDivisions(path, {}, &problems);
  if (!problems.empty()) return problems.ToStatus();
  std::vector<std::string> villages;
  for (const Division& village : divisions.Within(Division(), DivisionLevel::kVillage)) {
    villages.push_back(village.ToString());
  }
  return villages;
}

double ProcessorSeconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

absl::StatusOr<std::vector<double>> TimeGrownHistories(
    const std::shared_ptr<grpc::Channel>& channel, const Panel& panel,
    const std::vector<std::string>& villages, const Options& options) {
  auto stub = v1::SeriesService::NewStub(channel);
  v1::GetHistoryResponse response;
  return TimeHouseholds(
      panel, options.samples,
      [&](int64_t household) -> absl::Status {
        grpc::ClientContext context;
        v1::GetHistoryRequest request;
        request.add_subjects(SubjectOf(villages, options.households_per_village, household));
        const grpc::Status status = stub->GetHistory(&context, request, &response);
        if (status.ok()) return absl::OkStatus();
        return absl::UnavailableError(
            fmt::format("GetHistory {}: {}", request.subjects(0), status.error_message()));
      },
      // Value for value: what is asked back at the end is what was sent.
      [&](int64_t household) -> absl::Status {
        const std::string subject = SubjectOf(villages, options.households_per_village, household);
        const auto& series = response.histories(0).series();
        if (series.size() != static_cast<int>(panel.indicators().size())) {
          return absl::FailedPreconditionError(fmt::format("history of {}: {} series, {} were sent",
                                                           subject, series.size(),
                                                           panel.indicators().size()));
        }
        for (const v1::Indicator& indicator : panel.indicators()) {
          const auto found = std::ranges::find(series, indicator.name(), &v1::Series::indicator);
          bool same = found != series.end() && found->points_size() == panel.size().months;
          for (int m = 0; same && m < panel.size().months; ++m) {
            same = found->points(m).value() == panel.ValueOf(household, indicator, m);
          }
          if (!same) {
            return absl::FailedPreconditionError(
                fmt::format("history of {}: {} is not as sent", subject, indicator.name()));
          }
        }
        return absl::OkStatus();
      });
}

absl::Status Run(Options options) {
  const auto villages = ReadVillages(options.divisions);
  if (!villages.ok()) return villages.status();
  if (options.first > options.end || options.end > villages->size()) {
    return absl::InvalidArgumentError(fmt::format("villages {} to {}: {} has {}", options.first,
                                                  options.end, options.divisions,
                                                  villages->size()));
  }
  const auto channel = grpc::CreateChannel(options.target, grpc::InsecureChannelCredentials());
  auto catalogue = FetchCatalogue(channel);
  if (!catalogue.ok()) return catalogue.status();
  options.size.households = static_cast<int64_t>(options.end) * options.households_per_village;
  const Panel panel(options.size, *catalogue);
  const double before = ProcessorSeconds();
  const BatchSource months =
      MonthByMonth(panel, std::span(*villages).subspan(options.first, options.end - options.first),
                   static_cast<int64_t>(options.first) * options.households_per_village,
                   options.households_per_village);
  const auto grown = Grow(channel, months, options.growth, [](double seconds, int64_t values) {
    const nlohmann::json line = {{"seconds", seconds}, {"values", values}};
    std::cout << line.dump() << std::endl;
  });
  if (!grown.ok()) return grown.status();
  const double client_seconds = ProcessorSeconds() - before;
  const auto histories = TimeGrownHistories(channel, panel, *villages, options);
  if (!histories.ok()) return histories.status();
  const nlohmann::json result = {
      {"values", grown->values},
      {"batches", grown->batches},
      {"warnings_opened", grown->warnings_opened},
      {"households",
       (options.end - options.first) * static_cast<size_t>(options.households_per_village)},
      {"seconds", grown->seconds},
      {"maker_cpu_seconds", grown->maker_seconds},
      {"client_cpu_seconds", client_seconds},
      {"history_p50_us", Quantile(*histories, 0.50)},
      {"history_p99_us", Quantile(*histories, 0.99)},
  };
  std::cout << result.dump() << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Grows the store of a running daemon");
  Options options;
  options.size.months = 12;
  app.add_option("--target", options.target)->required();
  app.add_option("--divisions", options.divisions)->required();
  app.add_option("--first", options.first)->required();
  app.add_option("--end", options.end)->required();
  app.add_option("--households-per-village", options.households_per_village)
      ->check(CLI::Range(1, 4096));
  app.add_option("--indicators", options.size.indicators)->check(CLI::PositiveNumber);
  app.add_option("--months", options.size.months)->check(CLI::Range(1, 72));
  app.add_option("--streams", options.growth.streams)->check(CLI::Range(1, 256));
  app.add_option("--window", options.growth.window)->check(CLI::Range(1, 4096));
  app.add_option("--samples", options.samples)->check(CLI::Range(1, 1'000'000));
  CLI11_PARSE(app, argc, argv);
  DoNotLookForCircles();
  const absl::Status status = Run(options);
  if (!status.ok()) std::cerr << std::string(status.message()) << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
