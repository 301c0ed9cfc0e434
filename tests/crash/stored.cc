#include "tests/crash/stored.h"

#include <fmt/format.h>
#include <shouwang/v1/risk.grpc.pb.h>
#include <shouwang/v1/series.grpc.pb.h>

#include <cstdlib>
#include <sstream>
#include <string_view>

#include "tests/crash/world.h"

namespace shouwang::crash {
namespace {

constexpr const char* kFigures[] = {"shouwang_households{",        "shouwang_observations{",
                                    "shouwang_warnings_open{",     "shouwang_origin_households{",
                                    "shouwang_site_households{",   "shouwang_origin_warnings_open{",
                                    "shouwang_site_warnings_open{"};

absl::Status Failed(std::string_view what, const grpc::Status& status) {
  return absl::UnavailableError(fmt::format("{}: {}", what, status.error_message()));
}

absl::StatusOr<int> IndicatorOf(const std::string& name) {
  for (int i = 0; i < kIndicators; ++i) {
    if (name == IndicatorName(i)) return i;
  }
  return absl::DataLossError(fmt::format("the daemon tells of indicator '{}'", name));
}

class StoredReader {
 public:
  explicit StoredReader(const std::shared_ptr<grpc::Channel>& channel)
      : series_(v1::SeriesService::NewStub(channel)), risk_(v1::RiskService::NewStub(channel)) {
    for (int household = 0; household < kHouseholds; ++household) {
      households_[SubjectOf(household)] = household;
    }
  }

  absl::Status ReadHistories() {
    for (int village = 0; village < kVillages; ++village) {
      const int first = village * kHouseholdsPerVillage;
      const int end = first + kHouseholdsPerVillage;
      absl::StatusOr<bool> all = ReadSubjects(first, end);
      if (!all.ok()) return all.status();
      if (*all) continue;
      // One that has never reported makes the answer NOT_FOUND for all.
      for (int household = first; household < end; ++household) {
        absl::StatusOr<bool> one = ReadSubjects(household, household + 1);
        if (!one.ok()) return one.status();
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadWarnings() {
    v1::ListWarningsRequest request;
    v1::ListWarningsResponse response;
    request.set_page_size(10'000);
    grpc::ClientContext context;
    const grpc::Status status = risk_->ListWarnings(&context, request, &response);
    if (!status.ok()) return Failed("warnings", status);
    for (const v1::Warning& warning : response.warnings()) {
      const auto household = households_.find(warning.subject());
      if (household == households_.end()) return absl::DataLossError(warning.subject());
      stored_.warnings[{household->second, warning.rule()}] = warning.opened_on();
    }
    return absl::OkStatus();
  }

  absl::Status ReadRollups() {
    const std::pair<const char*, v1::RollupView> views[] = {
        {"settlement", v1::ROLLUP_VIEW_SETTLEMENT},
        {"origin", v1::ROLLUP_VIEW_ORIGIN},
        {"site", v1::ROLLUP_VIEW_SITE}};
    for (const auto& [name, view] : views) {
      for (int indicator = -1; indicator < kIndicators; ++indicator) {
        v1::ListRollupsRequest request;
        v1::ListRollupsResponse response;
        request.set_view(view);
        request.set_group_digits(9);
        if (indicator >= 0) request.set_indicator(IndicatorName(indicator));
        request.set_from_month(MonthOf(DayOf(0)));
        request.set_to_month(MonthOf(DayOf(kDays - 1)));
        grpc::ClientContext context;
        const grpc::Status status = series_->ListRollups(&context, request, &response);
        if (!status.ok()) return Failed("rollups", status);
        for (const v1::Rollup& rollup : response.rollups()) {
          stored_.rollups[{name, rollup.place(), request.indicator(), rollup.month()}] = {
              static_cast<int64_t>(rollup.count()), rollup.sum()};
        }
      }
    }
    return absl::OkStatus();
  }

  void ReadFigures(const std::string& scrape) {
    std::istringstream lines(scrape);
    for (std::string line; std::getline(lines, line);) {
      const size_t space = line.rfind(' ');
      if (space == std::string::npos) continue;
      const std::string series = line.substr(0, space);
      for (const char* name : kFigures) {
        if (!series.starts_with(name)) continue;
        // Coarser divisions are sums of these.
        const bool coarse = series.find("division=\"") != std::string::npos &&
                            series.find("division=\"520502") == std::string::npos;
        const bool county = series.find("division=\"520502\"") != std::string::npos;
        const double value = std::strtod(line.c_str() + space, nullptr);
        if (!coarse && !county && value != 0) stored_.figures[series] = value;
      }
    }
  }

  Stored Take() { return std::move(stored_); }

 private:
  // False where one of them has never reported.
  absl::StatusOr<bool> ReadSubjects(int first, int end) {
    v1::GetHistoryRequest request;
    v1::GetHistoryResponse response;
    for (int household = first; household < end; ++household) {
      request.add_subjects(SubjectOf(household));
    }
    grpc::ClientContext context;
    const grpc::Status status = series_->GetHistory(&context, request, &response);
    if (status.error_code() == grpc::StatusCode::NOT_FOUND) return false;
    if (!status.ok()) return Failed("histories", status);
    for (const v1::SubjectHistory& history : response.histories()) {
      const auto household = households_.find(history.subject());
      if (household == households_.end()) return absl::DataLossError(history.subject());
      if (absl::Status taken = TakeHistory(household->second, history); !taken.ok()) return taken;
    }
    return true;
  }

  absl::Status TakeHistory(int household, const v1::SubjectHistory& history) {
    for (const v1::Series& series : history.series()) {
      absl::StatusOr<int> indicator = IndicatorOf(series.indicator());
      if (!indicator.ok()) return indicator.status();
      for (const v1::Point& point : series.points()) {
        stored_.cells[{household, *indicator, point.date()}] = {
            point.value(), point.reported_at_ms(), point.batch(), point.known_at_ms()};
      }
    }
    if (!history.has_residence()) return absl::OkStatus();
    Home& home = stored_.homes[household];
    home.since = history.residence().since();
    home.origin = history.residence().origin();
    for (home.site = 0; home.site < kSites; ++home.site) {
      if (history.residence().site() == SiteOf(home.site)) return absl::OkStatus();
    }
    return absl::DataLossError(fmt::format("site '{}'", history.residence().site()));
  }

  const std::unique_ptr<v1::SeriesService::Stub> series_;
  const std::unique_ptr<v1::RiskService::Stub> risk_;
  std::map<std::string, int> households_;
  Stored stored_;
};

}  // namespace

absl::StatusOr<Stored> ReadStored(const std::shared_ptr<grpc::Channel>& channel,
                                  const std::string& scrape) {
  StoredReader reader(channel);
  if (absl::Status status = reader.ReadHistories(); !status.ok()) return status;
  if (absl::Status status = reader.ReadWarnings(); !status.ok()) return status;
  if (absl::Status status = reader.ReadRollups(); !status.ok()) return status;
  if (scrape.empty()) return absl::UnavailableError("the scrape is empty");
  reader.ReadFigures(scrape);
  return reader.Take();
}

}  // namespace shouwang::crash
