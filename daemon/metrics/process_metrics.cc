#include "daemon/metrics/process_metrics.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace shouwang::metrics {
namespace {

constexpr int kUtime = 11;      // fields of /proc/self/stat counted after the command's ')':
constexpr int kStime = 12;      // state is 0, see proc(5)
constexpr int kStartTime = 19;  // in clock ticks after boot

std::vector<std::string> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const size_t end_of_command = line.rfind(')');
  if (end_of_command == std::string::npos) return {};
  std::istringstream rest(line.substr(end_of_command + 1));
  return {std::istream_iterator<std::string>(rest), std::istream_iterator<std::string>()};
}

std::optional<double> BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  double seconds = 0;
  while (file >> word) {
    if (word == "btime" && file >> seconds) return seconds;
  }
  return std::nullopt;
}

std::optional<double> ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  double total = 0;
  double resident = 0;
  if (!(file >> total >> resident)) return std::nullopt;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::optional<double> OpenFiles() {
  std::error_code fault;
  double count = 0;
  for (auto it = std::filesystem::directory_iterator("/proc/self/fd", fault);
       !fault && it != std::filesystem::directory_iterator(); it.increment(fault)) {
    ++count;
  }
  if (fault) return std::nullopt;
  return count - 1;  // the listing's own
}

void Add(const char* name, const char* help, prometheus::MetricType type,
         std::optional<double> value, std::vector<prometheus::MetricFamily>* families) {
  if (!value) return;
  prometheus::ClientMetric metric;
  if (type == prometheus::MetricType::Counter) {
    metric.counter.value = *value;
  } else {
    metric.gauge.value = *value;
  }
  prometheus::MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  family.metric.push_back(metric);
  families->push_back(std::move(family));
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  using prometheus::MetricType;
  const std::vector<std::string> fields = StatFields();
  std::optional<double> cpu;
  std::optional<double> start;
  if (fields.size() > kStartTime) {
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    cpu = (std::strtod(fields[kUtime].c_str(), nullptr) +
           std::strtod(fields[kStime].c_str(), nullptr)) /
          ticks;
    const std::optional<double> boot = BootTime();
    if (boot) start = *boot + std::strtod(fields[kStartTime].c_str(), nullptr) / ticks;
  }
  std::vector<prometheus::MetricFamily> families;
  Add("process_cpu_seconds_total", "User and system CPU time spent.", MetricType::Counter, cpu,
      &families);
  Add("process_resident_memory_bytes", "Resident memory size.", MetricType::Gauge, ResidentBytes(),
      &families);
  Add("process_open_fds", "Open file descriptors.", MetricType::Gauge, OpenFiles(), &families);
  Add("process_start_time_seconds", "Start of the process since 1970-01-01.", MetricType::Gauge,
      start, &families);
  return families;
}

}  // namespace shouwang::metrics
