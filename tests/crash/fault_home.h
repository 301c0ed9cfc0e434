// A daemon whose disk and clock can be made to misbehave, and what the tests of that say to it.
#pragma once

#include <gtest/gtest.h>
#include <shouwang/v1/report.pb.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>

#include "storage/vocabulary/date.h"
#include "tests/daemon/app/daemon_process.h"
#include "tests/daemon/app/report_calls.h"
#include "tests/daemon/metrics/http_get.h"

namespace shouwang::crash {

using app::StatusOf;
using app::Submit;
using app::VillageOf;

// A home whose figures are read each second.
class FaultHome : public app::Home {
 public:
  explicit FaultHome(const std::string& more = "") {
    Write("shouwangd.yaml", ConfigText() + "metrics: {refresh_seconds: 1}\n" + more);
  }
  void Ask(const std::string& fault) const { Write(fault, ""); }
  void Withdraw(const std::string& fault) const { std::filesystem::remove(Path(fault)); }
};

// A daemon that finds its faults in its home's folder.
class FaultyDaemon : public app::DaemonProcess {
 public:
  explicit FaultyDaemon(const app::Home& home) : DaemonProcess(Prepared(home)) {
    unsetenv("LD_PRELOAD");
    unsetenv("ASAN_OPTIONS");
    if (!asan_options_.empty()) setenv("ASAN_OPTIONS", asan_options_.c_str(), 1);
  }

 private:
  static const app::Home& Prepared(const app::Home& home) {
    const char* options = std::getenv("ASAN_OPTIONS");
    asan_options_ = options == nullptr ? "" : options;
    setenv("SHOUWANG_FAULTS", home.Path("").c_str(), 1);
    setenv("LD_PRELOAD", SHOUWANG_FAULT_SHIM, 1);
    // The sanitizer wants to be first; the library before it only wraps three calls.
    // Memory is looked at, so what was freed must not be kept for long.
    setenv("ASAN_OPTIONS",
           (asan_options_ + ":verify_asan_link_order=0:quarantine_size_mb=1").c_str(), 1);
    return home;
  }
  static inline std::string asan_options_;
};

// Polls a condition of another process for up to a minute.
inline bool Within(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
  }
  return false;
}

// `households` of a village from number `first` on, with a wage each for `days` of 2024.
inline v1::SubmitRequest Wages(const std::string& id, int village, uint32_t first,
                               uint32_t households, int days = 1) {
  v1::SubmitRequest request = app::WageBatch(id, village);
  v1::Section* section = request.mutable_batch()->mutable_sections(0);
  v1::Column* column = section->mutable_columns(0);
  const int32_t january = Date::Parse("2024-01-01").value().days();
  for (uint32_t number = first; number < first + households; ++number) {
    for (int day = 0; day < days; ++day) {
      section->add_numbers(number);
      section->add_dates(january + day);
      column->add_values(static_cast<int64_t>(number) * 7'919 % 90'000'000 + day);
    }
  }
  return request;
}

inline bool Shows(int port, const std::string& line) {
  return metrics::HttpGet(port, "/metrics").find("\n" + line + "\n") != std::string::npos;
}

}  // namespace shouwang::crash
