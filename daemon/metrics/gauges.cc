#include "daemon/metrics/gauges.h"

#include <array>

namespace shouwang::metrics {
namespace {

struct Entry {
  std::string_view name;
  std::string_view help;
  prometheus::MetricType type = prometheus::MetricType::Gauge;
};

constexpr std::array<Entry, 34> kEntries = {{
    {"shouwang_division_info", "Names of divisions; always 1."},
    {"shouwang_households", "Households that have ever reported, where they live."},
    {"shouwang_observations", "Observations stored."},
    {"shouwang_warnings_open", "Open warnings, where subjects live."},
    {"shouwang_origin_households", "Relocated households, by where they came from."},
    {"shouwang_origin_warnings_open",
     "Open warnings of relocated households, by where they came from."},
    {"shouwang_site_info", "Names of resettlement sites; always 1."},
    {"shouwang_site_households", "Households known to live at the site."},
    {"shouwang_site_warnings_open", "Open warnings of the site and its households."},
    {"shouwang_site_indicator",
     "Latest value of the site's own indicator, in the indicator's unit."},
    {"shouwang_indicator_mean",
     "Mean of the indicator over the observations of the last full month, in its unit."},
    {"shouwang_reporting_completeness_ratio",
     "Households with an observation in the last full month, of those expected in it."},
    {"shouwang_reporting_timeliness_ratio",
     "Households first heard of by the due day of the last month that was due, of those heard of."},
    {"shouwang_households_silent",
     "Households without an observation for longer than their cadence and the days of grace."},
    {"shouwang_reporters_silent",
     "Collectors that sent nothing for longer than their cadence and the days of grace, and "
     "townships that should have one and have none."},
    {"shouwang_last_report_timestamp_seconds", "When the last batch of the division came in."},
    {"shouwang_rule_info", "Names of the rules in force; always 1."},
    {"shouwang_metrics_refresh_timestamp_seconds", "When the division figures were last read."},
    {"shouwang_metrics_refresh_duration_seconds", "How long reading the division figures took."},
    {"shouwang_store_bytes", "Bytes of the store's data files and logs."},
    {"shouwang_store_memory_bytes", "Bytes of the store's caches and write buffers."},
    {"shouwang_store_pending_compaction_bytes",
     "Bytes that wait for compaction, by the engine's estimate; the files of warnings are left "
     "out."},
    {"shouwang_store_running_compactions", "Compactions under way."},
    {"shouwang_store_running_flushes", "Write buffers that are being written to data files."},
    {"shouwang_store_unsorted_files", "Data files that no compaction has sorted in yet."},
    {"shouwang_store_write_stalled", "1 while the store holds writes back."},
    {"shouwang_store_write_stalled_seconds_total", "Time for which commits were held back.",
     prometheus::MetricType::Counter},
    {"shouwang_store_delayed_write_bytes_per_second",
     "Rate that commits are held to while the store holds them back; 0 while it does not."},
    {"shouwang_store_cache_bytes", "Bytes of the store's cache in use, write buffers included."},
    {"shouwang_store_cache_limit_bytes", "Bytes that the store's cache may use."},
    {"shouwang_store_write_buffer_bytes",
     "Bytes that are committed to the log and not yet in data files."},
    {"shouwang_store_writable", "0 after a failure of the disk, while no batch is taken."},
    {"shouwang_store_damage_total", "Reads and compactions that met bytes which fail their check.",
     prometheus::MetricType::Counter},
    {"shouwang_store_failed_compactions_total",
     "Compactions that met damaged data files; they are tried again.",
     prometheus::MetricType::Counter},
}};

}  // namespace

Gauges::Gauges() {
  families_.reserve(kEntries.size());
  for (const Entry& entry : kEntries) {
    prometheus::MetricFamily family;
    family.name = std::string(entry.name);
    family.help = std::string(entry.help);
    family.type = entry.type;
    families_.push_back(std::move(family));
  }
}

void Gauges::Add(Gauge gauge, std::initializer_list<Label> labels, double value) {
  prometheus::ClientMetric metric;
  metric.label.reserve(labels.size());
  for (const auto& [name, text] : labels) {
    metric.label.push_back({std::string(name), std::string(text)});
  }
  prometheus::MetricFamily& family = families_[static_cast<size_t>(gauge)];
  if (family.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  family.metric.push_back(std::move(metric));
}

void Gauges::Replace(const Gauges& other) {
  for (size_t i = 0; i < families_.size(); ++i) {
    if (!other.families_[i].metric.empty()) families_[i] = other.families_[i];
  }
}

}  // namespace shouwang::metrics
