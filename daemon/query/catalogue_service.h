// CatalogueService: what can be reported, and on where. See proto/shouwang/v1/catalogue.proto.
// Reads the rulebook and the store's tallies; any thread; outlives its calls.
#pragma once

#include <shouwang/v1/catalogue.grpc.pb.h>

#include "absl/status/status.h"
#include "daemon/query/call_runner.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

class CatalogueService final : public v1::CatalogueService::CallbackService {
 public:
  static constexpr size_t kMaxSites = 10'000;

  CatalogueService(const Store* store, const CurrentRulebook* rulebook, CallRunner* runner)
      : store_(store), rulebook_(rulebook), runner_(runner) {}

  grpc::ServerUnaryReactor* ListIndicators(grpc::CallbackServerContext* context,
                                           const v1::ListIndicatorsRequest* request,
                                           v1::ListIndicatorsResponse* response) override;
  grpc::ServerUnaryReactor* ListDivisions(grpc::CallbackServerContext* context,
                                          const v1::ListDivisionsRequest* request,
                                          v1::ListDivisionsResponse* response) override;
  grpc::ServerUnaryReactor* ListSites(grpc::CallbackServerContext* context,
                                      const v1::ListSitesRequest* request,
                                      v1::ListSitesResponse* response) override;

 private:
  absl::Status FillDivisions(const v1::ListDivisionsRequest& request,
                             v1::ListDivisionsResponse* response) const;
  absl::Status FillSites(const v1::ListSitesRequest& request,
                         v1::ListSitesResponse* response) const;
  // By division of `level`. Villages, which have no tally, are counted from the states.
  absl::Status CountHouseholds(const Division& region, DivisionLevel level,
                               v1::ListDivisionsResponse* response) const;

  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
