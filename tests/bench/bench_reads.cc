// shouwang_bench_reads: questions to a running daemon over a world that `run` has none of.
//
//   shouwang_bench_reads divisions --out FILE       a province as large as a real one
//   shouwang_bench_reads rollups --target ...       ten years by county and by province
//   shouwang_bench_reads under-ingest --target ...  sends at full rate until its input is closed
//   shouwang_bench_reads explain --target ...       explanations, while `under-ingest` sends
//
// Figures as JSON on stdout. `rollups` sends five households of the first village of each of 1,530
// townships, 120 months each; `under-ingest` sends households of the other villages: first those
// that `explain` asks for, then, with the line {"running":true}, all others.
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>
#include <iostream>
#include <map>
#include <span>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "storage/vocabulary/date.h"
#include "tests/bench/growth.h"
#include "tests/bench/load.h"
#include "tests/bench/locks.h"
#include "tests/bench/timing.h"
#include "tests/bench/villages.h"

namespace shouwang::bench {
namespace {

constexpr int kMonths = 120;
// January 2014, in months of the panel.
constexpr int kFirstMonth = -72;
constexpr int kRollupHouseholds = 5;
constexpr int kVillageHouseholds = 320;

struct Options {
  std::string target;
  std::string out;
  GrowthOptions growth;
  int runs = 50;
  int samples = 2000;
  bool realtime = false;
  size_t villages = 60;  // whose households are explained
};

bool IsFirstOfTownship(const std::string& village) { return village.ends_with("201"); }

// All ten years of a village in one batch.
v1::Batch TenYearsOf(const Panel& panel, const std::string& village, int64_t first_household) {
  v1::Batch batch;
  batch.set_request_id("ten-years-" + village);
  batch.set_township(std::string(TownshipOf(village)));
  batch.set_collector("bench");
  batch.set_source(v1::SOURCE_CADRE_VISIT);
  batch.set_reported_at_ms(int64_t{86'400'000} * (ReportDay(kFirstMonth + kMonths) + 1));
  v1::Section* section = batch.add_sections();
  section->set_kind(v1::SUBJECT_KIND_HOUSEHOLD);
  section->set_place(village);
  for (size_t i = 0; i < panel.indicators().size(); ++i) {
    batch.add_indicators(panel.indicators()[i].name());
    section->add_columns()->set_indicator(static_cast<uint32_t>(i));
  }
  for (int h = 0; h < kRollupHouseholds; ++h) {
    for (int month = kFirstMonth; month < kFirstMonth + kMonths; ++month) {
      section->add_numbers(static_cast<uint32_t>(h + 1));
      section->add_dates(ReportDay(month));
      for (size_t i = 0; i < panel.indicators().size(); ++i) {
        section->mutable_columns(static_cast<int>(i))
            ->add_values(panel.ValueOf(first_household + h, panel.indicators()[i], month));
      }
    }
  }
  return batch;
}

// By the month's index.
using Sums = std::map<int, int64_t>;

absl::Status Check(const v1::ListRollupsResponse& answer, const Sums& expected) {
  if (answer.rollups_size() != kMonths) {
    return absl::FailedPreconditionError(
        fmt::format("{} rollups, {} were asked for", answer.rollups_size(), kMonths));
  }
  for (const v1::Rollup& rollup : answer.rollups()) {
    const int64_t sum = expected.at(rollup.month());
    if (rollup.sum() == sum) continue;
    return absl::FailedPreconditionError(
        fmt::format("rollup of {} in month {}: the sum is {}, {} was sent", rollup.place(),
                    rollup.month(), rollup.sum(), sum));
  }
  return absl::OkStatus();
}

absl::Status Rollups(const std::shared_ptr<grpc::Channel>& channel, const Panel& panel,
                     const Options& options) {
  const std::vector<std::string> villages = ProvinceVillages();
  size_t at = 0;
  const auto sent = Grow(
      channel,
      [&](BatchQueue::Item* item) {
        while (at < villages.size() && !IsFirstOfTownship(villages[at])) ++at;
        if (at == villages.size()) return false;
        *item->request.mutable_batch() =
            TenYearsOf(panel, villages[at], static_cast<int64_t>(at) * kRollupHouseholds);
        item->values =
            int64_t{kRollupHouseholds} * kMonths * static_cast<int64_t>(panel.indicators().size());
        ++at;
        return true;
      },
      options.growth, [](double, int64_t) {});
  if (!sent.ok()) return sent.status();
  const std::string county = villages.at(villages.size() / 2).substr(0, 6);
  Sums of_county;
  Sums of_province;
  for (size_t village = 0; village < villages.size(); ++village) {
    if (!IsFirstOfTownship(villages[village])) continue;
    for (int month = kFirstMonth; month < kFirstMonth + kMonths; ++month) {
      int64_t sum = 0;
      for (int h = 0; h < kRollupHouseholds; ++h) {
        sum += panel.ValueOf(static_cast<int64_t>(village) * kRollupHouseholds + h,
                             panel.indicators().at(0), month);
      }
      const int index = Date::OfDays(ReportDay(month)).month().index();
      of_province[index] += sum;
      if (villages[village].starts_with(county)) of_county[index] += sum;
    }
  }
  v1::ListRollupsRequest request = CountyMeans(panel);
  request.set_from_month(of_province.begin()->first);
  request.set_to_month(of_province.rbegin()->first);
  request.set_region(county);
  const auto by_county = TimeRollups(channel, request, options.runs);
  if (!by_county.ok()) return by_county.status();
  if (absl::Status status = Check(by_county->answer, of_county); !status.ok()) return status;
  request.set_region("91");
  request.set_group_digits(2);
  const auto by_province = TimeRollups(channel, request, options.runs);
  if (!by_province.ok()) return by_province.status();
  if (absl::Status status = Check(by_province->answer, of_province); !status.ok()) return status;
  const nlohmann::json result = {
      {"values", sent->values},
      {"rollup_10y_county_ms", Quantile(by_county->milliseconds, 0.50)},
      {"rollup_10y_county_worst_ms", by_county->milliseconds.back()},
      {"rollup_10y_province_ms", Quantile(by_province->milliseconds, 0.50)},
      {"rollup_10y_province_worst_ms", by_province->milliseconds.back()},
  };
  std::cout << result.dump() << "\n";
  return absl::OkStatus();
}

// Whether whoever started this has closed standard input.
bool InputEnded() {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return poll(&input, 1, 0) != 0;
}

// Sends the explained villages, then the others until standard input ends.
absl::Status SendUntilTold(const std::shared_ptr<grpc::Channel>& channel, const Panel& panel,
                           std::span<const std::string> villages, const Options& options) {
  const auto explained = villages.first(options.villages);
  const auto others = villages.subspan(options.villages);
  const auto grown = Grow(channel, MonthByMonth(panel, explained, 0, kVillageHouseholds),
                          options.growth, [](double, int64_t) {});
  if (!grown.ok()) return grown.status();
  bool enough = false;
  bool running = false;
  const BatchSource months =
      MonthByMonth(panel, others, static_cast<int64_t>(explained.size()) * kVillageHouseholds,
                   kVillageHouseholds);
  const auto meanwhile = Grow(
      channel,
      [&](BatchQueue::Item* item) {
        enough = InputEnded();
        return !enough && months(item);
      },
      options.growth,
      [&running](double, int64_t values) {
        if (running || values == 0) return;
        running = true;
        std::cout << R"({"running":true})" << std::endl;
      });
  if (!meanwhile.ok()) return meanwhile.status();
  if (!enough) return absl::FailedPreconditionError("all was sent before standard input ended");
  const nlohmann::json result = {
      {"values", grown->values + meanwhile->values},
      {"values_per_second", static_cast<double>(meanwhile->values) / meanwhile->seconds},
  };
  std::cout << result.dump() << "\n";
  return absl::OkStatus();
}

absl::Status Explain(const std::shared_ptr<grpc::Channel>& channel, const Panel& panel,
                     std::span<const std::string> villages, const Options& options) {
  if (options.realtime) {  // a caller from a machine of its own waits for no processor of this one
    const sched_param first{.sched_priority = 1};
    if (sched_setscheduler(0, SCHED_FIFO, &first) != 0) std::cerr << "no real-time priority\n";
  }
  const auto explained = villages.first(options.villages);
  const auto times =
      TimeExplanations(channel, panel, options.samples, [explained](int64_t household) {
        return SubjectOf(explained, kVillageHouseholds, household);
      });
  if (!times.ok()) return times.status();
  const nlohmann::json result = {
      {"explain_p50_us", Quantile(*times, 0.50)},
      {"explain_p90_us", Quantile(*times, 0.90)},
      {"explain_p95_us", Quantile(*times, 0.95)},
      {"explain_p99_us", Quantile(*times, 0.99)},
  };
  std::cout << result.dump() << "\n";
  return absl::OkStatus();
}

enum class Question { kRollups, kUnderIngest, kExplain };

absl::Status Run(const Options& options, Question question) {
  const auto channel = grpc::CreateChannel(options.target, grpc::InsecureChannelCredentials());
  auto catalogue = FetchCatalogue(channel);
  if (!catalogue.ok()) return catalogue.status();
  if (question == Question::kRollups) {
    return Rollups(channel, Panel({.households = 0, .indicators = 5}, *catalogue), options);
  }
  std::vector<std::string> villages = ProvinceVillages();
  std::erase_if(villages, IsFirstOfTownship);
  if (options.villages >= villages.size()) {
    return absl::InvalidArgumentError(
        fmt::format("--villages {}: there are {}", options.villages, villages.size()));
  }
  const auto households = static_cast<int64_t>(options.villages) * kVillageHouseholds;
  const Panel panel({.households = households, .indicators = 20, .months = 12}, *catalogue);
  return question == Question::kExplain ? Explain(channel, panel, villages, options)
                                        : SendUntilTold(channel, panel, villages, options);
}

int Main(int argc, char** argv) {
  CLI::App app("Questions to a running daemon over a province");
  app.require_subcommand(1);
  Options options;
  CLI::App* divisions = app.add_subcommand("divisions", "write the province's divisions");
  divisions->add_option("--out", options.out)->required();
  CLI::App* rollups = app.add_subcommand("rollups", "ten years by county and by province");
  rollups->add_option("--target", options.target)->required();
  rollups->add_option("--runs", options.runs)->check(CLI::Range(1, 10'000));
  CLI::App* under = app.add_subcommand(
      "under-ingest", "send at full rate until standard input is closed, for `explain` to ask of");
  under->add_option("--streams", options.growth.streams)->check(CLI::Range(1, 256));
  CLI::App* explain = app.add_subcommand("explain", "explanations while `under-ingest` sends");
  explain->add_option("--samples", options.samples)->check(CLI::Range(1, 1'000'000));
  explain->add_flag("--realtime", options.realtime,
                    "ask at real-time priority, as from a machine of its own");
  for (CLI::App* command : {under, explain}) {
    command->add_option("--target", options.target)->required();
    command->add_option("--villages", options.villages, "whose households are explained")
        ->check(CLI::PositiveNumber);
  }
  CLI11_PARSE(app, argc, argv);
  DoNotLookForCircles();
  if (divisions->parsed()) {
    std::ofstream file(options.out, std::ios::binary);
    file << DivisionsCsv(ProvinceVillages());
    file.close();
    if (file.good()) return 0;
    std::cerr << fmt::format("{}: not written\n", options.out);
    return 1;
  }
  const absl::Status status = Run(options, rollups->parsed()   ? Question::kRollups
                                           : explain->parsed() ? Question::kExplain
                                                               : Question::kUnderIngest);
  if (!status.ok()) std::cerr << std::string(status.message()) << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang::bench

int main(int argc, char** argv) { return shouwang::bench::Main(argc, argv); }
