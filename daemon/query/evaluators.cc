#include "daemon/query/evaluators.h"

#include <utility>

namespace shouwang::query {

absl::Status Evaluators::With(const std::shared_ptr<const Rulebook>& rulebook,
                              absl::FunctionRef<absl::Status(risk::Evaluator&)> work) {
  std::unique_ptr<Kept> kept = Take(rulebook);
  absl::Status status = work(kept->evaluator);
  GiveBack(std::move(kept));
  return status;
}

std::unique_ptr<Evaluators::Kept> Evaluators::Take(
    const std::shared_ptr<const Rulebook>& rulebook) {
  std::vector<std::unique_ptr<Kept>> outdated;  // destroyed without the lock
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty() && idle_.back()->rulebook == rulebook) {
      std::unique_ptr<Kept> kept = std::move(idle_.back());
      idle_.pop_back();
      return kept;
    }
    outdated.swap(idle_);
  }
  return std::make_unique<Kept>(rulebook);
}

void Evaluators::GiveBack(std::unique_ptr<Kept> kept) {
  absl::MutexLock lock(&mutex_);
  if (idle_.empty() || idle_.back()->rulebook == kept->rulebook) idle_.push_back(std::move(kept));
}

}  // namespace shouwang::query
