#include "daemon/alerts/posting.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace shouwang::alerts {
namespace {

// What is said of the alerts themselves; 413: too many in one.
bool IsRefusal(int code) { return code == 400 || code == 413 || code == 422; }

// On one line, of plain characters: it goes into the log, the history and onto terminals.
std::string TextOf(const HttpAnswer& answer) {
  std::string text = fmt::format("{} {}", answer.code, answer.body).substr(0, kMaxAnswerBytes);
  for (char& c : text) {
    if (c == '\n') c = ' ';
    if (c < ' ' || c > '~') c = '?';
  }
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

class Posting {
 public:
  Posting(Http* http, const std::string& base, const Wording& wording)
      : http_(http), url_(base + "/api/v2/alerts"), wording_(wording) {}

  void Post(std::span<const Message* const> messages) {
    if (!posted_.status.ok()) return;
    const absl::StatusOr<HttpAnswer> answer = http_->Post(url_, BodyOf(messages, wording_));
    if (!answer.ok()) {
      posted_.status = answer.status();
    } else if (answer->code >= 200 && answer->code < 300) {
      posted_.taken.insert(posted_.taken.end(), messages.begin(), messages.end());
    } else if (!IsRefusal(answer->code) || messages.empty()) {
      posted_.status = absl::UnavailableError(fmt::format("{} answered {}", url_, TextOf(*answer)));
    } else if (messages.size() == 1) {
      posted_.refused.push_back({messages.front(), TextOf(*answer)});
    } else {
      PostHalves(messages);
    }
  }

  Posted Take() { return std::move(posted_); }

 private:
  void PostHalves(std::span<const Message* const> messages) {
    if (halves_ + 2 > kMaxHalves) {
      posted_.status = absl::ResourceExhaustedError(
          fmt::format("{} refuses too many alerts: {} POSTs did not find them all", url_, halves_));
      return;
    }
    halves_ += 2;
    const size_t half = messages.size() / 2;
    Post(messages.first(half));
    Post(messages.subspan(half));
  }

  Http* const http_;
  const std::string url_;
  const Wording& wording_;
  Posted posted_;
  int halves_ = 0;
};

}  // namespace

Posted PostAll(Http* http, const std::string& base, std::span<const Message> messages,
               const Wording& wording) {
  Posting posting(http, base, wording);
  std::vector<const Message*> pointers;
  for (const Message& message : messages) pointers.push_back(&message);
  const std::span<const Message* const> all(pointers);
  size_t at = 0;
  do {
    posting.Post(all.subspan(at, std::min(kMaxMessagesInPost, all.size() - at)));
    at += kMaxMessagesInPost;
  } while (at < all.size());
  return posting.Take();
}

}  // namespace shouwang::alerts
