#include "daemon/ingest/request_reader.h"

namespace shouwang::ingest {
namespace {

// What is taken from the heap at a time, where the kept block does not do.
constexpr size_t kHeapBytes = size_t{256} << 10;

google::protobuf::ArenaOptions StartingWith(char* block, size_t bytes) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block;
  options.initial_block_size = bytes;
  options.start_block_size = kHeapBytes;
  options.max_block_size = kHeapBytes;
  return options;
}

}  // namespace

RequestReader::RequestReader()
    : kept_(std::make_unique_for_overwrite<Kept>()),
      arena_(StartingWith(kept_->data(), kept_->size())) {}

bool RequestReader::Read(std::string_view message,
                         absl::FunctionRef<void(const v1::Batch&)> visit) {
  auto* request = google::protobuf::Arena::CreateMessage<v1::SubmitRequest>(&arena_);
  const bool read = request->ParseFromArray(message.data(), static_cast<int>(message.size()));
  if (read) visit(request->batch());
  arena_.Reset();
  return read;
}

}  // namespace shouwang::ingest
