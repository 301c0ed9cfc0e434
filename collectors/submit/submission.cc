#include "collectors/submit/submission.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <filesystem>
#include <memory>
#include <random>
#include <system_error>
#include <utility>

#include "collectors/mapping/mapping.h"
#include "collectors/submit/progress.h"
#include "collectors/submit/server_catalogue.h"
#include "storage/files/csv.h"

namespace shouwang {
namespace {

constexpr int kMaxMessageBytes = 16 << 20;

// Draws rows from a window in an order that the seed fixes. Bounded by the window.
class ShuffleWindow {
 public:
  ShuffleWindow(size_t size, uint64_t seed) : size_(std::max<size_t>(size, 1)), random_(seed) {}

  // Puts a row in; true, with a drawn row in its place, once the window is full.
  bool Exchange(MappedRow* row, RowRef* origin) {
    if (rows_.size() < size_) {
      rows_.emplace_back(std::move(*row), *origin);
      return false;
    }
    auto& drawn = rows_[random_() % rows_.size()];
    std::swap(drawn.first, *row);
    std::swap(drawn.second, *origin);
    return true;
  }
  // Takes a row out; false when it is empty.
  bool Draw(MappedRow* row, RowRef* origin) {
    if (rows_.empty()) return false;
    std::swap(rows_[random_() % rows_.size()], rows_.back());
    *row = std::move(rows_.back().first);
    *origin = rows_.back().second;
    rows_.pop_back();
    return true;
  }

 private:
  const size_t size_;
  std::mt19937_64 random_;
  std::vector<std::pair<MappedRow, RowRef>> rows_;
};

class Run {
 public:
  Run(const SubmitOptions& options, Mapping mapping)
      : options_(options),
        mapping_(std::move(mapping)),
        builder_({options.collector, mapping_.source(), options.reported_at, mapping_.indicators()},
                 options.limits),
        window_(options.limits.buffered_rows, options.seed),
        progress_(options.quiet, options.terminal),
        tally_(mapping_, options.files, RejectedPaths(options)) {}

  absl::StatusOr<SubmitOutcome> Execute() {
    const auto started = std::chrono::steady_clock::now();
    if (absl::Status status = CheckHeadings(); !status.ok()) return status;
    if (absl::Status status = Connect(); !status.ok()) return status;
    absl::Status status = SendAll();
    for (const auto& stream : streams_) {
      if (status.ok()) status = stream->Finish();
    }
    streams_.clear();
    progress_.Close();
    status.Update(tally_.Close());
    if (!status.ok()) return status;
    SubmitOutcome outcome;
    outcome.summary = tally_.summary();
    outcome.rejected_paths = tally_.RejectedPaths();
    outcome.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    return outcome;
  }

 private:
  static std::vector<std::string> RejectedPaths(const SubmitOptions& options) {
    std::vector<std::string> paths;
    for (const std::string& file : options.files) {
      paths.push_back(options.rejected_path.empty() ? file + ".rejected.csv"
                                                    : options.rejected_path);
    }
    return paths;
  }

  // Of every sheet, before any row of any is sent.
  absl::Status CheckHeadings() {
    for (const std::string& file : options_.files) {
      const absl::StatusOr<CsvReader> reader = CsvReader::Open(file);
      if (!reader.ok()) return reader.status();
      if (absl::Status status = mapping_.Check(reader->heading()); !status.ok()) {
        return absl::Status(status.code(), fmt::format("{} does not fit the mapping:\n{}", file,
                                                       std::string(status.message())));
      }
      point_.bytes_total += reader->bytes_total();
    }
    return absl::OkStatus();
  }

  absl::Status Connect() {
    const std::shared_ptr<grpc::Channel> channel = NewChannel(0);
    absl::StatusOr<Catalogue> catalogue = FetchCatalogue(channel, options_.stream.retry_for);
    if (!catalogue.ok()) {
      return absl::Status(
          catalogue.status().code(),
          fmt::format("{}: {}", options_.server, std::string(catalogue.status().message())));
    }
    catalogue_ = *std::move(catalogue);
    if (absl::Status status = mapping_.Check(catalogue_); !status.ok()) return status;
    if (options_.dry_run) return absl::OkStatus();
    for (size_t i = 0; i < std::max<size_t>(options_.streams, 1); ++i) {
      streams_.push_back(std::make_unique<BatchStream>(
          NewChannel(i), options_.stream,
          [this](const OutgoingBatch& batch, const v1::Receipt& receipt) {
            tally_.OnReceipt(batch, receipt);
          }));
    }
    return absl::OkStatus();
  }

  // A connection of its own for each stream.
  std::shared_ptr<grpc::Channel> NewChannel(size_t index) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt("shouwang.stream", static_cast<int>(index));
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
    arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
    arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
    return grpc::CreateCustomChannel(options_.server, grpc::InsecureChannelCredentials(),
                                     arguments);
  }

  absl::Status SendAll() {
    for (size_t i = 0; i < options_.files.size(); ++i) {
      absl::StatusOr<CsvReader> reader = CsvReader::Open(options_.files[i]);
      if (!reader.ok()) return reader.status();
      absl::StatusOr<RowMapper> mapper = mapping_.Bind(reader->heading(), catalogue_);
      if (!mapper.ok()) return mapper.status();
      absl::Status status = SendFile(static_cast<uint32_t>(i), &*reader, &*mapper);
      if (!status.ok()) return status;
      bytes_before_ += reader->bytes_total();
    }
    MappedRow row;
    RowRef origin;
    while (window_.Draw(&row, &origin)) {
      if (absl::Status status = Add(row, origin); !status.ok()) return status;
    }
    builder_.Flush(&due_);
    return SendDue();
  }

  absl::Status SendFile(uint32_t file, CsvReader* reader, RowMapper* mapper) {
    std::vector<std::string> cells;
    MappedRow row;
    for (;;) {
      const absl::StatusOr<bool> next = reader->Next(&cells);
      RowRef origin{file, reader->line()};
      if (!next.ok()) {
        // The rows before it are good. Where the sheet breaks off, its reader says.
        tally_.OnFault({file, reader->line() + 1},
                       {"", "",
                        fmt::format("{}; nothing behind this row was read",
                                    std::string(next.status().message()))});
        return absl::OkStatus();
      }
      if (!*next) return absl::OkStatus();
      tally_.OnRow();
      mapper->Map(cells, &row);
      for (const RowFault& fault : row.faults) tally_.OnFault(origin, fault);
      ++point_.rows;
      point_.bytes_read = bytes_before_ + reader->bytes_read();
      if (row.usable && (options_.order == RowOrder::kFile || window_.Exchange(&row, &origin))) {
        if (absl::Status status = Add(row, origin); !status.ok()) return status;
      }
      if (point_.rows % 256 == 0) ShowProgress();
    }
  }

  absl::Status Add(const MappedRow& row, const RowRef& origin) {
    builder_.Add(row, origin, &due_);
    return due_.empty() ? absl::OkStatus() : SendDue();
  }

  absl::Status SendDue() {
    for (OutgoingBatch& batch : due_) {
      tally_.OnBatch(batch);
      if (options_.dry_run) continue;
      const std::string& township = batch.request.batch().township();
      BatchStream& stream = *streams_[std::hash<std::string>()(township) % streams_.size()];
      if (absl::Status status = stream.Send(std::move(batch)); !status.ok()) return status;
      ShowProgress();
    }
    due_.clear();
    return absl::OkStatus();
  }

  void ShowProgress() {
    const Summary summary = tally_.summary();
    point_.values = summary.accepted + summary.corrected + summary.unchanged + summary.superseded;
    progress_.Show(point_);
  }

  const SubmitOptions& options_;
  const Mapping mapping_;
  Catalogue catalogue_;
  BatchBuilder builder_;
  ShuffleWindow window_;
  Progress progress_;
  ProgressPoint point_;
  int64_t bytes_before_ = 0;
  std::vector<OutgoingBatch> due_;
  Tally tally_;
  std::vector<std::unique_ptr<BatchStream>> streams_;  // last: their threads call the tally
};

}  // namespace

absl::StatusOr<SubmitOutcome> Submit(const SubmitOptions& options) {
  absl::StatusOr<Mapping> mapping = Mapping::Load(options.mapping_path);
  if (!mapping.ok()) return mapping.status();
  return Run(options, *std::move(mapping)).Execute();
}

}  // namespace shouwang
