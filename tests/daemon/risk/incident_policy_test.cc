#include "daemon/risk/incident_policy.h"

#include <gmock/gmock.h>

#include "tests/daemon/risk/fixture.h"

namespace shouwang::risk {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kRules = "features:\n  - {name: net, kind: last, of: [income], " + kTitles +
                           "}\nrules:\n  - {id: 101, name: rule_one, when: net < 5, " + kRuleRest +
                           "}\n";
const std::string kIncidents = R"(incidents:
  settle_months: 11
  half_life_months: 10
  least_past_months: 7
  kept_months: 20
  false_discovery_rate: 0.04
  min_members: 6
  min_ratio: 1.5
  shared_by: 0.25
  hold_months: 2
  citation: placeholder
)";

class IncidentPolicyTest : public RiskFixture {
 protected:
  std::vector<std::string> FaultsOf(const std::string& section) {
    files_.Write("policy.yaml", kHead + kRules + section);
    policies_ = files_.Load(catalogue_);
    return files_.faults();
  }
  // With one line of the section replaced; "" takes it out.
  std::vector<std::string> FaultsWith(const std::string& key, const std::string& line) {
    std::string section = kIncidents;
    const size_t at = section.find("  " + key + ":");
    EXPECT_NE(at, std::string::npos) << key;
    section.replace(at, section.find('\n', at) + 1 - at, line.empty() ? "" : "  " + line + "\n");
    return FaultsOf(section);
  }
};

TEST_F(IncidentPolicyTest, IsReadWhole) {
  ASSERT_THAT(FaultsOf(kIncidents), IsEmpty());
  ASSERT_TRUE(policies_.All().front().incidents.has_value());
  const IncidentPolicy& policy = *policies_.All().front().incidents;
  EXPECT_EQ(policy.settle_months, 11);
  EXPECT_EQ(policy.half_life_months, 10);
  EXPECT_EQ(policy.least_past_months, 7);
  EXPECT_EQ(policy.kept_months, 20);
  EXPECT_EQ(policy.false_discovery_rate, 0.04);
  EXPECT_EQ(policy.min_members, 6);
  EXPECT_EQ(policy.min_ratio, 1.5);
  EXPECT_EQ(policy.shared_by, 0.25);
  EXPECT_EQ(policy.hold_months, 2);
  EXPECT_EQ(policy.citation, "placeholder");
}

TEST_F(IncidentPolicyTest, MayBeLeftOut) {
  EXPECT_THAT(FaultsOf(""), IsEmpty());
  EXPECT_FALSE(policies_.All().front().incidents.has_value());
}

TEST_F(IncidentPolicyTest, EveryKeyIsRequired) {
  for (const char* key : {"settle_months", "half_life_months", "least_past_months", "kept_months",
                          "false_discovery_rate", "min_members", "min_ratio", "shared_by",
                          "hold_months", "citation"}) {
    EXPECT_THAT(FaultsWith(key, ""),
                ElementsAre(HasSubstr(std::string("'") + key + "' is missing")))
        << key;
  }
}

TEST_F(IncidentPolicyTest, ValuesHaveBounds) {
  EXPECT_THAT(FaultsWith("settle_months", "settle_months: 37"), ElementsAre(HasSubstr("37")));
  EXPECT_THAT(FaultsWith("hold_months", "hold_months: 0"), ElementsAre(HasSubstr("0")));
  EXPECT_THAT(FaultsWith("min_members", "min_members: 1"), ElementsAre(HasSubstr("1")));
  EXPECT_THAT(FaultsWith("false_discovery_rate", "false_discovery_rate: 0.6"),
              ElementsAre(HasSubstr("'false_discovery_rate' is 0.6; 0.0001 to 0.5 is expected")));
  EXPECT_THAT(FaultsWith("shared_by", "shared_by: 1.5"),
              ElementsAre(HasSubstr("'shared_by' is 1.5; 0.05 to 1 is expected")));
  EXPECT_THAT(FaultsWith("min_ratio", "min_ratio: .nan"), ElementsAre(HasSubstr("'min_ratio'")));
}

TEST_F(IncidentPolicyTest, AKeyThatIsUnknownIsAFaultWithItsLine) {
  EXPECT_THAT(FaultsWith("citation", "citation: placeholder\n  windows: 3"),
              ElementsAre(testing::AllOf(HasSubstr("policy.yaml:"), HasSubstr("windows"))));
}

}  // namespace
}  // namespace shouwang::risk
