#include "daemon/ingest/request_reader.h"

namespace shouwang::ingest {
namespace {

// Of memory from the heap, taken twice as much at a time each time, up to this.
constexpr size_t kMostAtOnce = size_t{256} << 10;

google::protobuf::ArenaOptions StartingWith(char* block, size_t bytes) {
  google::protobuf::ArenaOptions options;
  options.initial_block = block;
  options.initial_block_size = bytes;
  options.max_block_size = kMostAtOnce;
  return options;
}

}  // namespace

RequestReader::RequestReader()
    : kept_(std::make_unique_for_overwrite<Kept>()),
      arena_(StartingWith(kept_->data(), kept_->size())) {}

const v1::SubmitRequest* RequestReader::Read(std::string_view message) {
  arena_.Reset();
  auto* request = google::protobuf::Arena::CreateMessage<v1::SubmitRequest>(&arena_);
  const bool read = request->ParseFromArray(message.data(), static_cast<int>(message.size()));
  return read ? request : nullptr;
}

}  // namespace shouwang::ingest
