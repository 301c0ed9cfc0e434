#include "daemon/alerts/posting.h"

#include <fmt/format.h>

#include "tests/daemon/alerts/groups.h"

namespace shouwang::alerts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class PostingTest : public testing::Test {
 protected:
  PostingTest() {
    for (int i = 0; i < 600; ++i) {
      messages_.push_back({LowWages(Township(i)), true, "12", At(kNowMs), At(kNowMs + 1)});
    }
  }
  static std::string Township(int i) { return fmt::format("520502{:03}", i); }
  Posted Post() {
    return PostAll(&http_, kAlertmanager, messages_, {*rulebook_, "", DateOf(At(kNowMs))});
  }

  std::shared_ptr<const Rulebook> rulebook_ = SmallRulebook();
  ScriptedHttp http_;
  std::vector<Message> messages_;
};

TEST_F(PostingTest, PostsSomeAtATime) {
  const Posted posted = Post();
  EXPECT_TRUE(posted.status.ok());
  EXPECT_THAT(posted.taken, SizeIs(600));
  EXPECT_THAT(http_.urls, ElementsAre("http://127.0.0.1:9093/api/v2/alerts",
                                      "http://127.0.0.1:9093/api/v2/alerts",
                                      "http://127.0.0.1:9093/api/v2/alerts"));
  EXPECT_THAT(http_.bodies, ElementsAre(SizeIs(256), SizeIs(256), SizeIs(88)));
}

TEST_F(PostingTest, FindsTheOneThatIsRefusedAndDeliversTheOthers) {
  http_.refused = {Township(17)};
  const Posted posted = Post();
  EXPECT_TRUE(posted.status.ok()) << posted.status;
  EXPECT_THAT(posted.taken, SizeIs(599));
  ASSERT_THAT(posted.refused, SizeIs(1));
  EXPECT_EQ(posted.refused[0].message, &messages_[17]);
  EXPECT_EQ(posted.refused[0].answer, "400 bad 520502017");
  // 3 at first; then 256 halved 8 times down to one, two POSTs each.
  EXPECT_THAT(http_.bodies, SizeIs(3 + 16));
}

TEST_F(PostingTest, WhereAllAreRefusedItStopsAtTheLimitAndKeepsWhatItFound) {
  for (int i = 0; i < 600; ++i) http_.refused.push_back(Township(i));
  const Posted posted = Post();
  EXPECT_EQ(posted.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(posted.status.message()), HasSubstr("refuses too many alerts"));
  EXPECT_THAT(posted.taken, IsEmpty());
  EXPECT_GT(posted.refused.size(), 200u);
  EXPECT_LE(http_.bodies.size(), 3u + 512u);
}

TEST_F(PostingTest, AnAnswerAboutAllOfThemEndsTheRound) {
  http_.code = 503;
  const Posted posted = Post();
  EXPECT_EQ(posted.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(posted.status.message(), "http://127.0.0.1:9093/api/v2/alerts answered 503 so it is");
  EXPECT_THAT(http_.bodies, SizeIs(1));
  EXPECT_THAT(posted.taken, IsEmpty());
}

TEST_F(PostingTest, NobodyThereEndsTheRound) {
  http_.down = absl::UnavailableError("Connection refused");
  EXPECT_EQ(Post().status.message(), "Connection refused");
  EXPECT_THAT(http_.bodies, SizeIs(1));
}

TEST_F(PostingTest, WithNothingToSayItStillAsksWhetherAnybodyIsThere) {
  messages_.clear();
  EXPECT_TRUE(Post().status.ok());
  EXPECT_THAT(http_.bodies, ElementsAre(IsEmpty()));
  http_.code = 400;
  EXPECT_EQ(Post().status.code(), absl::StatusCode::kUnavailable);
  http_.down = absl::UnavailableError("Connection refused");
  EXPECT_EQ(Post().status.message(), "Connection refused");
}

}  // namespace
}  // namespace shouwang::alerts
