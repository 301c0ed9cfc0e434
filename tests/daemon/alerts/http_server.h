// A server for tests, on a port of the kernel's choice.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>

namespace shouwang::alerts {

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

}  // namespace shouwang::alerts
