// Groups of warnings in the small county, and an Alertmanager that answers as it is told: a real
// one is in tests/end_to_end/alerts.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "daemon/alerts/http.h"
#include "daemon/alerts/told.h"
#include "tests/daemon/watched_county.h"

namespace shouwang::alerts {

using namespace county;

inline constexpr char kAlertmanager[] = "http://127.0.0.1:9093";

inline WarningGroup LowWages(std::string_view township) {
  return {At(township), "wage_low", Severity::kRed, RiskKind::kIncome};
}
inline WarningGroup HighCosts(std::string_view township) {
  return {At(township), "medical_high", Severity::kYellow, RiskKind::kIllness};
}

inline Tally OpenIn(std::string_view township, RuleId rule, Severity severity, int64_t count) {
  Tally tally;
  tally.place = Settlement(township);
  tally.warnings = {{rule, severity, count}};
  return tally;
}

// Refuses the alerts of `refused` as an Alertmanager does: 400 for any POST that has one of them.
class ScriptedHttp final : public Http {
 public:
  absl::StatusOr<HttpAnswer> Post(const std::string& url, const std::string& body) override {
    urls.push_back(url);
    bodies.push_back(nlohmann::json::parse(body));
    if (!down.ok()) return down;
    if (code != 200) return HttpAnswer{code, "so it is\n"};
    for (const auto& alert : bodies.back()) {
      for (const std::string& township : refused) {
        if (alert["labels"]["division"] == township) return HttpAnswer{400, "bad " + township};
      }
    }
    return HttpAnswer{200, ""};
  }
  void Stop() override {}

  absl::Status down;
  int code = 200;
  std::vector<std::string> refused;
  std::vector<std::string> urls;
  std::vector<nlohmann::json> bodies;
};

}  // namespace shouwang::alerts
