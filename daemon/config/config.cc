#include "daemon/config/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

namespace shouwang {
namespace {

constexpr int64_t kMiB = 1 << 20;
constexpr size_t kMaxAlertmanagers = 8;
// As many as a delivery keeps of its receiver's address.
constexpr size_t kMaxUrlBytes = 256;
constexpr size_t kMaxLinkBytes = 1024;
constexpr std::array<std::string_view, 5> kLogLevels = {"trace", "debug", "info", "warn", "error"};

// Relative paths stand for those beside the file that names them, wherever the daemon is started.
std::string Beside(const std::string& file, const std::string& path) {
  if (path.empty()) return path;
  return (std::filesystem::path(file).parent_path() / path).lexically_normal().string();
}

// "host:port" or "[::1]:port"; port 0 lets the kernel choose.
bool IsAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.find(':') != std::string_view::npos && !(host.starts_with('[') && host.ends_with(']'))) {
    return false;
  }
  const std::string_view digits = text.substr(colon + 1);
  int port = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port >= 0 && port <= 65535;
}

void ReadAddress(YamlMap& map, std::string_view key, std::string* address) {
  const std::optional<std::string> text = map.OptionalText(key);
  if (!text) return;
  if (!IsAddress(*text)) {
    map.Fault(fmt::format("'{}' is '{}'; an address is host:port with a port of 0 to 65535, "
                          "e.g. 127.0.0.1:7443 or [::1]:7443",
                          key, *text),
              key);
  }
  *address = *text;
}

template <typename T>
void ReadInteger(YamlMap& map, std::string_view key, int64_t min, int64_t max, T* value) {
  if (const auto number = map.Integer(key, min, max)) *value = static_cast<T>(*number);
}

void ReadRulebook(YamlMap& root, const std::string& path, RulebookPaths* rulebook) {
  rulebook->catalogue = Beside(path, root.Text("catalogue"));
  rulebook->divisions = Beside(path, root.Text("divisions"));
  rulebook->sites = Beside(path, root.OptionalText("sites").value_or(""));
  for (const std::string& code : root.Texts("regions")) {
    const absl::StatusOr<Division> region = Division::Parse(code);
    if (!region.ok()) {
      root.Fault(fmt::format("'regions': {}", std::string(region.status().message())), "regions");
    } else if (region->level() == DivisionLevel::kNation) {
      root.Fault("'regions': '' is no code; for the whole nation write []", "regions");
    } else {
      rulebook->regions.push_back(*region);
    }
  }
  for (const std::string& policy : root.Texts("policies")) {
    if (policy.empty()) root.Fault("'policies': '' is no path", "policies");
    rulebook->policies.push_back(Beside(path, policy));
  }
  if (rulebook->policies.empty()) root.Fault("'policies' is missing or empty", "policies");
}

void ReadIngest(YamlMap& map, Config* config) {
  ReadInteger(map, "shards", 1, 64, &config->shards);
  ReadInteger(map, "queue_batches", 1, 65536, &config->queue_batches);
  ReadInteger(map, "max_message_bytes", 64 << 10, 256 * kMiB, &config->max_message_bytes);
  ReadInteger(map, "max_reports", 1, 65536, &config->max_reports);
  ReadInteger(map, "max_values", 1, 16 * kMiB, &config->max_values);
  ReadInteger(map, "recent_bytes", 0, int64_t{1024} * 1024 * kMiB, &config->recent_bytes);
  map.Done();
}

void ReadQuery(YamlMap& map, Config* config) {
  ReadInteger(map, "threads", 1, 64, &config->query_threads);
  ReadInteger(map, "queue", 1, 65536, &config->queue_queries);
  map.Done();
}

void ReadMetrics(YamlMap& map, Config* config) {
  if (const std::optional<std::string> depth = map.OptionalText("depth")) {
    const absl::StatusOr<DivisionLevel> level = ParseLevel(*depth);
    if (!level.ok() || *level == DivisionLevel::kNation || *level == DivisionLevel::kVillage) {
      map.Fault(fmt::format("'depth' is '{}'; it must be province, prefecture, county or township",
                            *depth),
                "depth");
    } else {
      config->metrics_depth = *level;
    }
  }
  ReadInteger(map, "min_cell", 1, 1000, &config->metrics_min_cell);
  if (const auto seconds = map.Integer("refresh_seconds", 1, 3600)) {
    config->metrics_refresh = std::chrono::seconds(*seconds);
  }
  map.Done();
}

void ReadStore(YamlMap& map, Config* config) {
  ReadInteger(map, "cache_bytes", 8 * kMiB, 65536 * kMiB, &config->cache_bytes);
  ReadInteger(map, "write_buffer_bytes", kMiB, 4096 * kMiB, &config->write_buffer_bytes);
  map.Done();
}

void ReadRetention(YamlMap& map, Config* config) {
  constexpr int64_t kMostMonths = 2400;
  ReadInteger(map, "monthly", 0, kMostMonths, &config->retention.monthly);
  ReadInteger(map, "quarterly", 0, kMostMonths, &config->retention.quarterly);
  ReadInteger(map, "yearly", 0, kMostMonths, &config->retention.yearly);
  ReadInteger(map, "on_change", 0, kMostMonths, &config->retention.on_change);
  map.Done();
}

void ReadBackup(YamlMap& map, const std::string& path, Config* config) {
  config->backup_dir = Beside(path, map.OptionalText("dir").value_or(""));
  ReadInteger(map, "keep", 1, 1000, &config->backup_keep);
  ReadInteger(map, "bytes_per_second", 0, 65536 * kMiB, &config->backup_bytes_per_second);
  map.Done();
}

// "http://host:port" or "https://host/prefix". No user and password, which would be seen in metrics
// and the log; no end that "/api/v2/alerts" cannot be put behind.
std::string_view WrongAlertmanager(std::string_view url) {
  const size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  const std::string_view rest = url.substr(scheme);
  if (scheme == 0 || rest.empty() || rest.starts_with('/') || rest.starts_with(':')) {
    return "is no address such as http://127.0.0.1:9093";
  }
  if (url.size() > kMaxUrlBytes) return "is too long: at most 256 bytes";
  for (const char c : url) {
    if (c <= ' ' || c > '~') return "has a blank or a character that is not ASCII";
  }
  if (rest.find('@') != std::string_view::npos) return "has a user in it, which is not supported";
  if (rest.find_first_of("?#") != std::string_view::npos) return "has a '?' or '#' in it";
  if (rest.ends_with('/')) return "ends with '/'; leave that out";
  if (rest.find("/api/") != std::string_view::npos)
    return "has the API's path in it; leave that out";
  return "";
}

void ReadAlertmanagers(YamlMap& map, Config* config) {
  for (std::string& url : map.Texts("alertmanagers")) {
    if (const std::string_view wrong = WrongAlertmanager(url); !wrong.empty()) {
      map.Fault(fmt::format("'alertmanagers': '{}' {}", url, wrong), "alertmanagers");
    } else if (std::ranges::find(config->alertmanagers, url) != config->alertmanagers.end()) {
      map.Fault(fmt::format("'alertmanagers': '{}' is there twice", url), "alertmanagers");
    } else {
      config->alertmanagers.push_back(std::move(url));
    }
  }
  if (config->alertmanagers.size() > kMaxAlertmanagers) {
    map.Fault(fmt::format("'alertmanagers' has {}; at most {}", config->alertmanagers.size(),
                          kMaxAlertmanagers),
              "alertmanagers");
  }
}

void ReadLink(YamlMap& map, std::string* link) {
  constexpr std::array<std::string_view, 6> kNames = {"division", "county", "prefecture",
                                                      "province", "rule",   "severity"};
  *link = map.OptionalText("link").value_or("");
  if (!link->empty() && !link->starts_with("http://") && !link->starts_with("https://")) {
    map.Fault(fmt::format("'link' is '{}'; it must begin with http:// or https://", *link), "link");
  }
  if (link->size() > kMaxLinkBytes) {
    map.Fault(fmt::format("'link' has {} bytes; at most {}", link->size(), kMaxLinkBytes), "link");
  }
  for (size_t open = link->find('{'); open != std::string::npos; open = link->find('{', open + 1)) {
    const size_t close = link->find('}', open);
    const std::string name =
        link->substr(open + 1, close == std::string::npos ? std::string::npos : close - open - 1);
    if (close == std::string::npos || std::ranges::find(kNames, name) == kNames.end()) {
      map.Fault(fmt::format("'link': '{{{}' is none of {{{}}}", name, fmt::join(kNames, "}, {")),
                "link");
    }
  }
}

void ReadAlerts(YamlMap& map, Config* config) {
  ReadAlertmanagers(map, config);
  const auto seconds = [&map](std::string_view key, int64_t max, std::chrono::seconds* value) {
    if (const auto number = map.Integer(key, 1, max)) *value = std::chrono::seconds(*number);
  };
  seconds("interval_seconds", 300, &config->alerts_interval);
  seconds("timeout_seconds", 60, &config->alerts_timeout);
  seconds("lifetime_seconds", 86'400, &config->alerts_lifetime);
  const std::chrono::seconds least = 4 * config->alerts_interval;
  if (config->alerts_lifetime < least) {
    map.Fault(fmt::format("'lifetime_seconds' is {}; it must be at least 4 times interval_seconds "
                          "({}), or alerts would end between two rounds",
                          config->alerts_lifetime.count(), least.count()),
              "lifetime_seconds");
  }
  ReadLink(map, &config->alerts_link);
  ReadInteger(map, "history_days", 1, 36'500, &config->alerts_history_days);
  map.Done();
}

}  // namespace

Config LoadConfig(const std::string& path, Problems* problems) {
  Config config;
  const size_t faults_before = problems->size();
  const YamlFile file = YamlFile::Read(path, problems);
  // What can't be read lacks every key; one fault says it.
  if (problems->size() > faults_before) return config;
  YamlMap root = file.Root();
  ReadAddress(root, "listen", &config.listen);
  ReadAddress(root, "metrics_listen", &config.metrics_listen);
  config.data_dir = Beside(path, root.Text("data_dir"));
  if (const std::optional<std::string> level = root.OptionalText("log_level")) {
    if (std::ranges::find(kLogLevels, *level) == kLogLevels.end()) {
      root.Fault(
          fmt::format("'log_level' is '{}'; it must be trace, debug, info, warn or error", *level),
          "log_level");
    }
    config.log_level = *level;
  }
  ReadRulebook(root, path, &config.rulebook);
  const std::array<std::pair<std::string_view, void (*)(YamlMap&, Config*)>, 6> sections = {
      {{"alerts", ReadAlerts},
       {"ingest", ReadIngest},
       {"query", ReadQuery},
       {"metrics", ReadMetrics},
       {"retention", ReadRetention},
       {"store", ReadStore}}};
  for (const auto& [key, read] : sections) {
    if (std::optional<YamlMap> section = root.Map(key)) read(*section, &config);
  }
  if (std::optional<YamlMap> backup = root.Map("backup")) ReadBackup(*backup, path, &config);
  root.Done();
  return config;
}

}  // namespace shouwang
