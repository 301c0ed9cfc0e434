// A few divisions, and sheets simulated of them into a folder that lives as long as a test.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "collectors/simulator/simulation.h"
#include "storage/files/csv.h"
#include "tests/temporary_directory.h"

namespace shouwang::simulator {

// A county of Guizhou, cut down to three townships of three villages each.
inline DivisionTree SmallCounty() {
  DivisionTree tree;
  const auto add = [&](const std::string& code, const std::string& name) {
    EXPECT_TRUE(tree.Add(*Division::Parse(code), name).ok()) << code;
  };
  add("52", "贵州省");
  add("5205", "毕节市");
  add("520502", "七星关区");
  for (const char* township : {"520502001", "520502002", "520502100"}) {
    add(township, std::string("乡镇") + township);
    for (const char* village : {"001", "002", "201"}) {
      add(std::string(township) + village, std::string("村") + village);
    }
  }
  return tree;
}

class SimulationTest : public ::testing::Test {
 protected:
  SimulationTest() : tree_(SmallCounty()) {
    plan_.townships = {*Division::Parse("520502001")};
    plan_.households_per_township = 60;
    plan_.months = 14;
    plan_.last_month = *Month::Parse("2026-10");
    plan_.sites_share = 1;
    plan_.folder = folder_.path() + "/out";
  }

  SimulationCounts Run() {
    const auto counts = Simulate(tree_, plan_, [](const SimulationCounts&) {});
    EXPECT_TRUE(counts.ok()) << counts.status();
    return counts.value_or(SimulationCounts());
  }
  // The message of a plan that is refused.
  std::string Refusal() {
    const auto counts = Simulate(tree_, plan_, [](const SimulationCounts&) {});
    EXPECT_EQ(counts.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(counts.status().message());
  }

  std::string PathOf(const std::string& name) const { return plan_.folder + "/" + name; }
  std::string BytesOf(const std::string& name) const {
    std::ifstream stream(PathOf(name), std::ios::binary);
    EXPECT_TRUE(stream.good()) << name;
    std::ostringstream bytes;
    bytes << stream.rdbuf();
    return bytes.str();
  }
  std::vector<std::vector<std::string>> RowsOf(const std::string& name) const {
    std::vector<std::vector<std::string>> rows;
    absl::StatusOr<CsvReader> reader = CsvReader::Open(PathOf(name));
    EXPECT_TRUE(reader.ok()) << reader.status();
    std::vector<std::string> row;
    while (reader.ok() && *reader->Next(&row)) rows.push_back(row);
    return rows;
  }

  DivisionTree tree_;
  TemporaryDirectory folder_;
  SimulationPlan plan_;
};

}  // namespace shouwang::simulator
