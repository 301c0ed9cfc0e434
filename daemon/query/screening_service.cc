#include "daemon/query/screening_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "daemon/query/progress_call.h"
#include "daemon/query/reading.h"
#include "daemon/query/screening_answer.h"
#include "daemon/query/screening_question.h"
#include "daemon/query/screening_run.h"
#include "daemon/wire/status.h"

namespace shouwang::query {
namespace {

constexpr int kRetryMs = 5'000;

}  // namespace

grpc::ServerWriteReactor<v1::ScreenResponse>* ScreeningService::Screen(
    grpc::CallbackServerContext* context, const v1::ScreenRequest* request) {
  auto call = ProgressCall<v1::ScreenResponse>::Start();
  const auto end = [this, call](const absl::Status& status,
                                std::vector<v1::ScreenResponse> answer) {
    const grpc::Status told = wire::ToGrpc(status);
    metrics_->Count(Method::kScreen, told.error_code());
    call->End(told, std::move(answer));
  };
  absl::StatusOr<ScreeningQuestion> question = CheckScreening(*request, rulebook_->Get(), now_());
  if (!question.ok()) {
    end(question.status(), {});
    return call.get();
  }
  const bool queued = pool_.TrySubmit([this, call, end, question = *std::move(question),
                                       request = *request, caller = CallerOf(*context)] {
    const auto cancelled = [&] { return call->left() || stopping_; };
    if (cancelled()) return end(absl::CancelledError("the caller has left"), {});
    const absl::StatusOr<ScreeningResult> result = RunScreening(
        *store_, question, threads_, cancelled, [&](const ScreeningProgress& progress) {
          v1::ScreenResponse response;
          response.mutable_progress()->set_subjects_done(progress.subjects);
          response.mutable_progress()->set_subjects_total(progress.of_subjects);
          call->Tell(std::move(response));
        });
    if (!result.ok()) return end(result.status(), {});
    std::vector<v1::ScreenResponse> answer = ScreeningAnswer(question, *result);
    int64_t reporters = 0;
    for (const v1::ScreenResponse& part : answer) reporters += part.reporters_size();
    // What was found is not shown where it cannot be recorded.
    const absl::Status noted = runner_->Note(ReadingOf(caller, request, reporters));
    if (!noted.ok()) return end(noted, {});
    end(absl::OkStatus(), std::move(answer));
  });
  if (!queued) end(wire::TryAgain("other screenings are waiting", kRetryMs), {});
  return call.get();
}

void ScreeningService::Stop() {
  stopping_ = true;
  pool_.Stop();
}

}  // namespace shouwang::query
