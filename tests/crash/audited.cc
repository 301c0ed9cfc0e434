#include "tests/crash/audited.h"

#include <fmt/format.h>
#include <shouwang/v1/audit.grpc.pb.h>

#include <string>
#include <utility>

#include "tests/crash/world.h"

namespace shouwang::crash {
namespace {

using OpenBySubject = std::map<std::pair<std::string, std::string>, int32_t>;

absl::Status Failed(std::string_view what, const grpc::Status& status) {
  return absl::UnavailableError(fmt::format("{}: {}", what, status.error_message()));
}

absl::Status CheckSound(v1::AuditService::Stub* stub) {
  grpc::ClientContext context;
  const auto reader = stub->VerifyAudit(&context, {});
  v1::VerifyAuditResponse response;
  std::string fault;
  while (reader->Read(&response)) {
    for (const v1::AuditChainResult& chain : response.chains()) {
      if (chain.faults() > 0) fault = fmt::format("{}: {}", chain.chain(), chain.fault());
    }
  }
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return Failed("verification of the audit trail", status);
  if (response.done() && response.sound()) return absl::OkStatus();
  return absl::DataLossError("the audit trail is not sound: " + fault);
}

// Takes one transition, if it may follow what is open.
absl::Status Take(const v1::AuditTransition& transition, OpenBySubject* open) {
  const auto key = std::pair(transition.subject(), transition.rule());
  const bool opens = transition.kind() == v1::AUDIT_TRANSITION_KIND_OPENED;
  if (open->contains(key) == opens) {
    return absl::DataLossError(fmt::format("the audit trail tells of {} rule {} what cannot follow",
                                           key.first, key.second));
  }
  if (transition.kind() == v1::AUDIT_TRANSITION_KIND_CLEARED) {
    open->erase(key);
  } else {
    (*open)[key] = transition.opened_on();
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckAudit(const std::shared_ptr<grpc::Channel>& channel,
                        const std::map<OpenWarning, int32_t>& open) {
  const auto stub = v1::AuditService::NewStub(channel);
  if (absl::Status status = CheckSound(stub.get()); !status.ok()) return status;
  OpenBySubject told;
  v1::ListAuditRequest request;
  request.mutable_filter()->add_kinds("commit");
  request.mutable_filter()->add_kinds("judgement");
  request.set_page_size(1'000);
  do {
    grpc::ClientContext context;
    v1::ListAuditResponse response;
    const grpc::Status status = stub->ListAudit(&context, request, &response);
    if (!status.ok()) return Failed("audit trail", status);
    for (const v1::AuditEntry& entry : response.entries()) {
      for (const v1::AuditTransition& transition : entry.transitions()) {
        if (absl::Status taken = Take(transition, &told); !taken.ok()) return taken;
      }
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  OpenBySubject expected;
  for (const auto& [warning, opened_on] : open) {
    expected[{SubjectOf(warning.household), warning.rule}] = opened_on;
  }
  if (told == expected) return absl::OkStatus();
  return absl::DataLossError(fmt::format("the audit trail ends in {} open warnings, {} are listed",
                                         told.size(), expected.size()));
}

}  // namespace shouwang::crash
