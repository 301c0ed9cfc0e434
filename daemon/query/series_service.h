// SeriesService: what was observed, over time. See proto/shouwang/v1/series.proto.
// Reads only; any thread; outlives its calls.
#pragma once

#include <shouwang/v1/series.grpc.pb.h>

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "daemon/query/call_runner.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/store.h"

namespace shouwang::query {

class SeriesService final : public v1::SeriesService::CallbackService {
 public:
  static constexpr int kMaxSubjects = 1'000;
  // Of one answer: some 30 MB on the wire.
  static constexpr size_t kMaxPoints = 1'000'000;
  static constexpr int kMaxMonths = 240;
  static constexpr size_t kMaxRollups = 100'000;

  SeriesService(const Store* store, const CurrentRulebook* rulebook, std::function<Instant()> now,
                CallRunner* runner)
      : store_(store), rulebook_(rulebook), now_(std::move(now)), runner_(runner) {}

  grpc::ServerUnaryReactor* GetHistory(grpc::CallbackServerContext* context,
                                       const v1::GetHistoryRequest* request,
                                       v1::GetHistoryResponse* response) override;
  grpc::ServerUnaryReactor* ListRollups(grpc::CallbackServerContext* context,
                                        const v1::ListRollupsRequest* request,
                                        v1::ListRollupsResponse* response) override;

 private:
  const Store* const store_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  CallRunner* const runner_;
};

}  // namespace shouwang::query
