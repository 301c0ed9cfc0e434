#include "daemon/config/config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/temporary_directory.h"

namespace shouwang {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kLeast[] =
    "data_dir: data\ncatalogue: catalogue.yaml\ndivisions: /srv/divisions\npolicies: p/a.yaml\n";

class ConfigTest : public ::testing::Test {
 protected:
  Config Load(const std::string& text) {
    const std::string path = folder_.path() + "/c.yaml";
    std::ofstream(path, std::ios::binary) << text;
    Problems problems;
    Config config = LoadConfig(path, &problems);
    messages_.clear();
    for (const std::string& message : problems.messages()) {
      EXPECT_TRUE(message.starts_with(folder_.path())) << message;
      messages_.push_back(message.substr(folder_.path().size() + 1));
    }
    return config;
  }

  // The keys that a map knows, as the fault of an unknown one lists them.
  std::vector<std::string> KnownKeys(const std::string& section) {
    Load(section.empty() ? std::string(kLeast) + "surprise: 1\n"
                         : std::string(kLeast) + section + ": {surprise: 1}\n");
    std::vector<std::string> keys;
    EXPECT_EQ(messages_.size(), 1u);
    if (messages_.size() != 1) return keys;
    const size_t begin = messages_[0].find("known here: ");
    EXPECT_NE(begin, std::string::npos) << messages_[0];
    std::string list = messages_[0].substr(begin + 12);
    list.back() = ',';
    for (size_t from = 0, comma; (comma = list.find(',', from)) != std::string::npos;
         from = comma + 2) {
      keys.push_back(list.substr(from, comma - from));
    }
    return keys;
  }

  TemporaryDirectory folder_;
  std::vector<std::string> messages_;
};

void ExpectDefaults(const Config& config) {
  EXPECT_EQ(config.listen, "127.0.0.1:7443");
  EXPECT_EQ(config.metrics_listen, "127.0.0.1:9464");
  EXPECT_EQ(config.log_level, "info");
  EXPECT_THAT(config.rulebook.regions, IsEmpty());
  EXPECT_EQ(config.shards, 2);
  EXPECT_EQ(config.queue_batches, 1024);
  EXPECT_EQ(config.max_message_bytes, 16'777'216);
  EXPECT_EQ(config.max_reports, 4096);
  EXPECT_EQ(config.max_values, 262'144);
  EXPECT_EQ(config.recent_bytes, 268'435'456);
  EXPECT_EQ(config.query_threads, 2);
  EXPECT_EQ(config.queue_queries, 256);
  EXPECT_EQ(config.metrics_depth, DivisionLevel::kCounty);
  EXPECT_EQ(config.metrics_min_cell, 5);
  EXPECT_EQ(config.metrics_refresh, std::chrono::seconds(15));
  EXPECT_EQ(config.cache_bytes, 268'435'456);
  EXPECT_EQ(config.write_buffer_bytes, 67'108'864);
  EXPECT_EQ(config.retention.monthly, 0);
  EXPECT_EQ(config.retention.quarterly, 0);
  EXPECT_EQ(config.retention.yearly, 0);
  EXPECT_EQ(config.retention.on_change, 0);
  EXPECT_EQ(config.backup_dir, "");
  EXPECT_EQ(config.backup_keep, 14);
  EXPECT_EQ(config.backup_bytes_per_second, 0);
  EXPECT_THAT(config.alertmanagers, IsEmpty());
  EXPECT_EQ(config.alerts_interval, std::chrono::seconds(60));
  EXPECT_EQ(config.alerts_timeout, std::chrono::seconds(10));
  EXPECT_EQ(config.alerts_lifetime, std::chrono::seconds(3600));
  EXPECT_EQ(config.alerts_link, "");
  EXPECT_EQ(config.alerts_history_days, 400);
}

TEST_F(ConfigTest, HasDefaultsForAllThatIsNotRequired) {
  const Config config = Load(kLeast);
  EXPECT_THAT(messages_, IsEmpty());
  ExpectDefaults(config);
  EXPECT_EQ(config.rulebook.sites, "");
}

TEST_F(ConfigTest, TakesRelativePathsFromItsOwnFolder) {
  const Config config = Load(std::string(kLeast) + "sites: ../sites.yaml\n");
  EXPECT_EQ(config.data_dir, folder_.path() + "/data");
  EXPECT_EQ(config.rulebook.catalogue, folder_.path() + "/catalogue.yaml");
  EXPECT_EQ(config.rulebook.divisions, "/srv/divisions");
  EXPECT_EQ(config.rulebook.sites,
            std::filesystem::path(folder_.path()).parent_path().string() + "/sites.yaml");
  EXPECT_THAT(config.rulebook.policies, ElementsAre(folder_.path() + "/p/a.yaml"));
}

TEST_F(ConfigTest, ReadsEveryKey) {
  const Config config = Load(
      "listen: '[::1]:0'\nmetrics_listen: localhost:9000\ndata_dir: /d\nlog_level: debug\n"
      "catalogue: /c\ndivisions: /v\nregions: [52, '5301']\nsites: /s\npolicies: [/a, /b]\n"
      "ingest: {shards: 3, queue_batches: 7, max_message_bytes: 65536, max_reports: 9,\n"
      "         max_values: 11, recent_bytes: 0}\n"
      "query: {threads: 5, queue: 13}\n"
      "metrics: {depth: township, min_cell: 17, refresh_seconds: 19}\n"
      "store: {cache_bytes: 8388608, write_buffer_bytes: 1048576}\n"
      "retention: {monthly: 60, quarterly: 72, yearly: 240, on_change: 120}\n"
      "backup: {dir: b, keep: 3, bytes_per_second: 1000}\n");
  EXPECT_THAT(messages_, IsEmpty());
  EXPECT_EQ(config.retention.monthly, 60);
  EXPECT_EQ(config.retention.quarterly, 72);
  EXPECT_EQ(config.retention.yearly, 240);
  EXPECT_EQ(config.retention.on_change, 120);
  EXPECT_EQ(config.backup_dir, folder_.path() + "/b");
  EXPECT_EQ(config.backup_keep, 3);
  EXPECT_EQ(config.backup_bytes_per_second, 1000);
  EXPECT_EQ(config.listen, "[::1]:0");
  EXPECT_EQ(config.metrics_listen, "localhost:9000");
  EXPECT_EQ(config.data_dir, "/d");
  EXPECT_EQ(config.log_level, "debug");
  EXPECT_EQ(config.rulebook.catalogue, "/c");
  EXPECT_EQ(config.rulebook.divisions, "/v");
  EXPECT_THAT(config.rulebook.regions,
              ElementsAre(*Division::Parse("52"), *Division::Parse("5301")));
  EXPECT_EQ(config.rulebook.sites, "/s");
  EXPECT_THAT(config.rulebook.policies, ElementsAre("/a", "/b"));
  EXPECT_EQ(config.shards, 3);
  EXPECT_EQ(config.queue_batches, 7);
  EXPECT_EQ(config.max_message_bytes, 65536);
  EXPECT_EQ(config.max_reports, 9);
  EXPECT_EQ(config.max_values, 11);
  EXPECT_EQ(config.recent_bytes, 0);
  EXPECT_EQ(config.query_threads, 5);
  EXPECT_EQ(config.queue_queries, 13);
  EXPECT_EQ(config.metrics_depth, DivisionLevel::kTownship);
  EXPECT_EQ(config.metrics_min_cell, 17);
  EXPECT_EQ(config.metrics_refresh, std::chrono::seconds(19));
  EXPECT_EQ(config.cache_bytes, 8'388'608);
  EXPECT_EQ(config.write_buffer_bytes, 1'048'576);
}

TEST_F(ConfigTest, ReadsEveryKeyOfAlerts) {
  const Config config =
      Load(std::string(kLeast) +
           "alerts: {alertmanagers: ['http://127.0.0.1:9093', 'https://am.example/b'],\n"
           "         interval_seconds: 30, timeout_seconds: 5, lifetime_seconds: 120,\n"
           "         link: 'https://g/d?c={county}&r={rule}', history_days: 90}\n");
  EXPECT_THAT(messages_, IsEmpty());
  EXPECT_THAT(config.alertmanagers, ElementsAre("http://127.0.0.1:9093", "https://am.example/b"));
  EXPECT_EQ(config.alerts_interval, std::chrono::seconds(30));
  EXPECT_EQ(config.alerts_timeout, std::chrono::seconds(5));
  EXPECT_EQ(config.alerts_lifetime, std::chrono::seconds(120));
  EXPECT_EQ(config.alerts_link, "https://g/d?c={county}&r={rule}");
  EXPECT_EQ(config.alerts_history_days, 90);
}

TEST_F(ConfigTest, AddressesOfAlertmanagersAreCheckedOneByOne) {
  for (const auto& [url, told] : std::vector<std::pair<std::string, std::string>>{
           {"127.0.0.1:9093", "is no address such as http://127.0.0.1:9093"},
           {"http://", "is no address"},
           {"ftp://h:1", "is no address"},
           {"http://h:1/", "ends with '/'; leave that out"},
           {"http://h:1/api/v2/alerts", "has the API's path in it; leave that out"},
           {"http://user:secret@h:1", "has a user in it, which is not supported"},
           {"http://h:1?x=1", "has a '?' or '#' in it"},
           {"http://h 1", "has a blank or a character that is not ASCII"}}) {
    Load(fmt::format("{}alerts:\n  alertmanagers: ['http://ok:1', '{}']\n", kLeast, url));
    EXPECT_THAT(messages_,
                ElementsAre(HasSubstr("c.yaml:6: 'alertmanagers': '" + url + "' " + told)));
  }
  Load(std::string(kLeast) + "alerts: {alertmanagers: ['http://a:1', 'http://a:1']}\n");
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("'http://a:1' is there twice")));
  std::string nine;
  for (const char* port : {"1", "2", "3", "4", "5", "6", "7", "8", "9"}) {
    nine += std::string("'http://a:") + port + "', ";
  }
  Load(std::string(kLeast) + "alerts: {alertmanagers: [" + nine + "]}\n");
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("'alertmanagers' has 9; at most 8")));
}

TEST_F(ConfigTest, ALinkThatCannotBeFilledInIsTold) {
  Load(std::string(kLeast) + "alerts: {link: 'grafana/{division}'}\n");
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("must begin with http:// or https://")));
  Load(std::string(kLeast) + "alerts: {link: 'http://g/{household}/{rule'}\n");
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("'link': '{household' is none of {division}, "
                                               "{county}, {prefecture}, {province}, {rule}, "
                                               "{severity}"),
                                     HasSubstr("'link': '{rule' is none of")));
}

TEST_F(ConfigTest, AlertsThatWouldEndBetweenTwoRoundsAreRefused) {
  Load(std::string(kLeast) + "alerts: {interval_seconds: 60, lifetime_seconds: 239}\n");
  EXPECT_THAT(messages_, ElementsAre(HasSubstr("'lifetime_seconds' is 239; it must be at least 4 "
                                               "times interval_seconds (240)")));
}

TEST_F(ConfigTest, ReportsAllFaultsTogether) {
  Load(
      "listen: 7443\nmetrics_listen: ::1:80\nlog_level: loud\nregions: [520, '']\nport: 1\n"
      "ingest: {shards: 0, max_reports: many}\nmetrics: {depth: village}\nstore: {cache: 1}\n"
      "query: 7\n");
  EXPECT_THAT(
      messages_,
      ElementsAre(HasSubstr("c.yaml:1: 'listen' is '7443'; an address is host:port"),
                  HasSubstr("c.yaml:2: 'metrics_listen' is '::1:80'; an address is host:port"),
                  "c.yaml:1: 'data_dir' is missing",
                  "c.yaml:3: 'log_level' is 'loud'; it must be trace, debug, info, warn or error",
                  "c.yaml:1: 'catalogue' is missing", "c.yaml:1: 'divisions' is missing",
                  "c.yaml:4: 'regions': division '520' has 3 digits; a code has 2, 4, 6, 9 or 12",
                  "c.yaml:4: 'regions': '' is no code; for the whole nation write []",
                  "c.yaml:1: 'policies' is missing or empty",
                  "c.yaml:6: 'shards' is 0; it must be 1 to 64",
                  "c.yaml:6: 'max_reports' is 'many'; a whole number is expected",
                  "c.yaml:9: expected 'key: value' entries here",
                  "c.yaml:7: 'depth' is 'village'; it must be province, prefecture, county or "
                  "township",
                  HasSubstr("c.yaml:8: unknown key 'cache' (known here: cache_bytes, "),
                  HasSubstr("c.yaml:5: unknown key 'port'")));
}

TEST_F(ConfigTest, ReportsAFileThatIsMissingOrNoYamlOnce) {
  Load("listen: [\n");
  ASSERT_EQ(messages_.size(), 1u);
  Problems problems;
  LoadConfig(folder_.path() + "/absent.yaml", &problems);
  EXPECT_THAT(problems.messages(), ElementsAre(HasSubstr("absent.yaml: can't be opened")));
}

TEST_F(ConfigTest, ShippedFileLoadsCleanlyWithTheDefaults) {
  const std::string folder = SHOUWANG_SOURCE_DIR "/deploy";
  Problems problems;
  const Config config = LoadConfig(folder + "/shouwangd.yaml", &problems);
  EXPECT_THAT(problems.messages(), IsEmpty());
  ExpectDefaults(config);
  EXPECT_EQ(config.data_dir, "/var/lib/shouwang/data");
  EXPECT_EQ(config.rulebook.catalogue, folder + "/catalogue.yaml");
  EXPECT_EQ(config.rulebook.divisions, "/var/lib/shouwang/divisions");
  EXPECT_EQ(config.rulebook.sites, folder + "/sites.yaml");
  EXPECT_THAT(config.rulebook.policies, ElementsAre(folder + "/policies/guizhou_2026.yaml"));
}

TEST_F(ConfigTest, ShippedFileShowsEveryKey) {
  Problems problems;
  const YamlFile file = YamlFile::Read(SHOUWANG_SOURCE_DIR "/deploy/shouwangd.yaml", &problems);
  ASSERT_TRUE(problems.empty());
  YamlMap root = file.Root();
  const std::vector<std::string> keys = KnownKeys("");
  EXPECT_EQ(keys.size(), 16u);
  for (const std::string& key : keys) EXPECT_TRUE(root.Has(key)) << key;
  for (const char* section :
       {"alerts", "ingest", "query", "metrics", "retention", "store", "backup"}) {
    const std::optional<YamlMap> map = root.Map(section);
    ASSERT_TRUE(map.has_value()) << section;
    for (const std::string& key : KnownKeys(section)) EXPECT_TRUE(map->Has(key)) << key;
  }
}

}  // namespace
}  // namespace shouwang
