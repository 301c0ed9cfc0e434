#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "collectors/ctl/audit_words.h"
#include "collectors/ctl/commands.h"
#include "storage/vocabulary/date.h"
#include "tests/collectors/ctl/fake_daemon.h"

namespace shouwang::ctl {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// SHA-256 of "admin 3 cdcd...cd" and a line's end: the root of the head below.
constexpr char kRoot[] = "928fb84943728c9590fde4a8912c10ff1d412bd0d90eaf8db29845c2ad6878fd";

int32_t DaysOf(std::string_view text) { return Date::Parse(text).value().days(); }

class AuditCommandsTest : public ::testing::Test {
 protected:
  AuditCommandsTest() {
    v1::AuditEntry commit;
    commit.set_chain("warnings/520502001");
    commit.set_sequence(7);
    commit.set_previous(std::string(32, '\1'));
    commit.set_key("\x01\x02");
    commit.set_record("\x01rec");
    commit.set_hash(std::string(32, '\xab'));
    commit.set_kind("commit");
    commit.set_kind_title_zh("上报入库");
    commit.set_at_ms(1'791'189'000'000);
    commit.set_division("520502001");
    commit.add_batches(70);
    commit.add_batches(71);
    v1::AuditCorrection* correction = commit.add_corrections();
    correction->set_subject("520502001001/17");
    correction->set_indicator("wage_income");
    correction->set_date(DaysOf("2026-01-31"));
    correction->set_value(120'000);
    correction->set_decimals(2);
    correction->set_stood(true);
    correction->set_standing(90'050);
    correction->set_batch(71);
    v1::AuditCorrection* outdated = commit.add_corrections();
    *outdated = *correction;
    outdated->set_stood(false);
    outdated->clear_standing();
    v1::AuditTransition* transition = commit.add_transitions();
    transition->set_subject("520502001001/17");
    transition->set_rule("wage_low");
    transition->set_rule_id(101);
    transition->set_kind(v1::AUDIT_TRANSITION_KIND_CLEARED);
    transition->set_severity(v1::SEVERITY_RED);
    transition->set_policy_version(202601);
    transition->set_opened_on(DaysOf("2025-06-30"));
    transition->set_cleared_on(DaysOf("2026-01-31"));
    daemon_.audit_entries.push_back(commit);
    v1::AuditEntry read;
    read.set_chain("reads");
    read.set_sequence(1);
    read.set_kind("read");
    read.set_kind_title_zh("查阅");
    read.set_at_ms(1'791'189'000'001);
    read.set_actor("county-3");
    read.set_subject("520502001001/17");
    v1::AuditFact* fact = read.add_facts();
    fact->set_name("call");
    fact->set_value("SeriesService/GetHistory");
    daemon_.audit_entries.push_back(read);
    v1::AuditHead* head = daemon_.audit_heads.add_heads();
    head->set_chain("admin");
    head->set_sequence(3);
    head->set_hash(std::string(32, '\xcd'));
    daemon_.audit_heads.set_root(std::string(32, '\xef'));
    daemon_.audit_heads.set_at_ms(1'791'189'000'000);
  }
  template <typename Command>
  std::string Run(Command command, Output output = Output::kTable,
                  Language language = Language::kEnglish) {
    std::ostringstream out;
    const Session session(
        {daemon_.address(), std::chrono::seconds(20), output, language, "county-3"}, out);
    try {
      command(session);
    } catch (const Failure& failure) {
      failure_ = failure.text;
    }
    return out.str();
  }
  std::string Verify(const std::string& heads, Output output = Output::kTable,
                     Language language = Language::kEnglish) {
    return Run([&](const Session& session) { VerifyAudit(session, heads); }, output, language);
  }
  // A file of that content.
  std::string File(const std::string& text) {
    const std::string path = testing::TempDir() + "/heads_" + std::to_string(getpid()) + "_" +
                             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ofstream(path) << text;
    return path;
  }
  // What a verification says: one sound chain and, if told, one at fault.
  void Answer(bool sound) {
    v1::VerifyAuditResponse progress;
    progress.set_entries_done(1'024);
    progress.set_entries_total(2'000);
    v1::VerifyAuditResponse last;
    last.set_entries_done(2'000);
    last.set_done(true);
    last.set_sound(sound);
    v1::AuditChainResult* chain = last.add_chains();
    chain->set_chain("admin");
    chain->set_entries(3);
    chain->set_head_sequence(3);
    if (!sound) {
      v1::AuditChainResult* broken = last.add_chains();
      broken->set_chain("warnings/520502001");
      broken->set_entries(1'997);
      broken->set_faults(2);
      broken->set_first_fault(40);
      broken->set_fault("entry 40 is not what was hashed");
      last.add_strays("key 00 is none of an entry");
    }
    daemon_.audit_verified = {progress, last};
  }

  FakeDaemon daemon_;
  std::string failure_;
};

TEST_F(AuditCommandsTest, AListTellsWhoDidWhat) {
  AuditArguments arguments;
  arguments.region = "5205";
  arguments.kinds = {"commit", "read"};
  arguments.chains = {"reads"};
  arguments.subject = "520502001001/17";
  arguments.since = "2026-10-05";
  arguments.until = "2026-10-06";
  const auto list = [&](const Session& session) { ListAudit(session, arguments); };
  EXPECT_THAT(Run(list),
              AllOf(HasSubstr("commit"), HasSubstr("520502001"), HasSubstr("county-3"),
                    HasSubstr("1 corrected, 1 outdated, 1 cleared, batches 70 71"),
                    HasSubstr("call=SeriesService/GetHistory"), HasSubstr("520502001001/17")));
  ASSERT_EQ(daemon_.audit_requests.size(), 1u);
  const v1::ListAuditRequest& request = daemon_.audit_requests[0];
  EXPECT_TRUE(request.latest());
  EXPECT_EQ(request.page_size(), 100u);
  EXPECT_EQ(request.filter().region(), "5205");
  EXPECT_EQ(request.filter().subject(), "520502001001/17");
  EXPECT_THAT(request.filter().kinds(), ElementsAre("commit", "read"));
  EXPECT_THAT(request.filter().chains(), ElementsAre("reads"));
  // 2026-10-05T00:00 and 2026-10-06T23:59:59.999 in China.
  EXPECT_EQ(request.filter().from_ms(), 1'791'129'600'000);
  EXPECT_EQ(request.filter().to_ms(), 1'791'302'399'999);
  EXPECT_EQ(daemon_.actor, "county-3");
  EXPECT_THAT(Run(list, Output::kTable, Language::kChinese),
              AllOf(HasSubstr("上报入库"), HasSubstr("1 项更正，1 项迟到旧值，1 项预警解除")));
}

TEST_F(AuditCommandsTest, WhereNothingMatchesThatIsSaid) {
  daemon_.audit_entries.clear();
  EXPECT_EQ(Run([](const Session& session) { ListAudit(session, {}); }), "no such entries\n");
}

TEST_F(AuditCommandsTest, AnExportIsOneObjectALineOverAllPages) {
  const std::string text = Run([](const Session& session) { ExportAudit(session, {}); });
  std::istringstream lines(text);
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const Json commit = Json::parse(line);
  EXPECT_EQ(commit["chain"], "warnings/520502001");
  EXPECT_EQ(commit["sequence"], 7);
  EXPECT_EQ(commit["at"], "2026-10-05T08:30:00.000Z");
  EXPECT_EQ(commit["actor"], Json());
  EXPECT_EQ(commit["batches"], Json({70, 71}));
  EXPECT_EQ(commit["corrections"][0]["value"], "1200.00");
  EXPECT_EQ(commit["corrections"][0]["standing"], "900.50");
  EXPECT_EQ(commit["corrections"][1]["standing"], Json());
  EXPECT_EQ(commit["transitions"][0]["transition"], "cleared");
  EXPECT_EQ(commit["transitions"][0]["cleared_on"], "2026-01-31");
  EXPECT_EQ(commit["key"], "0102");
  EXPECT_EQ(commit["record"], "01726563");
  EXPECT_EQ(BytesOfHex(commit["previous"].get<std::string>()), std::string(32, '\1'));
  EXPECT_EQ(BytesOfHex(commit["hash"].get<std::string>()), std::string(32, '\xab'));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(Json::parse(line)["facts"][0]["value"], "SeriesService/GetHistory");
  EXPECT_FALSE(std::getline(lines, line));
  EXPECT_EQ(daemon_.audit_requests.size(), 2u);
}

TEST_F(AuditCommandsTest, WhereEntriesCannotBeReadTheRestIsPrintedAndTheCommandFails) {
  daemon_.audit_unreadable = 2;
  const std::string list = Run([](const Session& session) { ListAudit(session, {}); });
  EXPECT_THAT(list, HasSubstr("county-3"));
  EXPECT_EQ(failure_, "2 entries cannot be read and are left out; `audit verify` names them");
  const std::string lines = Run([](const Session& session) { ExportAudit(session, {}); });
  EXPECT_EQ(std::ranges::count(lines, '\n'), 2);
  EXPECT_EQ(failure_, "4 entries cannot be read and are left out; `audit verify` names them");
}

TEST_F(AuditCommandsTest, ATimeThatIsNoneIsToldHowToWrite) {
  AuditArguments arguments;
  arguments.until = "yesterday";
  Run([&](const Session& session) { ListAudit(session, arguments); });
  EXPECT_THAT(failure_,
              HasSubstr("--until 'yesterday': write a day, 2026-03-01 (its end in China)"));
}

TEST_F(AuditCommandsTest, HeadsAreShownAndKept) {
  EXPECT_THAT(Run(ShowAuditHeads), AllOf(HasSubstr("admin"), HasSubstr("cdcdcd"),
                                         HasSubstr("root 2026-10-05T08:30:00.000Z efefef")));
  const Json json = Json::parse(Run(ShowAuditHeads, Output::kJson));
  EXPECT_EQ(json["heads"][0]["chain"], "admin");
  EXPECT_EQ(json["heads"][0]["sequence"], 3);
  EXPECT_EQ(json["root"].get<std::string>().size(), 64u);
}

TEST_F(AuditCommandsTest, ASoundTrailIsSaidToBe) {
  Answer(/*sound=*/true);
  EXPECT_EQ(Verify(""),
            "the audit trail is sound: 2000 entries in 1 chains, held against 0 kept heads\n");
  EXPECT_EQ(failure_, "");
  EXPECT_EQ(daemon_.actor, "county-3");
  EXPECT_THAT(Verify("", Output::kTable, Language::kChinese), HasSubstr("审计记录完好"));
}

TEST_F(AuditCommandsTest, AChangedPastIsToldAndFails) {
  Answer(/*sound=*/false);
  EXPECT_THAT(Verify(""), AllOf(HasSubstr("warnings/520502001"), HasSubstr("40"),
                                HasSubstr("entry 40 is not what was hashed"),
                                HasSubstr("key 00 is none of an entry"), Not(HasSubstr("admin"))));
  EXPECT_EQ(failure_, "the past was changed");
  const Json json = Json::parse(Verify("", Output::kJson));
  EXPECT_EQ(json["sound"], false);
  EXPECT_EQ(json["chains"][0]["fault"], Json());
  EXPECT_EQ(json["chains"][1]["first_fault"], 40);
  EXPECT_EQ(json["strays"][0], "key 00 is none of an entry");
}

TEST_F(AuditCommandsTest, KeptHeadsAreSentAlong) {
  Answer(/*sound=*/true);
  daemon_.audit_heads.set_root(BytesOfHex(kRoot));
  const std::string path = File(Run(ShowAuditHeads, Output::kJson));
  EXPECT_EQ(Verify(path),
            "the audit trail is sound: 2000 entries in 1 chains, held against 1 kept heads\n"
            "root of the kept heads " +
                std::string(kRoot) + "\n");
  EXPECT_EQ(failure_, "");
  EXPECT_EQ(Json::parse(Verify(path, Output::kJson))["kept_root"], kRoot);
  ASSERT_EQ(daemon_.audit_verify_request.heads_size(), 1);
  EXPECT_EQ(daemon_.audit_verify_request.heads(0).chain(), "admin");
  EXPECT_EQ(daemon_.audit_verify_request.heads(0).sequence(), 3u);
  EXPECT_EQ(daemon_.audit_verify_request.heads(0).hash(), std::string(32, '\xcd'));
}

// The fixture's root is that of no heads.
TEST_F(AuditCommandsTest, AFileWhoseHeadsHaveAnotherRootIsRefused) {
  Answer(/*sound=*/true);
  EXPECT_EQ(Verify(File(Run(ShowAuditHeads, Output::kJson))), "");
  EXPECT_THAT(failure_, AllOf(HasSubstr("its heads have the root " + std::string(kRoot)),
                              HasSubstr("and it says \"efefef")));
  EXPECT_EQ(daemon_.audit_verify_request.heads_size(), 0) << "nobody is asked";
}

TEST_F(AuditCommandsTest, AFileThatHasNoHeadsIsRefused) {
  Verify(File("no json"));
  EXPECT_THAT(failure_, HasSubstr("not what `audit heads --json` prints"));
  Verify(File(R"({"heads": [{"chain": "admin"}]})"));
  EXPECT_THAT(failure_, HasSubstr("head 1 has no chain, sequence and hash"));
  Verify(File(R"({"heads": [{"chain": "admin", "sequence": 3, "hash": "cd"}]})"));
  EXPECT_THAT(failure_, HasSubstr("'admin' at 3 is no head: its hash has not 64 hexadecimal"));
  Verify(File(R"({"heads": [{"chain": "chain", "sequence": 3, "hash": "cd"}]})"));
  EXPECT_THAT(failure_, HasSubstr("'chain' is no audit chain"));
  Verify("/nowhere");
  EXPECT_THAT(failure_, HasSubstr("--heads /nowhere: cannot be read"));
}

TEST(AuditWordsTest, OfALongListTheBeginningIsSaid) {
  v1::AuditEntry entry;
  v1::AuditFact* fact = entry.add_facts();
  fact->set_name("subject_list");
  std::string list = "520502001001/1000";
  for (int i = 1; i < 100; ++i) list += " 520502001001/" + std::to_string(1'000 + i);
  fact->set_value(list);
  const std::string words = InWords(entry, Language::kEnglish);
  EXPECT_TRUE(words.starts_with("subject_list=520502001001/1000 520502001001/1001"));
  EXPECT_TRUE(words.ends_with("520502001001/1010 ...")) << words;
}

TEST(AuditWordsTest, OnlyPairsOfDigitsAreBytes) {
  EXPECT_EQ(BytesOfHex("00fF"), std::string("\0\xff", 2));
  EXPECT_EQ(BytesOfHex("0"), "");
  EXPECT_EQ(BytesOfHex("0g"), "");
}

}  // namespace
}  // namespace shouwang::ctl
