#include "tests/bench/http.h"

#include <gtest/gtest.h>

namespace shouwang::bench {
namespace {

TEST(HttpTest, EncodesWhatAUrlMayNotHold) {
  EXPECT_EQ(UrlEncode("{household=\"91/1\"}[32d]"), "%7Bhousehold%3D%2291%2F1%22%7D%5B32d%5D");
  EXPECT_EQ(UrlEncode("a-b_c.d~9"), "a-b_c.d~9");
}

TEST(HttpTest, SinkAnswersEveryBodyOfAConnection) {
  auto sink = HttpSink::Start(1);
  ASSERT_TRUE(sink.ok()) << sink.status();
  HttpConnection connection({"Content-Type: text/plain"});
  // Smaller than a read of the sink, and larger than several.
  for (const size_t bytes : {size_t{1}, size_t{3'000'000}, size_t{70}, size_t{262'144}}) {
    const auto answer = connection.Post((*sink)->url(), std::string(bytes, 'x'));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->code, 204);
  }
}

TEST(HttpTest, SinkEndsWithoutAClient) {
  auto sink = HttpSink::Start(3);
  ASSERT_TRUE(sink.ok()) << sink.status();
  EXPECT_EQ((*sink)->url().substr(0, 17), "http://127.0.0.1:");
}

TEST(HttpTest, SaysThatNobodyAnswers) {
  std::string url;
  {
    auto sink = HttpSink::Start(1);
    ASSERT_TRUE(sink.ok()) << sink.status();
    url = (*sink)->url();
  }
  HttpConnection connection({});
  const auto answer = connection.Get(url);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(answer.status().message()).find(url), std::string::npos);
}

}  // namespace
}  // namespace shouwang::bench
