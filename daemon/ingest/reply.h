// Where the receipt of one batch goes.
#pragma once

#include <shouwang/v1/report.pb.h>

namespace shouwang::ingest {

// Set once, then destroyed, by the shard's thread; where the batch gets no further, by the thread
// that brought it. Neither may block. A shard sets all receipts of a commit before it destroys the
// first of their replies, so a stream that waits for that sends those of its batches together.
class Reply {
 public:
  virtual ~Reply() = default;
  virtual void Set(v1::Receipt receipt) = 0;
};

}  // namespace shouwang::ingest
