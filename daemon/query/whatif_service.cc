#include "daemon/query/whatif_service.h"

#include <utility>
#include <vector>

#include "daemon/query/reading.h"
#include "daemon/query/whatif_question.h"
#include "daemon/query/whatif_run.h"

namespace shouwang::query {

grpc::ServerWriteReactor<v1::WhatIfResponse>* WhatIfService::WhatIf(
    grpc::CallbackServerContext* context, const v1::WhatIfRequest* request) {
  // Reading a policy of a mebibyte is not for gRPC's thread; the request ends with the call.
  return calls_.Run<v1::WhatIfResponse>(
      Method::kWhatIf, [this, request = *request, caller = CallerOf(*context)](const Call& call) {
        auto answer = Answer(request, call);
        const v1::WhatIfSummary* summary = answer.ok() ? &answer->back().summary() : nullptr;
        const absl::Status noted =
            runner_->Note(WhatIfOf(caller, request, answer.status(), summary));
        // What was answered is not shown where it cannot be recorded.
        if (answer.ok() && !noted.ok()) answer = noted;
        return answer;
      });
}

absl::StatusOr<std::vector<v1::WhatIfResponse>> WhatIfService::Answer(
    const v1::WhatIfRequest& request, const Call& call) const {
  const absl::StatusOr<WhatIfQuestion> question = CheckWhatIf(request, rulebook_->Get(), now_());
  if (!question.ok()) return question.status();
  const auto cancelled = [&] { return call.cancelled(); };
  return RunWhatIf(*store_, *question, threads_, cancelled, [&](const WhatIfProgress& progress) {
    v1::WhatIfResponse response;
    response.mutable_progress()->set_subjects_done(progress.subjects);
    response.mutable_progress()->set_subjects_total(progress.of_subjects);
    call.Tell(std::move(response));
  });
}

}  // namespace shouwang::query
