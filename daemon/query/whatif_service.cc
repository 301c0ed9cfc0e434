#include "daemon/query/whatif_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "daemon/query/progress_call.h"
#include "daemon/query/reading.h"
#include "daemon/query/whatif_question.h"
#include "daemon/query/whatif_run.h"
#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 5'000;

}  // namespace

grpc::ServerWriteReactor<v1::WhatIfResponse>* WhatIfService::WhatIf(
    grpc::CallbackServerContext* context, const v1::WhatIfRequest* request) {
  auto call = ProgressCall<v1::WhatIfResponse>::Start();
  const auto end = [this, call](const absl::Status& status,
                                std::vector<v1::WhatIfResponse> answer) {
    const grpc::Status told = wire::ToGrpc(status);
    metrics_->Count(Method::kWhatIf, told.error_code());
    call->End(told, std::move(answer));
  };
  // Reading a policy of a mebibyte is not for gRPC's thread; the request ends with the call.
  const bool queued =
      pool_.TrySubmit([this, call, end, request = *request, caller = CallerOf(*context)] {
        // What was answered is not shown where it cannot be recorded.
        const auto note = [&](const absl::Status& status, const v1::WhatIfSummary* summary) {
          return runner_->Note(WhatIfOf(caller, request, status, summary));
        };
        const auto fail = [&](const absl::Status& status) {
          note(status, nullptr).IgnoreError();
          end(status, {});
        };
        if (call->left() || stopping_) return fail(absl::CancelledError("the caller has left"));
        const absl::StatusOr<WhatIfQuestion> question =
            CheckWhatIf(request, rulebook_->Get(), now_());
        if (!question.ok()) return fail(question.status());
        const auto cancelled = [&] { return call->left() || stopping_; };
        absl::StatusOr<std::vector<v1::WhatIfResponse>> answer =
            RunWhatIf(*store_, *question, threads_, cancelled, [&](const WhatIfProgress& progress) {
              v1::WhatIfResponse response;
              response.mutable_progress()->set_subjects_done(progress.subjects);
              response.mutable_progress()->set_subjects_total(progress.of_subjects);
              call->Tell(std::move(response));
            });
        if (!answer.ok()) return fail(answer.status());
        const absl::Status noted = note(absl::OkStatus(), &answer->back().summary());
        if (!noted.ok()) return end(noted, {});
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
