#include "daemon/alerts/curl_http.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>

namespace shouwang::alerts {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

// Takes one connection and answers each request on it with `answer`; an empty one is never given.
class Server {
 public:
  explicit Server(std::string answer) : answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, length), 0);
    EXPECT_EQ(listen(listener_, 4), 0);
    EXPECT_EQ(getsockname(listener_, any, &length), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::jthread([this] { Serve(); });
  }
  ~Server() { End(); }
  void End() {
    shutdown(listener_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    if (listener_ >= 0) close(listener_);
    listener_ = -1;
  }

  const std::string& url() const { return url_; }
  // Once the client has gone.
  const std::string& received() const { return received_; }

 private:
  void Serve() {
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) return;
    char buffer[4096];
    ssize_t got = 0;
    while ((got = recv(connection, buffer, sizeof buffer, 0)) > 0) {
      received_.append(buffer, static_cast<size_t>(got));
      if (received_.ends_with("]") && !answer_.empty()) {
        EXPECT_EQ(send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(answer_.size()));
      }
    }
    close(connection);
  }

  const std::string answer_;
  int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::string url_;
  std::string received_;
  std::jthread thread_;
};

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
