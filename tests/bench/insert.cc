#include "tests/bench/insert.h"

#include <fmt/format.h>

#include <memory>
#include <thread>

#include "tests/bench/http.h"

namespace shouwang::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kShownBytes = 500;

// One connection with its share of the panel.
class Inserter {
 public:
  Inserter(const Panel& panel, const InsertOptions& options, int connection)
      : options_(options),
        sequence_(panel, options.format, options.rows, connection, options.connections),
        connection_(options.headers) {}

  // Makes one body more; false at the end of the share.
  bool Prepare() {
    std::string body = sequence_.Next();
    if (body.empty()) return false;
    bytes_ += static_cast<int64_t>(body.size());
    bodies_.push_back(std::move(body));
    ++count_;
    return true;
  }

  void Send() {
    for (const std::string& body : bodies_) {
      if (status_ = SendOne(body); !status_.ok()) break;
    }
    bodies_.clear();
  }

  bool empty() const { return bodies_.empty(); }
  const absl::Status& status() const { return status_; }
  int64_t values() const { return sequence_.values(); }

  void AddTo(InsertResult* result) const {
    result->values += sequence_.values();
    result->bodies += count_;
    result->body_bytes += bytes_;
    result->sent_again += sent_again_;
  }

 private:
  absl::Status SendOne(const std::string& body) {
    while (true) {
      auto answer = connection_.Post(options_.url, body);
      if (!answer.ok()) return answer.status();
      if (answer->code / 100 == 2) return absl::OkStatus();
      if (options_.try_again.empty() ||
          answer->body.find(options_.try_again) == std::string::npos) {
        return absl::FailedPreconditionError(
            fmt::format("answer {}: {}", answer->code, answer->body.substr(0, kShownBytes)));
      }
      ++sent_again_;
    }
  }

  const InsertOptions& options_;
  BodySequence sequence_;
  HttpConnection connection_;
  std::vector<std::string> bodies_;
  absl::Status status_;
  int64_t count_ = 0;
  int64_t bytes_ = 0;
  int64_t sent_again_ = 0;
};

// Bodies from each in turn until the chunk is full; false when there were none.
bool PrepareChunk(std::vector<std::unique_ptr<Inserter>>& inserters, int64_t chunk_values) {
  int64_t before = 0;
  for (const auto& inserter : inserters) before += inserter->values();
  bool any = false;
  while (true) {
    bool more = false;
    int64_t now = 0;
    for (const auto& inserter : inserters) {
      more = inserter->Prepare() || more;
      now += inserter->values();
    }
    any = any || more;
    if (!more || now - before >= chunk_values) return any;
  }
}

}  // namespace

absl::StatusOr<InsertResult> InsertPanel(const Panel& panel, const InsertOptions& options) {
  std::vector<std::unique_ptr<Inserter>> inserters;
  inserters.reserve(static_cast<size_t>(options.connections));
  for (int i = 0; i < options.connections; ++i) {
    inserters.push_back(std::make_unique<Inserter>(panel, options, i));
  }
  InsertResult result;
  while (PrepareChunk(inserters, options.chunk_values)) {
    const auto start = Clock::now();
    {
      std::vector<std::jthread> threads;
      for (auto& inserter : inserters) {
        if (!inserter->empty()) threads.emplace_back([&inserter] { inserter->Send(); });
      }
    }
    result.elapsed += Clock::now() - start;
    for (const auto& inserter : inserters) {
      if (!inserter->status().ok()) return inserter->status();
    }
  }
  for (const auto& inserter : inserters) inserter->AddTo(&result);
  return result;
}

}  // namespace shouwang::bench
