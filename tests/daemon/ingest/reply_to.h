#pragma once

#include <functional>
#include <utility>

#include "daemon/ingest/reply.h"

namespace shouwang::ingest {

// Hands the receipt to a function.
class ReplyTo final : public Reply {
 public:
  explicit ReplyTo(std::function<void(v1::Receipt)> take) : take_(std::move(take)) {}
  void Set(v1::Receipt receipt) override { take_(std::move(receipt)); }

 private:
  const std::function<void(v1::Receipt)> take_;
};

}  // namespace shouwang::ingest
