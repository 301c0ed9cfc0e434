// shouwang_superseded --data DIR SUBJECT: the values of a stopped daemon's store that no longer
// stand, one JSON object per line. No call of the wire tells them yet; the test needs to.
#include <iostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "storage/rocks/rocks_store.h"

namespace shouwang {
namespace {

absl::Status Print(const std::string& data, const std::string& text) {
  const auto subject = Subject::Parse(text);
  if (!subject.ok()) return subject.status();
  auto store = RocksStore::Open({.path = data, .notice = {}, .read_only = true});
  if (!store.ok()) return store.status();
  auto values = (*store)->LoadSuperseded(*subject);
  if (!values.ok()) return values.status();
  for (const SupersededValue& value : *values) {
    const nlohmann::json line = {{"indicator", value.observation.indicator},
                                 {"date", value.observation.date.ToString()},
                                 {"value", value.observation.value},
                                 {"known_at", ToString(value.observation.arrival.known_at)},
                                 {"until", ToString(value.until)}};
    std::cout << line.dump() << "\n";
  }
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Values that no longer stand");
  std::string data;
  std::string subject;
  app.add_option("--data", data, "the daemon's data_dir")->required();
  app.add_option("SUBJECT", subject)->required();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Print(data, subject);
  if (!status.ok()) std::cerr << std::string(status.message()) << "\n";
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace shouwang

int main(int argc, char** argv) { return shouwang::Main(argc, argv); }
