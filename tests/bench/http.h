// HTTP on loopback, as cheap as it gets, so that the sender is never what a benchmark measures: one
// connection that is kept open, and a sink that reads bodies and answers 204.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace shouwang::bench {

struct HttpAnswer {
  long code = 0;  // NOLINT: libcurl's type
  std::string body;
};

// One connection. Owned by one thread at a time. Unavailable where no answer comes.
class HttpConnection {
 public:
  // `headers`: "Content-Type: text/plain", sent with every request.
  explicit HttpConnection(const std::vector<std::string>& headers);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  absl::StatusOr<HttpAnswer> Post(const std::string& url, const std::string& body);
  absl::StatusOr<HttpAnswer> Get(const std::string& url);

 private:
  absl::StatusOr<HttpAnswer> Perform(const std::string& url);

  void* const curl_;
  void* headers_ = nullptr;
  std::string body_;
};

// Percent-encodes all but letters, digits and "-._~".
std::string UrlEncode(const std::string& text);

// Takes every body of up to `connections` connections, one after the other of them, and answers
// 204. A thread for each; ends when its clients have gone.
class HttpSink {
 public:
  static absl::StatusOr<std::unique_ptr<HttpSink>> Start(int connections);
  ~HttpSink();

  // "http://127.0.0.1:PORT/"
  const std::string& url() const { return url_; }

 private:
  HttpSink(int listener, std::string url, int connections);
  static void Serve(int connection);

  const int listener_;
  const std::string url_;
  std::vector<std::jthread> threads_;
};

}  // namespace shouwang::bench
