#include "daemon/query/screening_service.h"

#include <utility>
#include <vector>

#include "daemon/query/reading.h"
#include "daemon/query/screening_answer.h"
#include "daemon/query/screening_question.h"
#include "daemon/query/screening_run.h"

namespace shouwang::query {

grpc::ServerWriteReactor<v1::ScreenResponse>* ScreeningService::Screen(
    grpc::CallbackServerContext* context, const v1::ScreenRequest* request) {
  absl::StatusOr<ScreeningQuestion> question = CheckScreening(*request, rulebook_->Get(), now_());
  if (!question.ok()) return calls_.Refuse<v1::ScreenResponse>(Method::kScreen, question.status());
  return calls_.Run<v1::ScreenResponse>(
      Method::kScreen, [this, question = *std::move(question), request = *request,
                        caller = CallerOf(*context)](const Call& call) {
        auto answer = Answer(question, call);
        if (!answer.ok()) return answer;
        int64_t reporters = 0;
        for (const v1::ScreenResponse& part : *answer) reporters += part.reporters_size();
        // What was found is not shown where it cannot be recorded.
        const absl::Status noted = runner_->Note(ReadingOf(caller, request, reporters));
        if (!noted.ok()) answer = noted;
        return answer;
      });
}

absl::StatusOr<std::vector<v1::ScreenResponse>> ScreeningService::Answer(
    const ScreeningQuestion& question, const Call& call) const {
  const auto cancelled = [&] { return call.cancelled(); };
  const absl::StatusOr<ScreeningResult> result =
      RunScreening(*store_, question, threads_, cancelled, [&](const ScreeningProgress& progress) {
        v1::ScreenResponse response;
        response.mutable_progress()->set_subjects_done(progress.subjects);
        response.mutable_progress()->set_subjects_total(progress.of_subjects);
        call.Tell(std::move(response));
      });
  if (!result.ok()) return result.status();
  return ScreeningAnswer(question, *result);
}

}  // namespace shouwang::query
