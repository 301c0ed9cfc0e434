// The daemon's configuration, read strictly from one YAML file (deploy/shouwangd.yaml shows every
// key with its default). Relative paths are taken from the file's own folder. Immutable once
// loaded.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/rulebook/retention_months.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/files/yaml.h"
#include "storage/vocabulary/division.h"

namespace shouwang {

struct Config {
  std::string listen = "127.0.0.1:7443";          // gRPC
  std::string metrics_listen = "127.0.0.1:9464";  // Prometheus scrapes http://.../metrics
  std::string data_dir;                           // required
  RulebookPaths rulebook;

  // `ingest:` bounds; past one the caller gets ResourceExhausted or is slowed, never dropped.
  int shards = 2;
  int queue_batches = 1024;  // waiting per shard; then streams are slowed
  int max_message_bytes = 16 << 20;
  int max_reports = 4096;            // per batch
  int max_values = 262144;           // per batch
  int64_t recent_bytes = 256 << 20;  // of look-back windows kept in memory
  int query_threads = 2;
  int queue_queries = 256;

  // `metrics:`
  DivisionLevel metrics_depth = DivisionLevel::kCounty;
  int metrics_min_cell = 5;
  std::chrono::seconds metrics_refresh{15};

  // `store:`
  int64_t cache_bytes = 256 << 20;
  int64_t write_buffer_bytes = 64 << 20;

  RetentionMonths retention;  // `retention:`

  // `backup:`; no directory: backups are refused.
  std::string backup_dir;
  int backup_keep = 14;                 // backups
  int64_t backup_bytes_per_second = 0;  // 0: not held back

  // `alerts:`; no Alertmanager: none are sent.
  std::vector<std::string> alertmanagers;      // "http://127.0.0.1:9093"
  std::chrono::seconds alerts_interval{60};    // between two rounds
  std::chrono::seconds alerts_timeout{10};     // of one POST
  std::chrono::seconds alerts_lifetime{3600};  // of an alert that is not told again
  std::string alerts_link;                     // with {division}, {rule}, ... in it
  int alerts_history_days = 400;

  std::string log_level = "info";  // trace, debug, info, warn, error
};

// Faults go to `problems`; the result must then not be used.
Config LoadConfig(const std::string& path, Problems* problems);

}  // namespace shouwang
