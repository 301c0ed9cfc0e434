#include "daemon/query/whatif_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "daemon/query/progress_call.h"
#include "daemon/query/whatif_question.h"
#include "daemon/query/whatif_run.h"
#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 5'000;

}  // namespace

grpc::ServerWriteReactor<v1::WhatIfResponse>* WhatIfService::WhatIf(
    grpc::CallbackServerContext*, const v1::WhatIfRequest* request) {
  auto call = ProgressCall<v1::WhatIfResponse>::Start();
  const auto end = [this, call](const absl::Status& status,
                                std::vector<v1::WhatIfResponse> answer) {
    const grpc::Status told = wire::ToGrpc(status);
    metrics_->Count(Method::kWhatIf, told.error_code());
    call->End(told, std::move(answer));
  };
  // Reading a policy of a mebibyte is not for gRPC's thread; the request ends with the call.
  const bool queued = pool_.TrySubmit([this, call, end, request = *request] {
    if (call->left() || stopping_) return end(absl::CancelledError("the caller has left"), {});
    const absl::StatusOr<WhatIfQuestion> question = CheckWhatIf(request, rulebook_->Get(), now_());
    if (!question.ok()) return end(question.status(), {});
    const auto cancelled = [&] { return call->left() || stopping_; };
    absl::StatusOr<std::vector<v1::WhatIfResponse>> answer =
        RunWhatIf(*store_, *question, threads_, cancelled, [&](const WhatIfProgress& progress) {
          v1::WhatIfResponse response;
          response.mutable_progress()->set_subjects_done(progress.subjects);
          response.mutable_progress()->set_subjects_total(progress.of_subjects);
          call->Tell(std::move(response));
        });
    if (!answer.ok()) return end(answer.status(), {});
    end(absl::OkStatus(), *std::move(answer));
  });
  if (!queued) end(wire::TryAgain("other what-ifs are waiting", kRetryMs), {});
  return call.get();
}

void WhatIfService::Stop() {
  stopping_ = true;
  pool_.Stop();
}

}  // namespace shouwang::query
