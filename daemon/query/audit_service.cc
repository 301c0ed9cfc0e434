#include "daemon/query/audit_service.h"

#include <utility>

#include "daemon/query/audit_answer.h"
#include "daemon/query/reading.h"

namespace shouwang::query {
namespace {

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
  return calls_.Run<v1::VerifyAuditResponse>(
      Method::kVerifyAudit,
      [this, request = *request](const LongCall<v1::VerifyAuditResponse>& call) {
        return AnswerVerifyAudit(*log_, request, [&](uint64_t done, uint64_t total) {
          v1::VerifyAuditResponse response;
          response.set_entries_done(done);
          response.set_entries_total(total);
          call.Tell(std::move(response));
          return !call.cancelled();
        });
      });
}

}  // namespace shouwang::query
