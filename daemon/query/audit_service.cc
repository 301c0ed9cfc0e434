#include "daemon/query/audit_service.h"

#include <utility>
#include <vector>

#include "daemon/query/audit_answer.h"
#include "daemon/query/progress_call.h"
#include "daemon/query/reading.h"
#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 10'000;

AuditRecord ListingOf(const Caller& caller, const v1::ListAuditRequest& request,
                      const v1::ListAuditResponse& response) {
  AuditRecord record = ReadingOf(Method::kListAudit, caller);
  const absl::StatusOr<Division> region = Division::Parse(request.filter().region());
  if (region.ok()) record.region = *region;
  const absl::StatusOr<Subject> subject = Subject::Parse(request.filter().subject());
  if (subject.ok()) record.subject = *subject;
  record.facts.push_back({"entries", std::to_string(response.entries_size())});
  return record;
}

}  // namespace

grpc::ServerUnaryReactor* AuditService::ListAudit(grpc::CallbackServerContext* context,
                                                  const v1::ListAuditRequest* request,
                                                  v1::ListAuditResponse* response) {
  return runner_->RunRead(
      context, Method::kListAudit,
      [this, context, request, response] {
        const auto cancelled = [context] { return context->IsCancelled(); };
        return AnswerListAudit(*log_, *rulebook_->Get(), *request, cancelled, response);
      },
      [request, response](const Caller& caller) { return ListingOf(caller, *request, *response); });
}

grpc::ServerUnaryReactor* AuditService::GetAuditHeads(grpc::CallbackServerContext* context,
                                                      const v1::GetAuditHeadsRequest*,
                                                      v1::GetAuditHeadsResponse* response) {
  return runner_->Run(context, Method::kGetAuditHeads,
                      [this, response] { return AnswerAuditHeads(*log_, now_(), response); });
}

grpc::ServerWriteReactor<v1::VerifyAuditResponse>* AuditService::VerifyAudit(
    grpc::CallbackServerContext*, const v1::VerifyAuditRequest* request) {
  auto call = ProgressCall<v1::VerifyAuditResponse>::Start();
  const auto end = [this, call](const absl::Status& status,
                                std::vector<v1::VerifyAuditResponse> answer) {
    const grpc::Status told = wire::ToGrpc(status);
    metrics_->Count(Method::kVerifyAudit, told.error_code());
    call->End(told, std::move(answer));
  };
  const bool queued = pool_.TrySubmit([this, call, end, request = *request] {
    const auto progress = [&](uint64_t done, uint64_t total) {
      if (call->left() || stopping_) return false;
      v1::VerifyAuditResponse response;
      response.set_entries_done(done);
      response.set_entries_total(total);
      call->Tell(std::move(response));
      return true;
    };
    if (call->left() || stopping_) return end(absl::CancelledError("the caller has left"), {});
    absl::StatusOr<std::vector<v1::VerifyAuditResponse>> answer =
        AnswerVerifyAudit(*log_, request, progress);
    if (!answer.ok()) return end(answer.status(), {});
    end(absl::OkStatus(), *std::move(answer));
  });
  if (!queued) end(wire::TryAgain("other verifications of the audit trail wait", kRetryMs), {});
  return call.get();
}

void AuditService::Stop() {
  stopping_ = true;
  pool_.Stop();
}

}  // namespace shouwang::query
