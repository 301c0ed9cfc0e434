// AuditService: who did what, and what followed. See proto/shouwang/v1/audit.proto.
// Reads only. One verification runs at a time, on a thread of its own; its caller's leaving ends
// it. Any thread; outlives its calls. Stop ends what runs and what waits.
#pragma once

#include <shouwang/v1/audit.grpc.pb.h>

#include <functional>
#include <utility>

#include "daemon/query/call_runner.h"
#include "daemon/query/long_calls.h"
#include "daemon/rulebook/rulebook.h"
#include "storage/contract/audit_log.h"

namespace shouwang::query {

class AuditService final : public v1::AuditService::CallbackService {
 public:
  AuditService(const AuditLog* log, const CurrentRulebook* rulebook, std::function<Instant()> now,
               CallRunner* runner, QueryMetrics* metrics)
      : log_(log),
        rulebook_(rulebook),
        now_(std::move(now)),
        runner_(runner),
        calls_(metrics, {"other verifications of the audit trail wait", 10'000}) {}

  grpc::ServerUnaryReactor* ListAudit(grpc::CallbackServerContext* context,
                                      const v1::ListAuditRequest* request,
                                      v1::ListAuditResponse* response) override;
  grpc::ServerUnaryReactor* GetAuditHeads(grpc::CallbackServerContext* context,
                                          const v1::GetAuditHeadsRequest* request,
                                          v1::GetAuditHeadsResponse* response) override;
  grpc::ServerWriteReactor<v1::VerifyAuditResponse>* VerifyAudit(
      grpc::CallbackServerContext* context, const v1::VerifyAuditRequest* request) override;
  void Stop() { calls_.Stop(); }

 private:
  const AuditLog* const log_;
  const CurrentRulebook* const rulebook_;
  const std::function<Instant()> now_;
  CallRunner* const runner_;
  LongCalls calls_;
};

}  // namespace shouwang::query
