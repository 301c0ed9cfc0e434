// Http by libcurl: one connection that is kept open. Goes straight to the address: no proxy of the
// environment, no redirect, HTTP and HTTPS only.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "daemon/alerts/http.h"

namespace shouwang::alerts {

class CurlHttp final : public Http {
 public:
  // `timeout`: of connecting, sending and the answer together.
  explicit CurlHttp(std::chrono::milliseconds timeout);
  ~CurlHttp() override;
  CurlHttp(const CurlHttp&) = delete;
  CurlHttp& operator=(const CurlHttp&) = delete;

  absl::StatusOr<HttpAnswer> Post(const std::string& url, const std::string& body) override;
  void Stop() override { stopping_ = true; }

 private:
  // libcurl's types are void here, so that its macros stay in the source file.
  void* const curl_;
  void* headers_ = nullptr;
  std::string answer_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace shouwang::alerts
