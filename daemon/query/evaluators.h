// Evaluators kept from call to call: making one compiles every rule of every policy, which takes
// longer than most answers.
//
// Threads: any. At most as many are kept as were ever in use at once, all of them of one rulebook.
#pragma once

#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "daemon/risk/evaluator.h"
#include "daemon/rulebook/rulebook.h"

namespace shouwang::query {

class Evaluators {
 public:
  // Runs `work` with an evaluator of `rulebook`, which nobody else uses meanwhile.
  absl::Status With(const std::shared_ptr<const Rulebook>& rulebook,
                    absl::FunctionRef<absl::Status(risk::Evaluator&)> work)
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Kept {
    explicit Kept(std::shared_ptr<const Rulebook> r)
        : rulebook(std::move(r)), evaluator(rulebook->policies, rulebook->reg.catalogue) {}
    const std::shared_ptr<const Rulebook> rulebook;  // outlives the evaluator
    risk::Evaluator evaluator;
  };

  std::unique_ptr<Kept> Take(const std::shared_ptr<const Rulebook>& rulebook);
  void GiveBack(std::unique_ptr<Kept> kept);

  absl::Mutex mutex_;
  std::vector<std::unique_ptr<Kept>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace shouwang::query
