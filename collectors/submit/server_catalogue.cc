#include "collectors/submit/server_catalogue.h"

#include <shouwang/v1/catalogue.grpc.pb.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/wire/convert.h"
#include "daemon/wire/status.h"

namespace shouwang {

absl::StatusOr<Catalogue> FetchCatalogue(const std::shared_ptr<grpc::Channel>& channel,
                                         std::chrono::milliseconds retry_for) {
  const auto stub = v1::CatalogueService::NewStub(channel);
  grpc::ClientContext context;
  // With nothing to wait for, an absent daemon answers UNAVAILABLE at once.
  context.set_wait_for_ready(retry_for.count() > 0);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::max(retry_for, std::chrono::milliseconds(10'000)));
  v1::ListIndicatorsResponse response;
  const grpc::Status status = stub->ListIndicators(&context, {}, &response);
  if (!status.ok()) return wire::FromGrpc(status);
  std::vector<Indicator> indicators;
  for (const v1::Indicator& indicator : response.indicators()) {
    absl::StatusOr<Indicator> converted = wire::FromProto(indicator);
    if (!converted.ok()) return converted.status();
    indicators.push_back(*std::move(converted));
  }
  return Catalogue::Of(std::move(indicators));
}

}  // namespace shouwang
