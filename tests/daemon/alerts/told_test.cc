#include "daemon/alerts/told.h"

#include "tests/daemon/alerts/groups.h"

namespace shouwang::alerts {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::chrono::hours kLifetime{1};

class ToldTest : public testing::Test {
 protected:
  Firing Fires(const std::map<WarningGroup, int64_t>& households) {
    Firing firing;
    firing.households = households;
    return firing;
  }
  // A round in which everything is taken; what was news, in words.
  std::vector<std::string> Round(const Firing& firing) {
    due_ = told_.Due(firing, 5, now_);
    std::vector<const Message*> taken;
    for (const Message& message : due_) taken.push_back(&message);
    return Note(firing, told_.News(taken, {}, now_));
  }
  std::vector<std::string> Note(const Firing& firing, const std::vector<Delivery>& news) {
    told_.Note(news);
    told_.Forget(firing, now_);
    recorded_ = news;
    std::vector<std::string> words;
    for (const Delivery& delivery : news) {
      words.push_back(delivery.group.township.ToString() + " " + delivery.group.rule + " " +
                      std::string(EventName(delivery.event)) + " " + delivery.households);
    }
    return words;
  }

  Instant now_ = At(kNowMs);
  Told told_{kAlertmanager, kLifetime, {}};
  std::vector<Message> due_;
  std::vector<Delivery> recorded_;
};

TEST_F(ToldTest, AGroupFiresOnceAndIsToldAgainEveryRoundBeforeItExpires) {
  const Firing firing = Fires({{LowWages("520502001"), 12}});
  EXPECT_THAT(Round(firing), ElementsAre("520502001 wage_low fired 12"));
  EXPECT_EQ(due_[0].starts_at, At(kNowMs));
  EXPECT_EQ(due_[0].ends_at, At(kNowMs) + kLifetime);
  for (int round = 1; round <= 120; ++round) {
    now_ += minutes(1);
    EXPECT_THAT(Round(firing), IsEmpty());
    ASSERT_THAT(due_, SizeIs(1));
    EXPECT_TRUE(due_[0].firing);
    EXPECT_EQ(due_[0].starts_at, At(kNowMs)) << "the start never moves";
    EXPECT_EQ(due_[0].ends_at, now_ + kLifetime);
  }
}

TEST_F(ToldTest, AnotherNumberIsToldAtOnceAndRecordedWhereItIsFarFromTheOneBefore) {
  Round(Fires({{LowWages("520502001"), 12}}));
  EXPECT_THAT(Round(Fires({{LowWages("520502001"), 19}})), IsEmpty());
  EXPECT_EQ(due_[0].households, "19");
  EXPECT_THAT(Round(Fires({{LowWages("520502001"), 20}})),
              ElementsAre("520502001 wage_low changed 20"));
  EXPECT_THAT(Round(Fires({{LowWages("520502001"), 4}})),
              ElementsAre("520502001 wage_low changed <5"));
}

// The low wages of a township, handled so, with so many of 12 households not taken on.
Firing HandledSo(Handling handling, int64_t waiting) {
  WarningGroup group = LowWages("520502001");
  group.handling = handling;
  Firing firing;
  firing.households = {{group, 12}};
  firing.waiting = {{group, waiting}};
  return firing;
}

TEST_F(ToldTest, WhereTheHandlingChangesTheAlertEndsAndGoesOnAsAnother) {
  Round(HandledSo(Handling::kOpen, 7));
  EXPECT_EQ(due_[0].waiting, "7");
  now_ += minutes(3);
  EXPECT_THAT(Round(HandledSo(Handling::kAcknowledged, 0)),
              ElementsAre("520502001 wage_low fired 12", "520502001 wage_low resolved "));
  ASSERT_THAT(due_, SizeIs(2));
  EXPECT_TRUE(due_[0].firing);
  EXPECT_EQ(due_[0].group.handling, Handling::kAcknowledged);
  EXPECT_EQ(due_[0].starts_at, now_);
  EXPECT_EQ(due_[0].waiting, "0");
  EXPECT_FALSE(due_[1].firing);
  EXPECT_EQ(due_[1].group.handling, Handling::kOpen);
  EXPECT_EQ(due_[1].goes_on, Handling::kAcknowledged);
  now_ += minutes(1);
  EXPECT_THAT(Round(HandledSo(Handling::kCounty, 3)),
              ElementsAre("520502001 wage_low fired 12", "520502001 wage_low resolved "));
  EXPECT_EQ(due_[0].waiting, "<5");
}

TEST_F(ToldTest, UntilCasesAreCountedAGroupStandsAsItWasTold) {
  Round(HandledSo(Handling::kAcknowledged, 0));
  Told again(kAlertmanager, kLifetime, recorded_);
  const std::vector<Message> due = again.Due(Fires({{LowWages("520502001"), 12}}), 5, now_);
  ASSERT_THAT(due, SizeIs(1)) << "a restart makes no new alert of it";
  EXPECT_EQ(due[0].group.handling, Handling::kAcknowledged);
  EXPECT_EQ(due[0].starts_at, At(kNowMs));
  EXPECT_EQ(due[0].waiting, "");
}

TEST_F(ToldTest, WhatFiresNoMoreIsResolvedNowAndToldSoForAQuarterOfAnHour) {
  Round(Fires({{LowWages("520502001"), 12}}));
  now_ += minutes(2);
  const Instant over = now_;
  EXPECT_THAT(Round(Fires({})), ElementsAre("520502001 wage_low resolved "));
  EXPECT_FALSE(due_[0].firing);
  EXPECT_EQ(due_[0].starts_at, At(kNowMs));
  EXPECT_EQ(due_[0].ends_at, over);
  now_ += minutes(14);
  EXPECT_THAT(Round(Fires({})), IsEmpty());
  ASSERT_THAT(due_, SizeIs(1));
  EXPECT_EQ(due_[0].ends_at, over) << "the end never moves";
  now_ += minutes(1);
  Round(Fires({}));
  Round(Fires({}));
  EXPECT_THAT(due_, IsEmpty());
  EXPECT_EQ(told_.size(), 0u);
}

TEST_F(ToldTest, WhatFiresAgainIsANewAlertWithItsOwnStart) {
  const Firing firing = Fires({{LowWages("520502001"), 12}});
  Round(firing);
  now_ += minutes(1);
  Round(Fires({}));
  now_ += minutes(1);
  EXPECT_THAT(Round(firing), ElementsAre("520502001 wage_low fired 12"));
  ASSERT_THAT(due_, SizeIs(1));
  EXPECT_EQ(due_[0].starts_at, now_);
  EXPECT_TRUE(due_[0].firing);
}

TEST_F(ToldTest, UnknownIsNotOver) {
  Round(Fires({{LowWages("520502001"), 12}, {LowWages("520502002"), 12}}));
  Firing half = Fires({{LowWages("520502001"), 12}});
  half.whole = false;
  now_ += minutes(1);
  EXPECT_THAT(Round(half), IsEmpty());
  ASSERT_THAT(due_, SizeIs(2));
  EXPECT_TRUE(due_[1].firing);
  EXPECT_EQ(due_[1].households, "12") << "as it was known last";
  EXPECT_EQ(due_[1].ends_at, now_ + kLifetime);
}

TEST_F(ToldTest, TheMostSevereComeFirst) {
  Round(Fires({{HighCosts("520502001"), 12}, {LowWages("520502002"), 12}}));
  EXPECT_EQ(due_[0].group, LowWages("520502002"));
  EXPECT_EQ(due_[1].group, HighCosts("520502001"));
}

TEST_F(ToldTest, ARestartGoesOnWhereTheHistoryEnds) {
  Round(Fires({{LowWages("520502001"), 12}, {LowWages("520502002"), 12}}));
  std::vector<Delivery> standing = recorded_;
  standing.push_back(recorded_[0]);
  standing.back().receiver = "http://elsewhere";
  standing.back().group = LowWages("520302001");
  Told again(kAlertmanager, kLifetime, standing);
  now_ += minutes(30);
  const std::vector<Message> due = again.Due(Fires({{LowWages("520502001"), 12}}), 5, now_);
  ASSERT_THAT(due, SizeIs(2)) << "not what stands elsewhere";
  EXPECT_TRUE(due[0].firing);
  EXPECT_EQ(due[0].starts_at, At(kNowMs));
  EXPECT_EQ(due[1].group, LowWages("520502002"));
  EXPECT_FALSE(due[1].firing) << "it cleared while the daemon was away";
  EXPECT_EQ(due[1].ends_at, now_);
  const std::vector<Delivery> news =
      again.News(std::vector<const Message*>{&due[0], &due[1]}, {}, now_);
  ASSERT_THAT(news, SizeIs(1));
  EXPECT_EQ(news[0].event, DeliveryEvent::kResolved);
}

TEST_F(ToldTest, WhatWasNotTakenIsNotTold) {
  const Firing firing = Fires({{LowWages("520502001"), 12}});
  due_ = told_.Due(firing, 5, now_);
  EXPECT_THAT(told_.News({}, {}, now_), IsEmpty());
  now_ += std::chrono::hours(1);
  EXPECT_THAT(Round(firing), ElementsAre("520502001 wage_low fired 12"));
  EXPECT_EQ(due_[0].starts_at, now_);
}

TEST_F(ToldTest, WhatCouldNotBeRecordedIsNewsAgain) {
  const Firing firing = Fires({{LowWages("520502001"), 12}});
  due_ = told_.Due(firing, 5, now_);
  const std::vector<const Message*> taken = {&due_[0]};
  EXPECT_THAT(told_.News(taken, {}, now_), SizeIs(1));
  EXPECT_THAT(Round(firing), ElementsAre("520502001 wage_low fired 12"));
}

TEST_F(ToldTest, ARefusalIsRecordedOnceForAsLongAsItsCodeStays) {
  const Firing firing = Fires({{LowWages("520502001"), 12}});
  const auto refuse = [&](const std::string& answer) {
    due_ = told_.Due(firing, 5, now_);
    return Note(firing, told_.News({}, std::vector<Refusal>{{&due_[0], answer}}, now_));
  };
  EXPECT_THAT(refuse("400 at 12:00"), ElementsAre("520502001 wage_low refused 12"));
  EXPECT_EQ(recorded_[0].answer, "400 at 12:00");
  EXPECT_THAT(refuse("400 at 12:01"), IsEmpty());
  EXPECT_THAT(refuse("413 too large"), SizeIs(1));
  EXPECT_THAT(Round(firing), ElementsAre("520502001 wage_low fired 12"));
  EXPECT_THAT(refuse("413 too large"), SizeIs(1)) << "a refusal after it was taken is news";
  Round(Fires({}));
}

TEST_F(ToldTest, AClockThatIsSetBackEndsNoAlertBeforeItsStart) {
  Round(Fires({{LowWages("520502001"), 12}}));
  now_ -= std::chrono::hours(5);
  Round(Fires({{LowWages("520502001"), 12}}));
  EXPECT_GT(due_[0].ends_at, due_[0].starts_at);
  Round(Fires({}));
  EXPECT_GE(due_[0].ends_at, due_[0].starts_at);
}

}  // namespace
}  // namespace shouwang::alerts
