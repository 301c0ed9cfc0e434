#include "daemon/alerts/curl_http.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "storage/contract/deliveries.h"

namespace shouwang::alerts {
namespace {

// Keeps the beginning and reads past the rest, so that the connection can be used again.
size_t KeepBeginning(char* bytes, size_t size, size_t count, void* answer) {
  auto* const kept = static_cast<std::string*>(answer);
  const size_t room = kMaxAnswerBytes - std::min(kMaxAnswerBytes, kept->size());
  kept->append(bytes, std::min(size * count, room));
  return size * count;
}

// Asked about once a second and more: a true value ends the transfer.
int HasStopped(void* stopping, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stopping)->load() ? 1 : 0;
}

void* NewHandle() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return curl_easy_init();
}

}  // namespace

CurlHttp::CurlHttp(std::chrono::milliseconds timeout) : curl_(NewHandle()) {
  curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
  // A large body is sent at once, not after a round trip of "100 Continue".
  list = curl_slist_append(list, "Expect:");
  headers_ = list;
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl_, CURLOPT_USERAGENT, "shouwangd");
  curl_easy_setopt(curl_, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));  // NOLINT
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &KeepBeginning);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &answer_);
  curl_easy_setopt(curl_, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl_, CURLOPT_XFERINFOFUNCTION, &HasStopped);
  curl_easy_setopt(curl_, CURLOPT_XFERINFODATA, &stopping_);
}

CurlHttp::~CurlHttp() {
  curl_easy_cleanup(curl_);
  curl_slist_free_all(static_cast<curl_slist*>(headers_));
}

absl::StatusOr<HttpAnswer> CurlHttp::Post(const std::string& url, const std::string& body) {
  answer_.clear();
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
  const CURLcode result = curl_easy_perform(curl_);
  if (result != CURLE_OK) {
    return absl::UnavailableError(fmt::format("{}: {}", url, curl_easy_strerror(result)));
  }
  long code = 0;  // NOLINT: libcurl's type
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &code);
  return HttpAnswer{static_cast<int>(code), std::move(answer_)};
}

}  // namespace shouwang::alerts
