#include "daemon/query/caller.h"

#include <string_view>

#include "daemon/wire/text.h"
#include "storage/vocabulary/audit.h"

namespace shouwang::query {

Caller CallerOf(const grpc::CallbackServerContext& context) {
  Caller caller;
  const auto& metadata = context.client_metadata();
  if (const auto it = metadata.find(kActorMetadata); it != metadata.end()) {
    caller.actor = wire::CleanText(std::string_view(it->second.data(), it->second.size()),
                                   kMaxAuditActorBytes);
  }
  caller.peer = context.peer();
  return caller;
}

}  // namespace shouwang::query
