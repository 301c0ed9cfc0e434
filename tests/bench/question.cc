#include "tests/bench/question.h"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <map>

#include <nlohmann/json.hpp>

#include "tests/bench/http.h"

namespace shouwang::bench {
namespace {

constexpr int64_t kShareLineUnits = 1000;
constexpr int64_t kSecondsPerDay = 86'400;

struct Total {
  int64_t count = 0;
  int64_t sum = 0;  // scaled
  friend bool operator==(const Total&, const Total&) = default;
};
using Totals = std::map<std::string, Total>;

Totals TotalsSent(const Panel& panel, int64_t household) {
  Totals totals;
  for (const v1::Indicator& indicator : panel.indicators()) {
    Total& total = totals[indicator.name()];
    for (int month = 0; month < panel.size().months; ++month) {
      ++total.count;
      total.sum += panel.ValueOf(household, indicator, month);
    }
  }
  return totals;
}

template <typename Number>
Number Take(std::string_view* bytes) {
  Number number{};
  if (bytes->size() < sizeof(Number)) {
    bytes->remove_prefix(bytes->size());
    return number;
  }
  std::memcpy(&number, bytes->data(), sizeof(Number));
  bytes->remove_prefix(sizeof(Number));
  return number;
}

// RowBinary: date, then every indicator.
Totals ReadWide(const Panel& panel, std::string_view bytes) {
  Totals totals;
  while (!bytes.empty()) {
    Take<uint16_t>(&bytes);
    for (const v1::Indicator& indicator : panel.indicators()) {
      Total& total = totals[indicator.name()];
      ++total.count;
      total.sum += Take<int32_t>(&bytes);
    }
  }
  return totals;
}

// RowBinary: indicator, date, value.
Totals ReadNarrow(const Panel& panel, std::string_view bytes) {
  std::map<uint32_t, std::string> names;
  for (const v1::Indicator& indicator : panel.indicators()) {
    names[indicator.id()] = indicator.name();
  }
  Totals totals;
  while (!bytes.empty()) {
    Total& total = totals[names[Take<uint16_t>(&bytes)]];
    Take<uint16_t>(&bytes);
    ++total.count;
    total.sum += Take<int32_t>(&bytes);
  }
  return totals;
}

int64_t Scaled(double value, uint32_t decimals) {
  return std::llround(value * std::pow(10, decimals));
}

Totals ReadMatrix(const Panel& panel, const nlohmann::json& answer) {
  std::map<std::string, uint32_t> decimals;
  for (const v1::Indicator& indicator : panel.indicators()) {
    decimals[indicator.name()] = indicator.decimals();
  }
  Totals totals;
  for (const auto& series : answer.at("data").at("result")) {
    const std::string name = series.at("metric").at("__name__");
    for (const auto& point : series.at("values")) {
      ++totals[name].count;
      totals[name].sum += Scaled(std::stod(point.at(1).get<std::string>()), decimals[name]);
    }
  }
  return totals;
}

Totals ReadInflux(const Panel& panel, const nlohmann::json& answer) {
  const auto& series = answer.at("results").at(0).at("series").at(0);
  Totals totals;
  for (size_t column = 0; column < series.at("columns").size(); ++column) {
    for (const v1::Indicator& indicator : panel.indicators()) {
      if (series.at("columns").at(column) != indicator.name()) continue;
      for (const auto& row : series.at("values")) {
        ++totals[indicator.name()].count;
        totals[indicator.name()].sum += Scaled(row.at(column).get<double>(), indicator.decimals());
      }
    }
  }
  return totals;
}

std::string NamesOf(const Panel& panel) {
  std::string names;
  for (const v1::Indicator& indicator : panel.indicators()) names += ", " + indicator.name();
  return names;
}

std::string WhereOf(int64_t household) {
  return fmt::format("WHERE village = {} AND household = {}",
                     VillageCode(household / kHouseholdsPerVillage),
                     household % kHouseholdsPerVillage + 1);
}

}  // namespace

std::string HistoryUrl(const Panel& panel, BodyFormat format, const std::string& base,
                       int64_t household) {
  switch (format) {
    case BodyFormat::kClickhouseWide:
      return base + "/?query=" +
             UrlEncode(fmt::format("SELECT date{} FROM panel {} ORDER BY date FORMAT RowBinary",
                                   NamesOf(panel), WhereOf(household)));
    case BodyFormat::kClickhouseNarrow:
      return base + "/?query=" +
             UrlEncode(fmt::format("SELECT indicator, date, value FROM panel {} "
                                   "ORDER BY indicator, date FORMAT RowBinary",
                                   WhereOf(household)));
    case BodyFormat::kRemoteWrite: {
      // A second later, since VictoriaMetrics does not see a sample of the very instant.
      const int64_t last = ReportDay(panel.size().months - 1);
      return fmt::format("{}/api/v1/query?query={}&time={}", base,
                         UrlEncode(fmt::format("{{household=\"{}\"}}[{}d]", SubjectOf(household),
                                               last - ReportDay(0) + 1)),
                         last * kSecondsPerDay + 1);
    }
    case BodyFormat::kLineProtocol:
      break;
  }
  return base + "/query?db=bench&epoch=ms&q=" +
         UrlEncode(
             fmt::format("SELECT * FROM report WHERE household = '{}'", SubjectOf(household)));
}

absl::Status CheckHistory(const Panel& panel, BodyFormat format, const std::string& answer,
                          int64_t household) {
  Totals found;
  if (format == BodyFormat::kClickhouseWide) {
    found = ReadWide(panel, answer);
  } else if (format == BodyFormat::kClickhouseNarrow) {
    found = ReadNarrow(panel, answer);
  } else {
    try {
      const nlohmann::json json = nlohmann::json::parse(answer);
      found =
          format == BodyFormat::kRemoteWrite ? ReadMatrix(panel, json) : ReadInflux(panel, json);
    } catch (const nlohmann::json::exception& error) {
      return absl::FailedPreconditionError(fmt::format(
          "history of {}: {} in {}", SubjectOf(household), error.what(), answer.substr(0, 300)));
    }
  }
  if (found == TotalsSent(panel, household)) return absl::OkStatus();
  return absl::FailedPreconditionError(fmt::format("history of {} is not what was sent: {}",
                                                   SubjectOf(household), answer.substr(0, 300)));
}

int64_t ShareLine(const Panel& panel) {
  int64_t line = kShareLineUnits;
  for (uint32_t i = 0; i < panel.indicators().at(0).decimals(); ++i) line *= 10;
  return line;
}

}  // namespace shouwang::bench
