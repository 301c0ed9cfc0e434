// The whatif command as it is run.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/collectors/ctl/fake_daemon.h"
#include "tests/collectors/run_program.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WhatIfCommandTest : public ::testing::Test {
 protected:
  WhatIfCommandTest() : policy_(testing::TempDir() + "whatif_new_policy.yaml") {
    std::ofstream(policy_) << "version: 202602\n";
    v1::WhatIfResponse progress;
    progress.mutable_progress()->set_subjects_done(3);
    progress.mutable_progress()->set_subjects_total(9);
    v1::WhatIfResponse first;
    AddPlace(&first, "52", "贵州省", {30, 10, 200, 25, 20, 8});
    AddKind(first.mutable_places(0), "illness", {30, 10, 200, 25, 20, 8});
    AddPlace(&first, "5205", "贵州省 / 毕节市", {20, 10, 100, 17, 13, 8});
    AddPlace(&first, "520502", "贵州省 / 毕节市 / 七星关区", {20, 10, 100, 17, 13, 8});
    v1::WhatIfResponse last;
    AddPlace(&last, "520502001/S3", "柏杨林", {4, 1, 0, 3, 0, 0});
    v1::WhatIfRule* rule = last.add_rules();
    rule->set_rule("medical_burden_high");
    rule->set_title_zh("医疗负担过重");
    rule->set_title_en("Medical burden is heavy");
    rule->set_risk_kind("illness");
    rule->set_severity(v1::SEVERITY_ORANGE);
    Fill({30, 10, 200, 25, 20, 8}, rule->mutable_counts());
    v1::WhatIfSubject* subject = last.add_subjects();
    subject->set_subject("520502001001/17");
    subject->add_entering("medical_burden_high");
    v1::WhatIfSummary* summary = last.mutable_summary();
    Fill({30, 10, 200, 25, 20, 8}, summary->mutable_counts());
    summary->set_households(25'200);
    summary->set_sites(24);
    summary->set_not_reached(5);
    summary->set_subjects_changed(35);
    summary->add_replaced_versions(202601);
    summary->set_policy_version(202602);
    summary->set_effective_from(20'454);
    summary->set_took_ms(312);
    daemon_.whatif = {progress, first, last};
  }

  static void Fill(const std::vector<uint64_t>& numbers, v1::WhatIfCounts* counts) {
    counts->set_entering(numbers[0]);
    counts->set_leaving(numbers[1]);
    counts->set_staying(numbers[2]);
    counts->set_visits(numbers[3]);
    counts->set_households_entering(numbers[4]);
    counts->set_households_leaving(numbers[5]);
  }
  static void AddPlace(v1::WhatIfResponse* response, const std::string& code,
                       const std::string& name, const std::vector<uint64_t>& numbers) {
    v1::WhatIfPlace* place = response->add_places();
    place->set_place(code);
    place->set_name(name);
    Fill(numbers, place->mutable_counts());
  }
  static void AddKind(v1::WhatIfPlace* place, const std::string& kind,
                      const std::vector<uint64_t>& numbers) {
    v1::WhatIfKind* of_kind = place->add_kinds();
    of_kind->set_risk_kind(kind);
    Fill(numbers, of_kind->mutable_counts());
  }

  Ended Ask(const std::string& arguments) {
    return RunProgram("shouwangctl", fmt::format("--server {} whatif --policy {} {}",
                                                 daemon_.address(), policy_, arguments));
  }

  FakeDaemon daemon_;
  const std::string policy_;
};

TEST_F(WhatIfCommandTest, TellsPlacesOneLevelBelowRisksRulesAndVisits) {
  const Ended ended = Ask("--division 52 --lang en --list 1");
  EXPECT_EQ(ended.code, 0) << ended.out;
  EXPECT_THAT(ended.out,
              AllOf(HasSubstr("policy 202602 (from 2026-01-01, in the place of 202601): 25200 "
                              "households and 24 sites judged in 0.3 s\n"),
                    HasSubstr("of them 5 whose last report that policy does not judge"),
                    HasSubstr("homes to visit: 25\n"), HasSubstr("贵州省 / 毕节市"),
                    Not(HasSubstr("七星关区")), HasSubstr("Medical burden is heavy"),
                    HasSubstr("520502001001/17"), Not(HasSubstr("judged (33 %)"))));
  EXPECT_EQ(daemon_.whatif_request.region(), "52");
  EXPECT_EQ(daemon_.whatif_request.policy(), "version: 202602\n");
  EXPECT_EQ(daemon_.whatif_request.policy_name(), policy_);
  EXPECT_EQ(daemon_.whatif_request.list_limit(), 1u);
  EXPECT_FALSE(daemon_.whatif_request.has_through());
  EXPECT_FALSE(daemon_.whatif_request.has_as_of_ms());
}

TEST_F(WhatIfCommandTest, SpeaksChineseAndShowsTheLevelAskedFor) {
  const Ended county = Ask("--division 52 --by county --lang zh");
  EXPECT_THAT(county.out,
              AllOf(HasSubstr("需入户核实 25 户"), HasSubstr("七星关区"), HasSubstr("新增预警"),
                    HasSubstr("因病"), HasSubstr("医疗负担过重"), Not(HasSubstr("柏杨林"))));
  EXPECT_THAT(Ask("--division 52 --by site --lang zh").out,
              AllOf(HasSubstr("柏杨林"), Not(HasSubstr("七星关区"))));
  const Ended wrong = Ask("--by village");
  EXPECT_EQ(wrong.code, 1);
  EXPECT_THAT(wrong.out, HasSubstr("--by 'village'"));
}

TEST_F(WhatIfCommandTest, JsonHasEverything) {
  const auto json = nlohmann::json::parse(
      Ask("--division 52 --through 2026-09-30 --as-of 2026-10-01 --json").out);
  EXPECT_EQ(daemon_.whatif_request.through(), 20'726);
  EXPECT_EQ(daemon_.whatif_request.as_of_ms(), 1'790'870'399'999);
  EXPECT_EQ(json.at("policy_version"), 202602);
  EXPECT_EQ(json.at("effective_from"), "2026-01-01");
  EXPECT_EQ(json.at("as_of"), "2026-10-01T15:59:59.999Z");
  EXPECT_EQ(json.at("through"), "2026-09-30");
  EXPECT_EQ(json.at("visits"), 25);
  EXPECT_EQ(json.at("took_ms"), 312);
  EXPECT_EQ(json.at("places").size(), 4u);
  EXPECT_EQ(json.at("places")[0].at("kinds")[0].at("risk_kind"), "illness");
  EXPECT_EQ(json.at("rules")[0].at("severity"), "orange");
  EXPECT_EQ(json.at("subjects")[0].at("entering")[0], "medical_burden_high");
  const std::string lines = Ask("--division 52 --jsonl").out;
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 7);
}

TEST_F(WhatIfCommandTest, FaultsAreToldAndExitWith1) {
  daemon_.failure = {grpc::StatusCode::INVALID_ARGUMENT, "WhatIf: policy: new.yaml:4: no rule"};
  const Ended refused = Ask("");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.out, HasSubstr("new.yaml:4: no rule"));
  const std::string server = "--server " + daemon_.address();
  EXPECT_THAT(RunProgram("shouwangctl", server + " whatif --policy /no/such.yaml").out,
              HasSubstr("/no/such.yaml: can't be opened"));
  EXPECT_EQ(RunProgram("shouwangctl", server + " whatif").code, 1);
  EXPECT_THAT(Ask("--through yesterday").out, HasSubstr("--through"));
  const std::string large = testing::TempDir() + "whatif_large.yaml";
  std::ofstream(large) << std::string((1 << 20) + 1, '#');
  EXPECT_THAT(RunProgram("shouwangctl", server + " whatif --policy " + large).out,
              HasSubstr("is over 1048576 bytes, the limit"));
}

}  // namespace
}  // namespace shouwang::ctl
