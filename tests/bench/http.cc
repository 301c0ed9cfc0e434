#include "tests/bench/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>

namespace shouwang::bench {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";
constexpr std::string_view kLength = "Content-Length: ";
constexpr std::string_view kNoContent = "HTTP/1.1 204 No Content\r\n\r\n";
constexpr size_t kReadBytes = size_t{256} << 10;

size_t Append(char* bytes, size_t size, size_t count, void* body) {
  static_cast<std::string*>(body)->append(bytes, size * count);
  return size * count;
}

}  // namespace

HttpConnection::HttpConnection(const std::vector<std::string>& headers) : curl_(curl_easy_init()) {
  curl_slist* list = nullptr;
  // A large body is sent at once, not after a round trip of "100 Continue".
  list = curl_slist_append(list, "Expect:");
  for (const std::string& header : headers) list = curl_slist_append(list, header.c_str());
  headers_ = list;
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl_, CURLOPT_TCP_NODELAY, 1L);
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_UPLOAD_BUFFERSIZE, 2L << 20);
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &Append);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &body_);
}

HttpConnection::~HttpConnection() {
  curl_easy_cleanup(curl_);
  curl_slist_free_all(static_cast<curl_slist*>(headers_));
}

absl::StatusOr<HttpAnswer> HttpConnection::Perform(const std::string& url) {
  body_.clear();
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  const CURLcode result = curl_easy_perform(curl_);
  if (result != CURLE_OK) {
    return absl::UnavailableError(
        fmt::format("{}: {}", url.substr(0, 120), curl_easy_strerror(result)));
  }
  HttpAnswer answer;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer.code);
  answer.body = std::move(body_);
  return answer;
}

absl::StatusOr<HttpAnswer> HttpConnection::Post(const std::string& url, const std::string& body) {
  curl_easy_setopt(curl_, CURLOPT_POST, 1L);
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  return Perform(url);
}

absl::StatusOr<HttpAnswer> HttpConnection::Get(const std::string& url) {
  curl_easy_setopt(curl_, CURLOPT_HTTPGET, 1L);
  return Perform(url);
}

std::string UrlEncode(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("-._~", c) != nullptr) {
      out.push_back(c);
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

absl::StatusOr<std::unique_ptr<HttpSink>> HttpSink::Start(int connections) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (listener < 0 || bind(listener, any, length) != 0 || listen(listener, connections) != 0 ||
      getsockname(listener, any, &length) != 0) {
    if (listener >= 0) close(listener);
    return absl::UnavailableError(fmt::format("no port to listen on: {}", std::strerror(errno)));
  }
  const std::string url = fmt::format("http://127.0.0.1:{}/", ntohs(address.sin_port));
  return std::unique_ptr<HttpSink>(new HttpSink(listener, url, connections));
}

HttpSink::HttpSink(int listener, std::string url, int connections)
    : listener_(listener), url_(std::move(url)) {
  for (int i = 0; i < connections; ++i) {
    threads_.emplace_back([this] {
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      Serve(connection);
      close(connection);
    });
  }
}

HttpSink::~HttpSink() {
  // Wakes those that still wait for a client.
  shutdown(listener_, SHUT_RDWR);
  threads_.clear();
  close(listener_);
}

void HttpSink::Serve(int connection) {
  const int on = 1;
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  std::vector<char> buffer(kReadBytes);
  std::string head;
  size_t body_left = 0;
  bool in_body = false;
  while (true) {
    const ssize_t got = recv(connection, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    std::string_view bytes(buffer.data(), static_cast<size_t>(got));
    while (!bytes.empty() || in_body) {
      if (!in_body) {
        head.append(bytes);
        const size_t end = head.find(kEndOfHead);
        if (end == std::string::npos) break;
        const size_t length = head.find(kLength);
        if (length == std::string::npos || length > end) return;
        body_left = std::strtoull(head.c_str() + length + kLength.size(), nullptr, 10);
        // What came behind the head lies at the end of `bytes`, since the head was not whole
        // before.
        bytes.remove_prefix(bytes.size() - (head.size() - end - kEndOfHead.size()));
        head.clear();
        in_body = true;
      }
      const size_t of_body = std::min(body_left, bytes.size());
      body_left -= of_body;
      bytes.remove_prefix(of_body);
      if (body_left > 0) break;
      in_body = false;
      if (send(connection, kNoContent.data(), kNoContent.size(), MSG_NOSIGNAL) < 0) return;
    }
  }
}

}  // namespace shouwang::bench
