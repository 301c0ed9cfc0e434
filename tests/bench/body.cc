#include "tests/bench/body.h"

#include <fmt/format.h>
#include <snappy.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "remote_write.pb.h"

namespace shouwang::bench {
namespace {

constexpr int64_t kMillisecondsPerDay = 86'400'000;

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

void AppendText(std::string_view text, std::string* out) {
  AppendVarint(text.size(), out);
  out->append(text);
}

// A Native block is its counts, then column by column a name, a type and the values, low byte
// first.
void BeginBlock(size_t columns, size_t rows, std::string* out) {
  AppendVarint(columns, out);
  AppendVarint(rows, out);
}

void BeginColumn(std::string_view name, std::string_view type, std::string* out) {
  AppendText(name, out);
  AppendText(type, out);
}

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  char bytes[sizeof(Number)];
  std::memcpy(bytes, &number, sizeof(Number));
  out->append(bytes, sizeof(Number));
}

uint64_t VillageOf(int64_t household) {
  return std::stoull(VillageCode(household / kHouseholdsPerVillage));
}

uint16_t NumberOf(int64_t household) {
  return static_cast<uint16_t>(household % kHouseholdsPerVillage + 1);
}

double UnitsOf(int64_t scaled, uint32_t decimals) {
  double power = 1;
  for (uint32_t i = 0; i < decimals; ++i) power *= 10;
  return static_cast<double>(scaled) / power;
}

void AddLabel(std::string_view name, std::string_view value, remote::TimeSeries* series) {
  remote::Label* label = series->add_labels();
  label->set_name(std::string(name));
  label->set_value(std::string(value));
}

}  // namespace

std::optional<BodyFormat> ParseBodyFormat(std::string_view name) {
  if (name == "clickhouse-wide") return BodyFormat::kClickhouseWide;
  if (name == "clickhouse-narrow") return BodyFormat::kClickhouseNarrow;
  if (name == "remote-write") return BodyFormat::kRemoteWrite;
  if (name == "line-protocol") return BodyFormat::kLineProtocol;
  return std::nullopt;
}

BodyWriter::BodyWriter(const Panel& panel, BodyFormat format) : panel_(panel), format_(format) {}

void BodyWriter::Add(int64_t household, int month) { reports_.push_back({household, month}); }

std::string BodyWriter::Finish() {
  if (reports_.empty()) return {};
  std::string body;
  switch (format_) {
    case BodyFormat::kClickhouseWide:
      body = WriteWide();
      break;
    case BodyFormat::kClickhouseNarrow:
      body = WriteNarrow();
      break;
    case BodyFormat::kRemoteWrite:
      body = WriteRemote();
      break;
    case BodyFormat::kLineProtocol:
      body = WriteLines();
      break;
  }
  reports_.clear();
  return body;
}

int64_t BodyWriter::rows_per_report() const {
  const bool of_values =
      format_ == BodyFormat::kClickhouseNarrow || format_ == BodyFormat::kRemoteWrite;
  return of_values ? static_cast<int64_t>(panel_.indicators().size()) : 1;
}

std::string BodyWriter::WriteWide() const {
  std::string out;
  BeginBlock(3 + panel_.indicators().size(), reports_.size(), &out);
  BeginColumn("village", "UInt64", &out);
  for (const Report& report : reports_) AppendNumber(VillageOf(report.household), &out);
  BeginColumn("household", "UInt16", &out);
  for (const Report& report : reports_) AppendNumber(NumberOf(report.household), &out);
  BeginColumn("date", "Date", &out);
  for (const Report& report : reports_) {
    AppendNumber(static_cast<uint16_t>(ReportDay(report.month)), &out);
  }
  for (const v1::Indicator& indicator : panel_.indicators()) {
    BeginColumn(indicator.name(), "Int32", &out);
    for (const Report& report : reports_) {
      const int64_t value = panel_.ValueOf(report.household, indicator, report.month);
      AppendNumber(static_cast<int32_t>(value), &out);
    }
  }
  return out;
}

std::string BodyWriter::WriteNarrow() const {
  std::string villages, households, indicators, dates, values;
  for (const Report& report : reports_) {
    const uint64_t village = VillageOf(report.household);
    for (const v1::Indicator& indicator : panel_.indicators()) {
      AppendNumber(village, &villages);
      AppendNumber(NumberOf(report.household), &households);
      AppendNumber(static_cast<uint16_t>(indicator.id()), &indicators);
      AppendNumber(static_cast<uint16_t>(ReportDay(report.month)), &dates);
      const int64_t value = panel_.ValueOf(report.household, indicator, report.month);
      AppendNumber(static_cast<int32_t>(value), &values);
    }
  }
  std::string out;
  BeginBlock(5, reports_.size() * panel_.indicators().size(), &out);
  BeginColumn("village", "UInt64", &out);
  out += villages;
  BeginColumn("household", "UInt16", &out);
  out += households;
  BeginColumn("indicator", "UInt16", &out);
  out += indicators;
  BeginColumn("date", "Date", &out);
  out += dates;
  BeginColumn("value", "Int32", &out);
  out += values;
  return out;
}

std::string BodyWriter::WriteRemote() const {
  remote::WriteRequest request;
  for (const Report& report : reports_) {
    const std::string county = CountyOf(report.household);
    const std::string household = SubjectOf(report.household);
    for (const v1::Indicator& indicator : panel_.indicators()) {
      remote::TimeSeries* series = request.add_timeseries();
      AddLabel("__name__", indicator.name(), series);
      AddLabel("county", county, series);
      AddLabel("household", household, series);
      remote::Sample* sample = series->add_samples();
      sample->set_timestamp(kMillisecondsPerDay * ReportDay(report.month));
      sample->set_value(
          UnitsOf(panel_.ValueOf(report.household, indicator, report.month), indicator.decimals()));
    }
  }
  std::string compressed;
  const std::string plain = request.SerializeAsString();
  snappy::Compress(plain.data(), plain.size(), &compressed);
  return compressed;
}

std::string BodyWriter::WriteLines() const {
  std::string out;
  for (const Report& report : reports_) {
    fmt::format_to(std::back_inserter(out), "report,county={},household={} ",
                   CountyOf(report.household), SubjectOf(report.household));
    char before = 0;
    for (const v1::Indicator& indicator : panel_.indicators()) {
      if (before != 0) out.push_back(before);
      before = ',';
      const int64_t value = panel_.ValueOf(report.household, indicator, report.month);
      if (indicator.decimals() == 0) {
        fmt::format_to(std::back_inserter(out), "{}={}i", indicator.name(), value);
      } else {
        fmt::format_to(std::back_inserter(out), "{}={}", indicator.name(),
                       UnitsOf(value, indicator.decimals()));
      }
    }
    // Milliseconds: the request says precision=ms.
    fmt::format_to(std::back_inserter(out), " {}\n", kMillisecondsPerDay * ReportDay(report.month));
  }
  return out;
}

BodySequence::BodySequence(const Panel& panel, BodyFormat format, int64_t rows, int connection,
                           int connections)
    : panel_(panel),
      writer_(panel, format),
      reports_per_body_(std::max<int64_t>(1, rows / writer_.rows_per_report())) {
  for (int64_t household = 0; household < panel.size().households; ++household) {
    const int64_t township = household / kHouseholdsPerVillage / kVillagesPerTownship;
    if (township % connections == connection) households_.push_back(household);
  }
  if (households_.empty()) month_ = panel.size().months;
}

std::string BodySequence::Next() {
  for (int64_t i = 0; i < reports_per_body_ && month_ < panel_.size().months; ++i) {
    writer_.Add(households_[at_], month_);
    values_ += static_cast<int64_t>(panel_.indicators().size());
    if (++at_ < households_.size()) continue;
    at_ = 0;
    ++month_;
  }
  return writer_.Finish();
}

}  // namespace shouwang::bench
