// Who calls, as far as the call says: the account given in the metadata "shouwang-actor" and the
// peer's address. Nothing proves the account until callers have certificates. Pure; any thread.
#pragma once

#include <grpcpp/server_context.h>

#include <string>

namespace shouwang::query {

inline constexpr char kActorMetadata[] = "shouwang-actor";

struct Caller {
  std::string actor;  // as given, cut to 64 bytes; empty where none was
  std::string peer;   // "ipv4:127.0.0.1:53422"
};
Caller CallerOf(const grpc::CallbackServerContext& context);

}  // namespace shouwang::query
