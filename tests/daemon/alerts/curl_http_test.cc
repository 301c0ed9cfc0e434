#include "daemon/alerts/curl_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "tests/daemon/alerts/http_server.h"

namespace shouwang::alerts {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

TEST(CurlHttpTest, PostsJsonOnOneConnectionAndGivesTheAnswer) {
  Server server("HTTP/1.1 400 Bad Request\r\nContent-Length: 7\r\n\r\nbad day");
  {
    CurlHttp http(milliseconds(20'000));
    for (int i = 0; i < 2; ++i) {
      const auto answer = http.Post(server.url() + "/api/v2/alerts", "[1]");
      ASSERT_TRUE(answer.ok()) << answer.status();
      EXPECT_EQ(answer->code, 400);
      EXPECT_EQ(answer->body, "bad day");
    }
  }
  server.End();
  EXPECT_THAT(server.received(), HasSubstr("POST /api/v2/alerts HTTP/1.1\r\n"));
  EXPECT_THAT(server.received(), HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(server.received(), HasSubstr("\r\n\r\n[1]POST /api/v2/alerts HTTP/1.1"));
}

TEST(CurlHttpTest, KeepsTheBeginningOfALongAnswer) {
  Server server("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x'));
  CurlHttp http(milliseconds(20'000));
  const auto answer = http.Post(server.url(), "[1]");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, std::string(512, 'x'));
}

TEST(CurlHttpTest, NobodyThereIsUnavailableAndNamesTheAddress) {
  Server server("");
  server.End();
  CurlHttp http(milliseconds(20'000));
  const auto answer = http.Post(server.url(), "[1]");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr(server.url() + ": "));
}

TEST(CurlHttpTest, AnAnswerThatDoesNotComeIsGivenUp) {
  Server server("");
  CurlHttp http(milliseconds(50));
  EXPECT_EQ(http.Post(server.url(), "[1]").status().code(), absl::StatusCode::kUnavailable);
}

TEST(CurlHttpTest, StopEndsAPostLongBeforeItsTimeout) {
  Server server("");
  CurlHttp http(milliseconds(60'000));
  const auto start = std::chrono::steady_clock::now();
  std::jthread stopper([&http] { http.Stop(); });
  EXPECT_EQ(http.Post(server.url(), "[1]").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(30'000));
}

TEST(CurlHttpTest, OtherProtocolsAreNotSpoken) {
  CurlHttp http(milliseconds(20'000));
  EXPECT_EQ(http.Post("file:///etc/hostname", "[1]").status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace shouwang::alerts
